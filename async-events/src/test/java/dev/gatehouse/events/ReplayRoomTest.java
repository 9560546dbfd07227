package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Replays that have more to give than the subscriber's queue has room for. */
class ReplayRoomTest extends HubTest {
  private static final Principal ANN = Callers.of(ACME, "ann");
  private static final int BYTES = 10_000;

  private final AtomicInteger reads = new AtomicInteger();
  private volatile boolean generous;

  /** Counts bytes in its own way, if told so: gives as many as there are. */
  private final class Generous extends PassedOnLog {
    private Generous() {
      super(log);
    }

    @Override
    public Future<LogPage> read(
        TenantId tenant, TopicPattern topics, Position after, int most, long bytes) {
      reads.incrementAndGet();
      return log.read(tenant, topics, after, most, generous ? Long.MAX_VALUE : bytes);
    }
  }

  @Override
  protected EventHub.Builder settings() {
    return super.settings().log(new Generous());
  }

  @Override
  protected EventLimits.Builder limits() {
    return EventLimits.builder().queue(16, BYTES).eventBytes(BYTES);
  }

  private String start(String topics) {
    Reader reader = Reader.idle(hub, ANN, SubscriptionRequest.of(topics));
    reader.connection.close();
    return reader.subscription.startCursor();
  }

  // As another node does, whose events may be larger.
  private void append(String id, int bytes) {
    EventData data = EventData.of("text/plain", Buffer.buffer(new byte[bytes]));
    Await.get(log.append(Event.builder("a").tenant(ACME).id(id).data(data).build()));
  }

  /** One whose queue is as full as the replay makes it. */
  private Reader waiting(String topics, String cursor) {
    Reader reader = Reader.idle(hub, ANN, SubscriptionRequest.of(topics).from(cursor));
    settle(ACME);
    return reader;
  }

  private static String[] ids(int count) {
    return IntStream.range(0, count).mapToObj(i -> "e" + i).toArray(String[]::new);
  }

  @Test
  void replay_fromALogThatGivesMoreBytesThanItWasAskedFor_losesAndRepeatsNothing() {
    generous = true;
    String cursor = start(">");
    for (int i = 0; i < 40; i++) {
      append("e" + i, 1_500);
    }
    Reader reader = waiting(">", cursor);
    assertThat(reader.subscription.queued()).isBetween(1, BYTES / 1_500);

    for (int i = 0; i < 40; i++) {
      reader.subscription.request(1);
    }

    reader.awaitCount(40);
    publish(ACME, "a", "e40");
    reader.subscription.request(10);
    reader.awaitCount(41);
    assertThat(reader.ids()).containsExactly(ids(41));
  }

  @Test
  void replay_ofAnEventThatDoesNotFitBesideThoseThatWait_waitsWithoutReadingAgain() {
    String cursor = start(">");
    append("e0", 3_000);
    append("e1", 8_000);
    append("e2", 3_000);
    Reader reader = waiting(">", cursor);
    assertThat(reader.subscription.queued()).isEqualTo(1);
    int before = reads.get();
    settle(ACME);
    assertThat(reads).hasValue(before);

    reader.subscription.request(Long.MAX_VALUE);

    reader.awaitCount(3);
    assertThat(reader.ids()).containsExactly(ids(3));
  }

  @Test
  void replay_ofAnEventLargerThanAllThatMayWait_givesItAlone() {
    String cursor = start(">");
    append("e0", 1_000);
    append("e1", 5 * BYTES);
    append("e2", 1_000);
    Reader reader = waiting(">", cursor);
    assertThat(reader.subscription.queued()).isEqualTo(1);

    reader.subscription.request(1);
    reader.awaitCount(1);
    Await.until("the large one waits", () -> reader.subscription.queued() == 1);
    reader.subscription.request(Long.MAX_VALUE);

    reader.awaitCount(3);
    assertThat(reader.ids()).containsExactly(ids(3));
  }

  @Test
  void replay_whoseWaitingEventsAKillSwitchThrowsOut_goesOn() {
    String cursor = start("orders.*");
    for (int i = 0; i < 40; i++) {
      publish(ACME, "orders.paid", "paid" + i);
    }
    for (int i = 0; i < 5; i++) {
      publish(ACME, "orders.sent", "e" + i);
    }
    Reader reader = waiting("orders.*", cursor);
    assertThat(reader.subscription.queued()).isEqualTo(16);

    killSwitch.engage(KillSwitch.Kind.OPERATION, "orders.paid", "test");
    reader.subscription.request(Long.MAX_VALUE);

    reader.awaitCount(5);
    publish(ACME, "orders.sent", "e5");
    reader.awaitCount(6);
    assertThat(reader.ids()).containsExactly(ids(6));
  }
}
