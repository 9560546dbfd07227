package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stores goes on with the connections that it has, and takes up again those that it lost. */
class LostConnectionTest {
  private static final AtomicInteger ROLES = new AtomicInteger();

  private final Vertx vertx = Vertx.vertx();
  private final String role = "storing" + ROLES.incrementAndGet();
  private final AtomicInteger openings = new AtomicInteger();
  private final CountDownLatch opens = new CountDownLatch(1);
  private volatile boolean isSlowToOpen;
  private PostgresDatabase database;
  private InboxWriter writer;

  @BeforeEach
  void open() {
    PostgresAddress admin = PostgresServer.newSchema();
    // no superuser: those are above the limit of their role
    PostgresServer.execute(
        "CREATE ROLE " + role + " LOGIN", "GRANT CREATE ON DATABASE postgres TO " + role);
    database =
        PostgresDatabase.open(
            new PostgresAddress(admin.url(), role, admin.password()), Vault.open());
    InboxDatabase slow =
        (InboxDatabase)
            Proxy.newProxyInstance(
                InboxDatabase.class.getClassLoader(),
                new Class<?>[] {InboxDatabase.class},
                (proxy, method, arguments) -> call(method, arguments));
    writer = new InboxWriter(vertx, slow, Vault.open(), InboxWriter.Limits.DEFAULT, 2);
    writer.start();
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("openWriter") && openings.incrementAndGet() > 2 && isSlowToOpen) {
      try {
        opens.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted while it opens", e);
      }
    }
    try {
      return method.invoke(database, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @AfterEach
  void close() {
    opens.countDown();
    Awaited.get(writer.close());
    database.close();
    Awaited.get(vertx.close());
  }

  private void limit(int connections) {
    PostgresServer.execute("ALTER ROLE " + role + " CONNECTION LIMIT " + connections);
  }

  /** Ends so many of the connections. */
  private void kill(int connections) {
    PostgresServer.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM (SELECT pid FROM pg_stat_activity WHERE"
            + " usename = '"
            + role
            + "' LIMIT "
            + connections
            + ") AS chosen");
  }

  private int connections() {
    String count = "SELECT count(*) FROM pg_stat_activity WHERE usename = '" + role + "'";
    return Integer.parseInt(PostgresServer.text(count).strip());
  }

  private static Incoming incoming(int number) {
    Instant now = InstantSource.system().instant();
    return PlainDelivery.of("d" + number, now, Duration.ofHours(1), true);
  }

  /** Stores so many, one after the other; whether each was stored. */
  private List<Boolean> store(int from, int count) {
    List<Boolean> stored = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      stored.add(succeeds(writer.submit(incoming(i))));
    }
    return stored;
  }

  private static boolean succeeds(Future<?> future) {
    Future<Boolean> end = future.transform(done -> Future.succeededFuture(done.succeeded()));
    return Awaited.get(end);
  }

  @Test
  void connection_thatCannotBeHadAgain_leavesTheOtherToStore() {
    limit(1);
    kill(1);
    List<Boolean> stored = store(0, 40);

    assertThat(stored).filteredOn(done -> !done).as("of what it was writing").hasSizeLessThan(2);
    assertThat(writer.isHealthy()).isTrue();
    assertThat(connections()).isEqualTo(1);

    limit(2);
    Awaited.until("both are back", () -> connections() == 2);
    assertThat(store(40, 10)).containsOnly(true);
  }

  @Test
  void connection_thatTakesLongToBeHadAgain_holdsUpNothing() {
    isSlowToOpen = true;
    kill(1);
    List<Boolean> stored = store(0, 10);
    Awaited.until("it is being opened", () -> openings.get() > 2);
    stored.addAll(store(10, 10));

    assertThat(stored).filteredOn(done -> !done).hasSizeLessThan(2);
    assertThat(writer.isHealthy()).isTrue();
    opens.countDown();
    Awaited.until("both are back", () -> connections() == 2);
  }

  @Test
  void connections_ofWhichNoneCanBeHad_answerAtOnceUntilOneIsBack() {
    limit(0);
    kill(2);
    assertThat(store(0, 3)).containsOnly(false);
    assertThat(writer.isHealthy()).isFalse();
    isSlowToOpen = true;
    int begun = openings.get();
    Awaited.until("it is tried again", () -> openings.get() > begun);
    assertThat(store(3, 3)).as("while it is tried").containsOnly(false);
    assertThat(writer.queued()).isZero();

    limit(2);
    opens.countDown();
    Awaited.until("both are back", () -> connections() == 2);
    Awaited.until("stored again", () -> store(6, 1).get(0));
    assertThat(writer.isHealthy()).isTrue();
  }

  @Test
  void work_refusedOneAfterTheOther_doesNotPileUp() {
    limit(0);
    kill(2);
    Awaited.until("none is left", () -> !store(0, 1).get(0) && !writer.isHealthy());
    CompletableFuture<Integer> refused = new CompletableFuture<>();

    vertx.runOnContext(here -> again(20_000, refused));

    assertThat(Awaited.get(Future.fromCompletionStage(refused))).isZero();
  }

  private void again(int left, CompletableFuture<Integer> refused) {
    if (left == 0) {
      refused.complete(0);
      return;
    }
    writer
        .submitOwn(InboxStatements::tryToWrite)
        .onFailure(
            failure -> {
              try {
                again(left - 1, refused);
              } catch (StackOverflowError e) {
                refused.completeExceptionally(e);
              }
            });
  }

  @Test
  void deliveries_whileConnectionsComeAndGo_areAnsweredOnceAndKeepTheirOrder() {
    List<Future<Stored>> all = new ArrayList<>();
    for (int round = 0; round < 30; round++) {
      for (int i = 0; i < 50; i++) {
        all.add(writer.submit(incoming(all.size())));
      }
      if (round % 3 == 0) {
        limit(round % 2);
        kill(1 + round % 2);
      } else if (round % 3 == 2) {
        limit(2);
      }
    }
    limit(2);
    succeeds(Future.join(all));
    Awaited.until("nothing is under way", () -> writer.queued() == 0);
    Awaited.until("stored again", () -> store(all.size(), 1).get(0));

    List<Long> ids =
        all.stream()
            .filter(Future::succeeded)
            .map(stored -> ((Stored.Fresh) stored.result()).id())
            .toList();
    assertThat(ids).isNotEmpty().isSorted().doesNotHaveDuplicates();
    assertThat(writer.queued()).isZero();
  }

  @Test
  void close_whileOneIsAway_writesWhatWaits() {
    limit(1);
    kill(1);
    store(0, 10);
    CompletableFuture<Boolean> goesOn = new CompletableFuture<>();
    Future<Boolean> busy = writer.submitOwn(statements -> goesOn.join());
    List<Future<Stored>> waiting = new ArrayList<>();
    for (int i = 10; i < 60; i++) {
      waiting.add(writer.submit(incoming(i)));
    }
    Future<Void> closed = writer.close();
    goesOn.complete(true);

    Awaited.get(closed);
    assertThat(Awaited.get(busy)).isTrue();
    assertThat(succeeds(Future.all(waiting))).isTrue();
    assertThat(connections()).isZero();
  }

  @Test
  void close_whileAllAreBeingOpened_endsAtOnceAndRefusesWhatWaits() throws Exception {
    isSlowToOpen = true;
    kill(2);
    assertThat(store(0, 1)).containsOnly(false);
    Awaited.until("they are being opened", () -> openings.get() == 4);
    Future<Stored> waiting = writer.submit(incoming(1));

    writer.close().await(20, TimeUnit.SECONDS);
    assertThat(succeeds(waiting)).isFalse();
    assertThat(connections()).isZero();
  }
}
