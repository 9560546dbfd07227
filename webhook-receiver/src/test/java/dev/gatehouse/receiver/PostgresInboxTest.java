package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.gatehouse.receiver.Inbox.Ending;
import dev.gatehouse.testkit.TcpProxy;
import io.vertx.core.Future;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresInboxTest extends InboxContract {
  private final PostgresAddress address = PostgresServer.withSimulatedClock();
  private SqlInbox other;

  @Override
  SqlInbox open(Vault vault) {
    PostgresServer.setClock(address, clock.instant());
    return open(address, vault);
  }

  private SqlInbox open(PostgresAddress at, Vault vault) {
    return SqlInbox.postgres(vertx, at, vault, InboxWriter.Limits.DEFAULT, clock);
  }

  @Override
  void advance(Duration by) {
    clock.advance(by);
    PostgresServer.setClock(address, clock.instant());
  }

  @Override
  void tamper(String sql) {
    PostgresServer.execute(
        "SET search_path = " + address.schema(), sql, "SET search_path = DEFAULT");
  }

  @Override
  void takeBackTheForm() {
    tamper("DROP TABLE claim_form");
    tamper("DELETE FROM schema_history WHERE version = '2'");
  }

  @BeforeEach
  void openOther() {
    other = open(address, Vault.open());
  }

  @AfterEach
  void closeOther() {
    await(other.close());
  }

  private List<Leased> leaseOther(int limit) {
    Instant now = clock.instant();
    return await(other.lease("hook", now, now.plusSeconds(60), limit)).deliveries();
  }

  @Test
  void duplicates_atTwoReceiversAtOnce_areStoredOnceAndKnowTheFirst() {
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      String id = "d" + i % 50;
      all.add((i % 2 == 0 ? inbox : other).store(incoming(id, id, true)));
    }
    await(Future.join(all));

    List<Stored> answers = all.stream().map(Future::result).toList();
    assertThat(answers).filteredOn(s -> s instanceof Stored.Fresh).hasSize(50);
    assertThat(answers.stream().map(PostgresInboxTest::idOf).distinct()).hasSize(50);
  }

  @Test
  void receiver_thatOpenedAnEmptyInboxBeforeClaimsHadAnotherForm_sharesItWithANewOne() {
    tamper("UPDATE claim_form SET led = false");
    SqlInbox before = open(address, Vault.open());
    takeBackTheForm();
    SqlInbox since = open(address, Vault.open());
    try {
      Stored first = await(before.store(incoming("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "x", true)));

      assertThat(await(since.store(incoming("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "x", true))))
          .isEqualTo(new Stored.Duplicate(idOf(first)));
    } finally {
      await(before.close());
      await(since.close());
    }
  }

  private static long idOf(Stored stored) {
    return stored instanceof Stored.Fresh fresh ? fresh.id() : ((Stored.Duplicate) stored).id();
  }

  @Test
  void lease_ofTwoReceiversAtOnce_takesEachDeliveryOnce() {
    for (int i = 0; i < 100; i++) {
      stored("d" + i);
    }
    Instant now = clock.instant();
    List<Future<Inbox.Lease>> leases = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      leases.add((i % 2 == 0 ? inbox : other).lease("hook", now, now.plusSeconds(60), 15));
    }
    await(Future.join(leases));

    assertThat(leases.stream().flatMap(l -> l.result().deliveries().stream()).map(Leased::id))
        .hasSize(100)
        .doesNotHaveDuplicates();
  }

  @Test
  void lease_ofADeadReceiver_isTakenOverWhenItEndsAndTheLateOneIsFencedOff() {
    long id = stored("a");
    Leased dead = lease(1).get(0);
    assertThat(leaseOther(1)).isEmpty();
    advance(Duration.ofSeconds(61));
    Leased successor = leaseOther(1).get(0);

    assertThat(await(inbox.end(id, dead.fence(), new Ending.Done(NOW, 200)))).isFalse();
    assertThat(await(other.end(id, successor.fence(), new Ending.Done(NOW, 200)))).isTrue();
  }

  @Test
  void lease_byAReceiverWhoseClockIsWrong_lastsByTheServersClock() {
    stored("a");
    Instant wrong = clock.instant().minus(Duration.ofHours(5));
    assertThat(await(inbox.lease("hook", wrong, wrong.plusSeconds(60), 1)).deliveries()).hasSize(1);
    advance(Duration.ofSeconds(59));
    assertThat(leaseOther(1)).isEmpty();
    advance(Duration.ofSeconds(2));
    assertThat(leaseOther(1)).hasSize(1);
  }

  @Test
  void order_ofAKey_isKeptOverTwoReceivers() {
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add((i % 2 == 0 ? inbox : other).store(incoming("d" + i, "x", true, "k" + i % 3)));
    }
    await(Future.join(all));
    int left = 100;
    while (left > 0) {
      List<Leased> here = lease(10);
      List<Leased> there = leaseOther(10);
      assertThat(here.size() + there.size()).isBetween(1, 3);
      left -= here.size() + there.size();
      here.forEach(l -> inbox.end(l.id(), l.fence(), new Ending.Done(NOW, 200)));
      for (Leased l : there) {
        await(other.end(l.id(), l.fence(), new Ending.Done(NOW, 200)));
      }
    }
    assertThat(left).isZero();
  }

  @Test
  void delivery_storedByOneReceiver_wakesTheOther() throws Exception {
    BlockingQueue<String> woken = new LinkedBlockingQueue<>();
    other.onDue(woken::add);
    stored("a");

    assertThat(woken.poll(60, TimeUnit.SECONDS)).isEqualTo("hook");
  }

  @Test
  void connections_thatAreLost_areOpenedAnewWithoutAHand() {
    stored("before");
    PostgresServer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
            + " 'gatehouse'");
    Awaited.until(
        "stored again",
        () ->
            inbox
                .store(incoming("after", "x", true))
                .transform(done -> Future.succeededFuture(done.succeeded()))
                .await());
    Awaited.until("ready again", () -> await(inbox.probe()));

    assertThat(await(inbox.list(new Inbox.Query("hook", null, 0, 10))))
        .extracting(Delivery::senderId)
        .containsExactlyInAnyOrder("before", "after");
  }

  @Test
  void store_whileABatchIsWrittenOneByOne_comesAfterAllOfIt() {
    CompletableFuture<Boolean> gathered = new CompletableFuture<>();
    CompletableFuture<Stored> overtaken = new CompletableFuture<>();
    AtomicInteger tries = new AtomicInteger();
    inbox.writer().submitOwn(statements -> gathered.join());
    Future<Stored> first = inbox.store(incoming("first", "x", true, "key"));
    Future<Boolean> refused =
        inbox
            .writer()
            .submitOwn(
                statements -> {
                  if (tries.incrementAndGet() == 2) {
                    inbox.store(incoming("last", "x", true, "key")).onSuccess(overtaken::complete);
                    overtaken.completeOnTimeout(null, 1, TimeUnit.SECONDS).join();
                  }
                  throw new IllegalStateException("refused");
                });
    Future<Stored> second = inbox.store(incoming("second", "x", true, "key"));
    gathered.complete(true);
    await(Future.join(first, second, refused).otherwiseEmpty());

    Stored last = await(inbox.store(incoming("last", "x", true, "key")));
    assertThat(List.of(idOf(first.result()), idOf(second.result()), idOf(last))).isSorted();
  }

  @Test
  void connections_thatAreLostTogether_costOneDelivery() {
    stored("before");
    PostgresServer.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name ="
            + " 'gatehouse'");
    List<Boolean> succeeded = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Future<Stored> stored = inbox.store(incoming("after " + i, "x", true));
      succeeded.add(await(stored.transform(done -> Future.succeededFuture(done.succeeded()))));
    }

    assertThat(succeeded).containsExactly(false, true, true, true, true);
  }

  @Test
  void delivery_withTextsThatTheDatabaseDoesNotTake_isStoredAndSoAreItsNeighbours() {
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(inbox.store(incoming(i == 7 ? "nul\0and\uD800half" : "d" + i, "x", true)));
    }
    await(Future.join(all));

    assertThat(await(inbox.list(new Inbox.Query("hook", null, 0, 100)))).hasSize(20);
  }

  @Test
  void shrink_whereRowsGo_takesNoMoreOfThemThanItMust() {
    int rows = 3_000;
    ReceiverConfig.Quarantine bounds =
        new ReceiverConfig.Quarantine(List.of(), rows, Integer.MAX_VALUE);
    List<Future<Void>> kept = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      kept.add(inbox.quarantine(incoming("q" + i, "x".repeat(1_300), false), bounds));
      if (kept.size() % 500 == 0) {
        await(Future.join(kept)); // no more at once than there is room for
      }
    }
    await(Future.join(kept));
    advance(DAY.multipliedBy(2));

    long after = 0;
    do {
      after = await(inbox.shrink(rows / 2 * 2_000L, after, 50));
    } while (after != 0);

    assertThat(await(inbox.list(new Inbox.Query(null, null, 0, rows))))
        .hasSizeBetween(rows / 2 - 50, rows / 2);
  }

  @Test
  void size_ofATableThatIsSampled_isAboutWhatItsRowsTake() throws Exception {
    int rows = 50_000;
    tamper(
        "INSERT INTO deliveries (id, fingerprint, dedupe_until, state, attempts, fence,"
            + " received_at, size, source, scheme, method, body) SELECT i, '', 0, 5, 0, 0, 0, 300 +"
            + " i % 1000, 'hook', 's', 'POST', convert_to(repeat('x', 300 + i % 1000), 'UTF8')"
            + " FROM generate_series(1, "
            + rows
            + ") AS i");
    PostgresDatabase database = PostgresDatabase.open(address, Vault.open());
    try {
      long bytes =
          database.read(
              connection ->
                  new InboxQueries(connection, Vault.open(), database.sizeQuery()).bytes());

      assertThat(bytes).isCloseTo(rows * (700L + 799), withinPercentage(5));
    } finally {
      database.close();
    }
  }

  @Test
  void store_whileACommitWaitsForTheDisk_isWrittenOnTheOtherConnection() {
    waitForStandby("nobody");
    try {
      Future<Stored> first = inbox.store(incoming("a", "x", false));
      Awaited.until("its commit waits", () -> PostgresServer.text(COMMITTING).strip().equals("1"));
      Future<Stored> second = inbox.store(incoming("b", "x", false));
      Awaited.until("both wait", () -> PostgresServer.text(COMMITTING).strip().equals("2"));
      assertThat(first.isComplete()).as("not before it is on the disk").isFalse();
      assertThat(second.isComplete()).isFalse();
      waitForStandby("");

      assertThat(idOf(await(second))).isGreaterThan(idOf(await(first)));
    } finally {
      waitForStandby("");
    }
  }

  private static final String COMMITTING =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gatehouse' AND wait_event ="
          + " 'SyncRep'";

  /** Commits wait until that standby has them, too. */
  private static void waitForStandby(String name) {
    PostgresServer.execute(
        "ALTER SYSTEM SET synchronous_standby_names = '" + name + "'", "SELECT pg_reload_conf()");
  }

  @Test
  void ids_givenOnTwoConnections_ascendInTheOrderInWhichTheyAreGiven() throws Exception {
    PostgresDatabase database = PostgresDatabase.open(address, Vault.open());
    try (Connection one = database.openWriter();
        Connection another = database.openWriter();
        Dialect first = database.dialect(one);
        Dialect second = database.dialect(another)) {
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        ids.add((i % 3 == 0 ? first : second).newId(NOW.toEpochMilli()));
      }

      assertThat(ids).isSorted().doesNotHaveDuplicates();
    } finally {
      database.close();
    }
  }

  @Test
  void orderKeys_manyInOneBatch_shareABoundedNumberOfLocks() throws Exception {
    PostgresDatabase database = PostgresDatabase.open(address, Vault.open());
    try (Connection connection = database.openWriter();
        InboxStatements statements =
            new InboxStatements(connection, database.dialect(connection), Vault.open())) {
      List<Incoming> batch = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        batch.add(incoming("d" + i, "x", true, "key" + i));
      }
      statements.begin();
      List<Stored> stored = statements.store(batch);
      statements.lockOrderOf(stored.stream().map(PostgresInboxTest::idOf).toList());

      int held = Integer.parseInt(PostgresServer.text(ORDER_LOCKS).strip());
      connection.rollback();
      assertThat(held).isBetween(200, PostgresDialect.MAX_ORDER_LOCKS);
    } finally {
      database.close();
    }
  }

  private static final String ORDER_LOCKS =
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = "
          + PostgresDialect.ORDER_LOCKS;

  @Test
  void lock_heldLongerThanAStatementWaits_isTriedAgain() throws Exception {
    PostgresDatabase database = PostgresDatabase.open(address, Vault.open());
    try (Connection connection = database.openWriter();
        InboxStatements holder =
            new InboxStatements(connection, database.dialect(connection), Vault.open())) {
      holder.begin();
      holder.store(List.of(incoming("held", "x", true, "k")));
      Future<Stored> waiting = inbox.store(incoming("waiting", "y", true, "k"));
      Awaited.until("it waits", () -> !PostgresServer.text(WAITER).isBlank());
      String first = PostgresServer.text(WAITER);

      Awaited.until(
          "it gave up once and waits again",
          () -> {
            String now = PostgresServer.text(WAITER);
            return waiting.isComplete() || !(now.isBlank() || now.equals(first));
          });
      connection.commit();

      assertThat(await(waiting)).isInstanceOf(Stored.Fresh.class);
      assertThat(inbox.isHealthy()).isTrue();
    } finally {
      database.close();
    }
  }

  private static final String WAITER =
      "SELECT xact_start FROM pg_stat_activity WHERE application_name = 'gatehouse' AND"
          + " wait_event_type = 'Lock' AND wait_event = 'advisory'";

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void listener_whoseListenerThrows_goesOnHearing(boolean error) throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    AtomicInteger calls = new AtomicInteger();
    PostgresDatabase database = PostgresDatabase.open(address, Vault.open());
    PostgresWakeups wakeups =
        PostgresWakeups.start(
            database,
            source -> {
              if (calls.incrementAndGet() == 1) {
                if (error) {
                  throw new OutOfMemoryError("for once");
                }
                throw new IllegalStateException("closing");
              }
              heard.add(source);
            },
            Set::of);
    try {
      PostgresServer.execute("SELECT pg_notify('gatehouse_due', 'first')");
      Awaited.until("it threw", () -> calls.get() > 0);
      Awaited.until(
          "it hears again",
          () -> {
            PostgresServer.execute("SELECT pg_notify('gatehouse_due', 'second')");
            return heard.contains("second");
          });
    } finally {
      wakeups.end();
      database.close();
    }
  }

  @Test
  void listener_onAConnectionThatDiedWithoutAWord_takesANewOne() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Matcher place = Pattern.compile("(//[^:/]+:)(\\d+)").matcher(address.url());
    assertThat(place.find()).isTrue();
    try (TcpProxy network = TcpProxy.to(Integer.parseInt(place.group(2)))) {
      String url = place.replaceFirst("//127.0.0.1:" + network.port());
      PostgresDatabase database =
          PostgresDatabase.open(
              new PostgresAddress(url, address.user(), address.password()), Vault.open());
      PostgresWakeups wakeups =
          PostgresWakeups.start(
              database, heard::add, Set::of, new PostgresWakeups.Patience(300, 5_000));
      try {
        network.freeze();
        Awaited.until(
            "it hears on a new connection",
            () -> {
              PostgresServer.execute("SELECT pg_notify('gatehouse_due', 'hook')");
              return heard.contains("hook");
            });
      } finally {
        wakeups.end();
        database.close();
      }
    }
  }

  @Test
  void server_thatIsNotThere_isRefusedWithTheSetting() {
    PostgresAddress nobody =
        new PostgresAddress("jdbc:postgresql://127.0.0.1:1/hooks", "me", Optional.empty());

    assertThatThrownBy(() -> open(nobody, Vault.open()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("store.url")
        .hasMessageContaining("cannot be reached: check the URL");
  }
}
