package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * Removes what retention no longer allows, by age and by size, and seals what is not sealed with
 * the first key: each a bounded piece at a time.
 *
 * <p>After each piece it pauses for as long as that took, so that deliveries have at least half of
 * the store's time, and what comes in fast is removed as fast.
 */
final class Sweeper {
  private static final int STEP = 500;
  private static final int RESEAL_STEP = 100;
  private static final long ROUND_MILLIS = 60_000;
  private static final long FIRST_MILLIS = 200;
  private static final long MAX_PAUSE_MILLIS = 1_000;

  private final Vertx vertx;
  private final Inbox inbox;
  private final Store store;
  private final InstantSource clock;
  private final long roundMillis;
  private volatile boolean ended;

  Sweeper(Vertx vertx, Inbox inbox, Store store, InstantSource clock) {
    this(vertx, inbox, store, clock, ROUND_MILLIS);
  }

  /**
   * A sweeper.
   *
   * @param roundMillis how long it rests when there is nothing left to do, and before it begins
   */
  Sweeper(Vertx vertx, Inbox inbox, Store store, InstantSource clock, long roundMillis) {
    this.vertx = vertx;
    this.inbox = inbox;
    this.store = store;
    this.clock = clock;
    this.roundMillis = roundMillis;
  }

  void begin() {
    after(roundMillis, 0, this::byAge, true);
    store.maxBytes().ifPresent(max -> after(roundMillis, 0, from -> bySize(max, from), true));
    if (!store.encryption().isEmpty()) {
      // once: what is stored from now on is sealed with the first key
      after(FIRST_MILLIS, 0, from -> inbox.reseal(from, RESEAL_STEP), false);
    }
  }

  void end() {
    ended = true;
  }

  private Future<Long> byAge(long from) {
    Instant now = clock.instant();
    return inbox.sweep(from, now.minus(store.retention()), now, STEP);
  }

  private Future<Long> bySize(long max, long from) {
    return inbox.shrink(max, from, STEP);
  }

  private void after(long millis, long from, LongFunction<Future<Long>> work, boolean forEver) {
    if (!ended) {
      vertx.setTimer(millis, due -> step(from, work, forEver));
    }
  }

  private void step(long from, LongFunction<Future<Long>> work, boolean forEver) {
    if (ended) {
      return;
    }
    long begun = System.nanoTime();
    work.apply(from)
        .onComplete(
            next -> {
              if (next != 0) {
                after(pause(System.nanoTime() - begun), next, work, forEver);
              } else if (forEver) {
                after(roundMillis, 0, work, true);
              }
            },
            failure -> after(roundMillis, from, work, forEver));
  }

  private static long pause(long tookNanos) {
    return Math.max(1, Math.min(MAX_PAUSE_MILLIS, TimeUnit.NANOSECONDS.toMillis(tookNanos)));
  }
}
