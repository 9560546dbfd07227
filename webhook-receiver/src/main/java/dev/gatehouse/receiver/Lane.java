package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Inbox.Ending;
import dev.gatehouse.receiver.Sink.Answer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes one source's due deliveries by lease, as many as its destination has places for, and
 * records how each attempt ended.
 *
 * <p>It lives on one context; {@link #wake}, {@link #use} and {@link #retire} may come from any
 * thread.
 */
final class Lane {
  private static final Duration LEASE_MARGIN = Duration.ofSeconds(30);
  private static final long STORE_RETRY_MILLIS = 1_000;
  private static final long MAX_TIMER_MILLIS = 3_600_000;
  private static final int TAKEN = 200;
  private static final int GONE = 410;
  private static final Answer SAYS_NOTHING = new Answer.Never("");

  /** What lanes share. */
  record Surroundings(
      Vertx vertx,
      Context context,
      Inbox inbox,
      InstantSource clock,
      RandomGenerator random,
      Metrics metrics) {}

  /** Where deliveries go at this moment; its sink is closed when it was replaced and is idle. */
  private static final class Target {
    private final Sink sink;
    private final Deliver deliver;
    private final Gate gate;
    private int underWay;
    private boolean leasing;
    private boolean replaced;
    private boolean closed;

    private Target(Sink sink, Deliver deliver, Gate gate) {
      this.sink = sink;
      this.deliver = deliver;
      this.gate = gate;
    }
  }

  private final String source;
  private final Surroundings around;
  private final Vertx vertx;
  private final Context context;
  private final Inbox inbox;
  private final InstantSource clock;
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Promise<Void> idle = Promise.promise();
  private final Runnable turn = this::pump;
  private @Nullable Target target;
  private volatile boolean retired;
  private Future<Void> closing = Future.succeededFuture();
  private boolean leasing;
  private boolean again;
  private long timer = -1;

  Lane(String source, Surroundings around) {
    this.source = source;
    this.around = around;
    this.vertx = around.vertx();
    this.context = around.context();
    this.inbox = around.inbox();
    this.clock = around.clock();
  }

  /** Delivers there from now on. */
  void use(Sink sink, Deliver deliver, Gate gate) {
    context.runOnContext(
        now -> {
          replace(new Target(sink, deliver, gate));
          pump();
        });
  }

  private void replace(@Nullable Target next) {
    Target before = target;
    target = next;
    if (before != null) {
      before.gate.forget(turn);
      before.replaced = true;
      closeIfIdle(before);
    }
  }

  private void closeIfIdle(Target to) {
    // what a lease brings is still attempted there
    if (to.replaced && to.underWay == 0 && !to.leasing && !to.closed) {
      to.closed = true;
      Future<Void> closed = to.sink.close();
      closing = Future.join(closing, closed.otherwiseEmpty()).mapEmpty();
    }
  }

  /** Looks for due deliveries soon; many calls in a row are one. */
  void wake() {
    if (woken.compareAndSet(false, true)) {
      context.runOnContext(
          now -> {
            woken.set(false);
            pump();
          });
    }
  }

  int inFlight() {
    return inFlight.get();
  }

  /** Takes nothing more; ends when nothing is under way. */
  Future<Void> retire() {
    retired = true;
    context.runOnContext(
        now -> {
          cancelTimer();
          replace(null);
          endIfIdle();
        });
    return idle.future();
  }

  private void pump() {
    Target to = target;
    if (retired || to == null) {
      endIfIdle();
      return;
    }
    if (leasing) {
      again = true;
      return;
    }
    int places = to.gate.take(turn);
    if (places == 0) {
      to.gate.retryIn().ifPresent(wait -> pumpAfter(wait.toMillis()));
      return;
    }
    boolean probe = to.gate.circuitState() == Circuit.State.HALF_OPEN; // it gives no other place
    leasing = true;
    to.leasing = true;
    cancelTimer();
    Instant now = clock.instant();
    Instant until = now.plus(to.deliver.timeout()).plus(LEASE_MARGIN);
    inbox
        .lease(source, now, until, places)
        .onComplete(lease -> onContext(() -> leased(to, places, probe, lease)));
  }

  private void onContext(Runnable step) {
    if (Vertx.currentContext() == context) {
      step.run();
    } else {
      context.runOnContext(now -> step.run());
    }
  }

  private void leased(Target to, int places, boolean probe, AsyncResult<Inbox.Lease> lease) {
    leasing = false;
    to.leasing = false;
    boolean more = again;
    again = false;
    if (lease.failed()) {
      closeIfIdle(to);
      to.gate.putBack(places);
      pumpAfter(STORE_RETRY_MILLIS);
      return;
    }
    int taken = lease.result().deliveries().size();
    inFlight.addAndGet(taken);
    to.underWay += taken;
    lease.result().deliveries().forEach(delivery -> attempt(to, delivery, probe));
    Instant next = lease.result().nextDue();
    if (more || taken == places) {
      pump();
    } else if (next != null) {
      pumpAfter(Duration.between(clock.instant(), next).toMillis());
    }
    to.gate.putBack(places - taken);
    closeIfIdle(to);
    endIfIdle();
  }

  private void pumpAfter(long millis) {
    cancelTimer();
    if (retired) {
      endIfIdle();
      return;
    }
    long wait = Math.max(1, Math.min(millis, MAX_TIMER_MILLIS));
    timer =
        vertx.setTimer(
            wait,
            due -> {
              timer = -1;
              wake();
            });
  }

  private void cancelTimer() {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  private void attempt(Target to, Leased delivery, boolean probe) {
    if (delivery.attempt() > to.deliver.retry().attempts()) {
      Ending cut = new Ending.GiveUp(null, "the last attempt was cut short by a restart");
      end(to, delivery, cut, probe, SAYS_NOTHING);
      return;
    }
    long begun = System.nanoTime();
    post(to.sink, delivery)
        .onComplete(
            answer ->
                onContext(
                    () -> {
                      around.metrics().attemptTook(source, System.nanoTime() - begun);
                      Answer result = answer.result();
                      Ending ending = ending(to.deliver.retry(), delivery, result);
                      end(to, delivery, ending, probe, result);
                    }));
  }

  // Whatever a sink throws, an Error too: the places that were taken for the lease must come back.
  private static Future<Answer> post(Sink sink, Leased delivery) {
    try {
      return sink.post(delivery).otherwise(Lane::broken);
    } catch (Throwable e) {
      return Future.succeededFuture(broken(e));
    }
  }

  private static Answer broken(Throwable why) {
    return new Answer.None("the attempt broke (" + why.getClass().getSimpleName() + ")");
  }

  private Ending ending(RetrySchedule retry, Leased delivery, Answer answer) {
    if (answer instanceof Answer.Taken) {
      return new Ending.Done(clock.instant(), TAKEN);
    }
    if (answer instanceof Answer.Never never) {
      return new Ending.GiveUp(null, never.why());
    }
    if (answer instanceof Answer.None none) {
      return retryOrGiveUp(retry, delivery, null, none.why(), Optional.empty());
    }
    Answer.Status status = (Answer.Status) answer;
    if (status.isSuccess()) {
      return new Ending.Done(clock.instant(), status.code());
    }
    if (status.code() == GONE) {
      return new Ending.GiveUp(GONE, "the destination is gone (410)");
    }
    String error = "the destination answered " + status.code();
    return retryOrGiveUp(retry, delivery, status.code(), error, status.retryAfter());
  }

  private Ending retryOrGiveUp(
      RetrySchedule retry,
      Leased delivery,
      @Nullable Integer status,
      String error,
      Optional<Duration> retryAfter) {
    if (!retry.allowsAfter(delivery.attempt())) {
      return new Ending.GiveUp(status, error);
    }
    Duration wait = retry.waitAfter(delivery.attempt(), retryAfter, around.random());
    return new Ending.Retry(clock.instant().plus(wait), status, error);
  }

  private void end(Target to, Leased delivery, Ending ending, boolean probe, Answer answer) {
    around.metrics().attempted(source, ending);
    AttemptLog.ended(source, delivery, ending);
    inbox
        .end(delivery.id(), delivery.fence(), ending)
        .onComplete(
            recorded -> {
              if (recorded.failed()) {
                AttemptLog.unrecorded(source, delivery);
              }
              onContext(() -> release(to, probe, answer));
            });
  }

  private void release(Target to, boolean probe, Answer answer) {
    inFlight.decrementAndGet();
    to.underWay--;
    closeIfIdle(to);
    to.gate.ended(
        isOutdated(to, probe, answer) ? SAYS_NOTHING : answer, to == target ? turn : null);
    endIfIdle();
  }

  // While a probe is out it alone says whether the destination still fails: what began before the
  // circuit opened would open it again, for twice as long, and let a second probe begin beside it.
  private static boolean isOutdated(Target to, boolean probe, Answer answer) {
    return !probe
        && answer.health() == Sink.Health.FAILS
        && to.gate.circuitState() == Circuit.State.HALF_OPEN;
  }

  private void endIfIdle() {
    if (retired && !leasing && inFlight.get() == 0) {
      closing.onComplete(closed -> idle.tryComplete());
    }
  }
}
