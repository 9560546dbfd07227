package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static dev.gatehouse.events.Callers.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.KillSwitch;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One lane for all tenants, whose work takes long. */
class LaneTest extends HubTest {
  private static final int MANY = 100;

  private final Slow slow = new Slow();

  /** A clock on which each look takes a while, once it is told so, and which counts them. */
  private final class Slow implements InstantSource {
    private final AtomicInteger looks = new AtomicInteger();
    private volatile int announceAt = -1;

    @Override
    public Instant instant() {
      if (announceAt > 0) {
        spin(100);
        if (looks.incrementAndGet() == announceAt) {
          log.append(Event.builder("a").tenant(GLOBEX).build());
        }
      }
      return clock.instant();
    }
  }

  @Override
  protected EventHub.Builder settings() {
    return super.settings().lanes(1).clock(slow);
  }

  private static void spin(long micros) {
    long end = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(micros);
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void catchUp_ofManyConnections_letsOtherTenantsEventsPass() {
    AtomicInteger seenAt = new AtomicInteger();
    policy.see =
        (principal, event) -> {
          seenAt.set(slow.looks.get());
          return Decision.allow();
        };
    Reader globex = Reader.of(hub, Callers.of(GLOBEX, "gus"), ">");
    for (int i = 0; i < MANY; i++) {
      Reader.connect(hub, Callers.until(ACME, "u" + i, clock.instant().plus(Duration.ofHours(1))));
    }
    settle(ACME);
    slow.announceAt = 10;

    killSwitch.engage(KillSwitch.Kind.OPERATION, "b", "test");

    globex.awaitCount(1);
    assertThat(seenAt.get()).isLessThan(MANY);
  }

  @Test
  void tasks_thatTakeLong_letTheLoopsOtherWorkPass() {
    AtomicInteger done = new AtomicInteger();
    Promise<Integer> passed = Promise.promise();
    Lane lane = hub.state().lane(ACME);
    lane.execute(
        () -> {
          for (int i = 0; i < 40; i++) {
            lane.execute(
                () -> {
                  spin(500);
                  done.incrementAndGet();
                });
          }
          Objects.requireNonNull(Vertx.currentContext())
              .runOnContext(go -> passed.complete(done.get()));
        });

    assertThat(Await.get(passed.future())).isLessThan(40);
  }
}
