package dev.gatehouse.receiver;

import dev.gatehouse.receiver.HttpSink.Answer;
import dev.gatehouse.receiver.Inbox.Ending;
import dev.gatehouse.receiver.ReceiverConfig.Deliver;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one source's due deliveries by lease, as many as its destination may have at a time, and
 * records how each attempt ended.
 *
 * <p>It lives on one context; {@link #wake}, {@link #use} and {@link #retire} may come from any
 * thread.
 */
final class Lane {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
  private static final Duration LEASE_MARGIN = Duration.ofSeconds(30);
  private static final long STORE_RETRY_MILLIS = 1_000;
  private static final long MAX_TIMER_MILLIS = 3_600_000;
  private static final int GONE = 410;

  private record Target(HttpSink sink, Deliver deliver) {}

  private final String source;
  private final Vertx vertx;
  private final Context context;
  private final Inbox inbox;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Metrics metrics;
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Promise<Void> idle = Promise.promise();
  private volatile @Nullable Target target;
  private volatile boolean retired;
  private boolean leasing;
  private boolean again;
  private long timer = -1;

  Lane(
      String source,
      Vertx vertx,
      Context context,
      Inbox inbox,
      InstantSource clock,
      RandomGenerator random,
      Metrics metrics) {
    this.source = source;
    this.vertx = vertx;
    this.context = context;
    this.inbox = inbox;
    this.clock = clock;
    this.random = random;
    this.metrics = metrics;
  }

  /** Delivers there from now on. */
  void use(HttpSink sink, Deliver deliver) {
    target = new Target(sink, deliver);
    wake();
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
    int free = to.deliver().concurrency() - inFlight.get();
    if (free <= 0) {
      return;
    }
    leasing = true;
    cancelTimer();
    Instant now = clock.instant();
    Instant until = now.plus(to.deliver().timeout()).plus(LEASE_MARGIN);
    inbox
        .lease(source, now, until, free)
        .onComplete(lease -> onContext(() -> leased(to, free, lease)));
  }

  private void onContext(Runnable step) {
    if (Vertx.currentContext() == context) {
      step.run();
    } else {
      context.runOnContext(now -> step.run());
    }
  }

  private void leased(Target to, int wanted, io.vertx.core.AsyncResult<Inbox.Lease> lease) {
    leasing = false;
    boolean more = again;
    again = false;
    if (lease.failed()) {
      pumpAfter(STORE_RETRY_MILLIS);
      return;
    }
    inFlight.addAndGet(lease.result().deliveries().size());
    lease.result().deliveries().forEach(delivery -> attempt(to, delivery));
    Instant next = lease.result().nextDue();
    if (more) {
      pump();
    } else if (next != null && lease.result().deliveries().size() < wanted) {
      pumpAfter(Duration.between(clock.instant(), next).toMillis());
    }
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

  private void attempt(Target to, Leased delivery) {
    if (delivery.attempt() > to.deliver().retry().attempts()) {
      end(delivery, new Ending.GiveUp(null, "the last attempt was cut short by a restart"));
      return;
    }
    to.sink()
        .post(delivery)
        .onComplete(
            answer -> onContext(() -> end(delivery, ending(to, delivery, answer.result()))));
  }

  private Ending ending(Target to, Leased delivery, Answer answer) {
    if (answer instanceof Answer.Status status) {
      return ending(to, delivery, status);
    }
    Answer.None none = (Answer.None) answer;
    return retryOrGiveUp(to, delivery, null, none.why(), Optional.empty());
  }

  private Ending ending(Target to, Leased delivery, Answer.Status status) {
    int code = status.code();
    if (code >= 200 && code <= 299) {
      return new Ending.Done(clock.instant(), code);
    }
    if (code == GONE) {
      return new Ending.GiveUp(code, "the destination is gone (410)");
    }
    return retryOrGiveUp(
        to, delivery, code, "the destination answered " + code, status.retryAfter());
  }

  private Ending retryOrGiveUp(
      Target to,
      Leased delivery,
      @Nullable Integer status,
      String error,
      Optional<Duration> retryAfter) {
    RetrySchedule retry = to.deliver().retry();
    if (!retry.allowsAfter(delivery.attempt())) {
      return new Ending.GiveUp(status, error);
    }
    Duration backOff = retry.delayAfter(delivery.attempt(), random);
    Duration asked = retryAfter.filter(wait -> wait.compareTo(backOff) > 0).orElse(backOff);
    Duration wait = asked.compareTo(retry.maxDelay()) > 0 ? retry.maxDelay() : asked;
    return new Ending.Retry(clock.instant().plus(wait), status, error);
  }

  private void end(Leased delivery, Ending ending) {
    metrics.attempted(source, ending);
    inbox
        .end(delivery.id(), delivery.fence(), ending)
        .onComplete(
            recorded -> {
              if (recorded.failed()) {
                LOG.warn(
                    "the end of an attempt of {} could not be recorded; it is tried again when its"
                        + " lease ends",
                    DeliveryId.format(delivery.id()));
              }
              onContext(this::release);
            });
  }

  private void release() {
    inFlight.decrementAndGet();
    pump();
  }

  private void endIfIdle() {
    if (retired && !leasing && inFlight.get() == 0) {
      idle.tryComplete();
    }
  }
}
