package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.receiver.ReceiverConfig.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What retention no longer allows goes as fast as it comes. */
class SweeperTest {
  private static final int ROWS = 60_000;
  private static final int AT_A_TIME = 6_000;
  private static final Store STORE =
      ConfigReader.create()
          .read(
              "store: { retention: 1h }\nsources: { a: { scheme: github, owner: me, secrets: [{ value: xyzzy }] } }",
              Path.of("."))
          .store();

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final ManualClock clock = new ManualClock(Instant.parse("2026-11-24T10:00:00Z"));
  private SqlInbox inbox;

  @BeforeEach
  void open() {
    inbox =
        SqlInbox.sqlite(
            vertx, folder.resolve("inbox.db"), Vault.open(), InboxWriter.Limits.DEFAULT, clock);
  }

  @AfterEach
  void close() {
    Awaited.get(inbox.close());
    Awaited.get(vertx.close());
  }

  @Test
  void rows_manyThatRetentionNoLongerAllows_areRemovedFasterThanTheyCanCome() {
    long begun = System.nanoTime();
    for (int stored = 0; stored < ROWS; stored += AT_A_TIME) {
      store(stored);
    }
    Duration stored = Duration.ofNanos(System.nanoTime() - begun);
    clock.advance(Duration.ofDays(2));
    AtomicLong nanos = new AtomicLong();
    Sweeper sweeper = new Sweeper(vertx, timed(nanos), STORE, clock, 1);
    begun = System.nanoTime();

    sweeper.begin();
    Awaited.within(300, "all are gone", this::isEmpty);
    Duration swept = Duration.ofNanos(System.nanoTime() - begun);
    sweeper.end();

    // It pauses for as long as it works, however slow the store is at that moment. Pauses that do
    // not depend on the work take 24 s for these.
    Duration worked = Duration.ofNanos(nanos.get());
    assertThat(worked).isLessThan(stored.multipliedBy(2).plusSeconds(15));
    assertThat(swept.minus(worked)).isLessThan(worked.plusSeconds(15));
  }

  /** The inbox; adds up how long its work takes. */
  private Inbox timed(AtomicLong nanos) {
    return (Inbox)
        Proxy.newProxyInstance(
            Inbox.class.getClassLoader(),
            new Class<?>[] {Inbox.class},
            (proxy, method, arguments) -> {
              long asked = System.nanoTime();
              Object answer = method.invoke(inbox, arguments);
              if (answer instanceof Future<?> work) {
                work.onComplete(done -> nanos.addAndGet(System.nanoTime() - asked));
              }
              return answer;
            });
  }

  private boolean isEmpty() {
    return Awaited.get(inbox.list(new Inbox.Query(null, null, 0, 1))).isEmpty();
  }

  private void store(int from) {
    List<Future<Stored>> all = new ArrayList<>();
    for (int i = from; i < from + AT_A_TIME; i++) {
      all.add(inbox.store(incoming("d" + i)));
    }
    Awaited.get(Future.join(all));
  }

  private Incoming incoming(String id) {
    return PlainDelivery.of(id, clock.instant(), Duration.ofMinutes(1), false);
  }
}
