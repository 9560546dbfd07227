package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Delivery.GapReason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A log that keeps the last two events of each topic, and a lane that comes too late for more. */
class LogGapTest extends HubTest {
  private final AtomicInteger asked = new AtomicInteger();
  private volatile UnaryOperator<Future<Boolean>> answering = UnaryOperator.identity();

  @Override
  protected MemoryLogOptions logOptions() {
    return new MemoryLogOptions().eventsPerTopic(2);
  }

  @Override
  protected EventHub.Builder settings() {
    return super.settings()
        .log(
            new PassedOnLog(log) {
              @Override
              public Future<Boolean> hasLost(TenantId tenant, TopicPattern topics, Position after) {
                asked.incrementAndGet();
                return answering.apply(super.hasLost(tenant, topics, after));
              }
            });
  }

  private Reader reader(String topics) {
    return Reader.of(hub, Callers.of(ACME, "ann"), topics);
  }

  /** Five of one topic, of which the log keeps two, and one each before and behind of another. */
  private void publishTooFast() {
    CountDownLatch over = new CountDownLatch(1);
    hub.state().lane(ACME).execute(() -> await(over));
    publish(ACME, "b.x", "b0");
    for (int i = 0; i < 5; i++) {
      publish(ACME, "a.x", "a" + i);
    }
    publish(ACME, "b.x", "b1");
    over.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void gap_ofATopic_isMarkedForThoseAloneWhoAskedForIt() {
    Reader a = reader("a.x");
    Reader b = reader("b.x");
    Reader others = reader("b.*");
    Reader all = reader(">");

    publishTooFast();

    a.awaitCount(3);
    b.awaitCount(2);
    others.awaitCount(2);
    all.awaitCount(5);
    settle(ACME);
    assertThat(a.ids()).containsExactly("gap", "a3", "a4");
    assertThat(a.gaps()).extracting(Delivery.Gap::reason).containsExactly(GapReason.LOG);
    assertThat(b.ids()).containsExactly("b0", "b1");
    assertThat(others.ids()).containsExactly("b0", "b1");
    assertThat(all.ids()).containsExactly("gap", "b0", "a3", "a4", "b1");
  }

  @Test
  void gap_ofWhichTheLogTellsLater_isMarkedBeforeWhatFollowsAlsoForThoseWhoCameMeanwhile() {
    Promise<Void> late = Promise.promise();
    answering = answer -> late.future().compose(go -> answer);
    Reader a = reader("a.x");
    Reader b = reader("b.x");
    publishTooFast();
    Await.until("both are asked for", () -> asked.get() == 2);
    Reader meanwhile = reader("c.x");
    publish(ACME, "b.x", "b2");
    settle();
    assertThat(a.got).isEmpty();
    assertThat(b.got).isEmpty();

    late.complete();

    a.awaitCount(3);
    b.awaitCount(3);
    meanwhile.awaitCount(1);
    assertThat(a.ids()).containsExactly("gap", "a3", "a4");
    assertThat(b.ids()).containsExactly("b0", "b1", "b2");
    assertThat(meanwhile.ids()).containsExactly("gap");
  }

  // All that the lane was given: that it has matched everything cannot be waited for here.
  private void settle() {
    CountDownLatch done = new CountDownLatch(1);
    hub.state().lane(ACME).execute(done::countDown);
    await(done);
  }

  @Test
  void gap_ofWhichTheLogCannotTell_isMarkedForAll() {
    answering = answer -> Future.failedFuture("away");
    Reader a = reader("a.x");
    Reader b = reader("b.x");
    publishTooFast();
    a.awaitCount(3);
    b.awaitCount(3);
    answering =
        answer -> {
          throw new NoClassDefFoundError("of a log");
        };
    publishTooFast();

    a.awaitCount(6);
    b.awaitCount(6);
    assertThat(a.ids()).containsExactly("gap", "a3", "a4", "gap", "a3", "a4");
    assertThat(b.ids()).containsExactly("gap", "b0", "b1", "gap", "b0", "b1");
  }

  @Test
  void gap_ofMorePatternsThanTheLogIsAskedFor_isMarkedForAll() {
    EventConnection connection = Reader.connect(hub, Callers.of(ACME, "ann"));
    for (int i = 0; i < 64; i++) {
      Reader.open(connection, SubscriptionRequest.of("c.t" + i));
    }
    Reader b = reader("b.x");

    publishTooFast();

    b.awaitCount(3);
    assertThat(b.ids()).containsExactly("gap", "b0", "b1");
    assertThat(asked).hasValue(0);
  }
}
