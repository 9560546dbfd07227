package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static dev.gatehouse.events.Callers.GLOBEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A log that answers late, or not at all for a while. */
class FaultyLogTest extends HubTest {
  private final AtomicBoolean away = new AtomicBoolean();
  private final AtomicInteger reads = new AtomicInteger();
  private final Promise<Void> opened = Promise.promise();
  private volatile boolean slowStart;
  private volatile boolean broken;
  private volatile boolean mute;
  private volatile UnaryOperator<Future<LogPage>> reading = UnaryOperator.identity();

  private final class Faulty extends PassedOnLog {
    private Faulty() {
      super(log);
    }

    @Override
    @SuppressWarnings("NullAway")
    public Future<Position> append(Event event) {
      failIfBroken();
      if (mute) {
        return null;
      }
      return away.get() ? Future.failedFuture("away") : log.append(event);
    }

    @Override
    @SuppressWarnings("NullAway")
    public Future<Set<TenantId>> tenants() {
      failIfBroken();
      return mute ? null : log.tenants();
    }

    private void failIfBroken() {
      if (broken) {
        throw new NoClassDefFoundError("of a log");
      }
    }

    @Override
    @SuppressWarnings("NullAway")
    public Future<LogPage> read(
        TenantId tenant, TopicPattern topics, Position after, int most, long bytes) {
      reads.incrementAndGet();
      if (away.get()) {
        return Future.failedFuture("away");
      }
      failIfBroken();
      if (mute) {
        return null;
      }
      Future<LogPage> page = log.read(tenant, topics, after, most, bytes);
      return topics.text().equals("a.*") ? reading.apply(page) : page;
    }

    @Override
    @SuppressWarnings("NullAway")
    public Future<Position> end(TenantId tenant) {
      if (mute) {
        return null;
      }
      Future<Position> end = log.end(tenant);
      return slowStart ? opened.future().compose(go -> end) : end;
    }
  }

  @Override
  protected EventHub.Builder settings() {
    return super.settings().log(new Faulty());
  }

  @Test
  void log_thatCannotBeReadForAWhile_isReadOnWithoutALossAndNotAskedWithoutPause() {
    Reader reader = Reader.of(hub, Callers.of(ACME, "ann"), ">");
    publish(ACME, "a", "e0");
    reader.awaitCount(1);
    away.set(true);
    for (int i = 1; i < 10; i++) {
      // Another node appended these: this one hears of them, and cannot read them.
      Await.get(log.append(Event.builder("a").tenant(ACME).id("e" + i).build()));
    }
    long begin = System.nanoTime();
    int before = reads.get();
    Await.until("asked twice", () -> reads.get() >= before + 2);
    int asked = reads.get() - before;
    // A machine that pauses here lets pass what the hub waits between two reads, again and again.
    long pauses = (System.nanoTime() - begin) / TimeUnit.MILLISECONDS.toNanos(250);
    assertThat(asked).isLessThan(10 + (int) pauses);
    assertThat(hub.publish(Event.builder("a").tenant(ACME).build()).failed()).isTrue();
    away.set(false);

    reader.awaitCount(10);
    assertThat(reader.ids())
        .containsExactlyElementsOf(IntStream.range(0, 10).mapToObj(i -> "e" + i).toList());
  }

  @Test
  void log_whoseReadingEndsInAnErrorForAWhile_isReadOn() {
    Reader reader = Reader.of(hub, Callers.of(ACME, "ann"), ">");
    publish(ACME, "a", "e0");
    reader.awaitCount(1);
    broken = true;
    int before = reads.get();
    Await.get(log.append(Event.builder("a").tenant(ACME).id("e1").build()));
    Await.until("it is read", () -> reads.get() > before);
    broken = false;

    reader.awaitCount(2);
    assertThat(reader.ids()).containsExactly("e0", "e1");
  }

  @Test
  void log_whoseAppendingEndsInAnError_failsWhatIsPublishedOrBroadcast() {
    broken = true;
    Event event = Event.builder("a").id("e0").build();

    Future<Published> published = hub.publish(event.toBuilder().tenant(ACME).build());
    Future<Integer> broadcast = hub.broadcast(event);

    assertThat(published.cause()).isInstanceOf(NoClassDefFoundError.class);
    assertThat(broadcast.cause()).isInstanceOf(NoClassDefFoundError.class);
    assertThat(hub.stats().refusedPublications()).containsEntry(Refusal.Code.UNAVAILABLE, 1L);
  }

  @Test
  void log_thatReturnsNoFutureForAWhile_isOneThatFailed() {
    Reader reader = Reader.of(hub, Callers.of(ACME, "ann"), ">");
    publish(ACME, "a", "e0");
    reader.awaitCount(1);
    mute = true;
    Event event = Event.builder("a").id("lost").build();

    assertThat(hub.publish(event.toBuilder().tenant(ACME).build()).failed()).isTrue();
    assertThat(hub.broadcast(event).failed()).isTrue();
    EventConnection other = Reader.connect(hub, Callers.of(GLOBEX, "bob"));
    assertThat(Reader.refused(other, SubscriptionRequest.of(">")).code())
        .isEqualTo(Refusal.Code.UNAVAILABLE);
    int before = reads.get();
    Await.get(log.append(Event.builder("a").tenant(ACME).id("e1").build()));
    Await.until("it is read", () -> reads.get() > before);
    mute = false;

    reader.awaitCount(2);
    assertThat(reader.ids()).containsExactly("e0", "e1");
  }

  @Test
  void log_thatSaysLateWhereItEnds_givesWhatCameMeanwhile() {
    slowStart = true;
    EventConnection ann = Reader.connect(hub, Callers.of(ACME, "ann"));
    Future<Subscribed> answer = ann.subscribe(SubscriptionRequest.of(">"));
    Await.until("it is asked", () -> Await.get(log.tenants()).contains(ACME));
    settle(ACME);
    publish(ACME, "a", "meanwhile");
    opened.complete();
    Subscription subscription = ((Subscribed.Open) Await.get(answer)).subscription();
    Reader reader = Reader.over(ann, subscription);
    subscription.request(10);
    publish(ACME, "a", "after");

    reader.awaitCount(2);
    assertThat(reader.ids()).containsExactly("meanwhile", "after");
  }

  @Test
  void replay_whoseLogIsAwayForAWhile_goesOnWhereItWas() {
    Reader first = Reader.of(hub, Callers.of(ACME, "ann"), ">");
    for (int i = 0; i < 20; i++) {
      publish(ACME, "a", "e" + i);
    }
    first.awaitCount(20);
    first.connection.close();
    away.set(true);
    Reader second =
        Reader.of(
            hub,
            Callers.of(ACME, "ann"),
            SubscriptionRequest.of(">").from(first.got.get(4).cursor()));
    int before = reads.get();
    Await.until("asked", () -> reads.get() > before);
    away.set(false);

    second.awaitCount(15);
    assertThat(second.ids())
        .containsExactlyElementsOf(IntStream.range(5, 20).mapToObj(i -> "e" + i).toList());
  }

  @Test
  void replay_begunAnewByAFreshCredentialBeforeItsRetry_givesEachEventOnce() {
    Principal ann = Callers.of(ACME, "ann");
    Reader first = Reader.of(hub, ann, "a.*");
    Reader other = Reader.of(hub, ann, "a.b");
    for (int i = 0; i < 3; i++) {
      publish(ACME, "a.b", "e" + i);
    }
    AtomicInteger asked = new AtomicInteger();
    Promise<Void> late = Promise.promise();
    reading =
        page ->
            asked.incrementAndGet() == 1
                ? Future.failedFuture("once")
                : late.future().compose(go -> page);
    Reader second = resumed(ann, first);
    Await.until("its log has failed", () -> asked.get() == 1);

    assertThat(Await.get(second.connection.refresh(ann)).isAllowed()).isTrue();
    Await.until("it is begun anew", () -> asked.get() >= 2);
    awaitRetries(ann, other);
    late.complete();

    second.awaitCount(3);
    settle(ACME);
    publish(ACME, "a.b", "e3");
    second.awaitCount(4);
    assertThat(second.ids()).containsExactly("e0", "e1", "e2", "e3");
  }

  // What failed before this is asked again before it, too.
  private void awaitRetries(Principal principal, Reader reader) {
    settle(ACME);
    away.set(true);
    int before = reads.get();
    Reader failing = resumed(principal, reader);
    Await.until("asked", () -> reads.get() > before);
    away.set(false);
    failing.awaitCount(3);
  }

  private Reader resumed(Principal principal, Reader reader) {
    SubscriptionRequest request =
        SubscriptionRequest.of(reader.subscription.topics().text())
            .from(reader.subscription.startCursor());
    return Reader.of(hub, principal, request);
  }
}
