package dev.gatehouse.core;

import io.github.bucket4j.TimeMeter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The time that has passed by a clock that may be set, for what fills or ends with it.
 *
 * <p>It never falls. Where the clock is set back, time goes on from there; what passed until the
 * clock is where it was before is not counted a second time when it is set forward again. Safe for
 * use by many threads, none of which waits.
 */
public final class ElapsedTime implements TimeMeter {
  private final InstantSource clock;
  private final AtomicReference<Reading> last;

  /**
   * What the clock showed.
   *
   * @param at its time
   * @param passed what had passed by then
   * @param latest the latest time it ever showed
   * @param passedAtLatest what had passed by that
   */
  private record Reading(long at, long passed, long latest, long passedAtLatest) {
    Reading next(long now) {
      if (now < latest) {
        return new Reading(now, passed + Math.max(0, now - at), latest, passedAtLatest);
      }
      // what passed while it was set back, or what it shows beyond: the one is in the other
      long sum = Math.max(passed, passedAtLatest + (now - latest));
      return new Reading(now, sum, now, sum);
    }
  }

  /** Nothing has passed yet. */
  public ElapsedTime(InstantSource clock) {
    this.clock = clock;
    long now = nanos();
    this.last = new AtomicReference<>(new Reading(now, 0, now, 0));
  }

  private long nanos() {
    Instant now = clock.instant();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  @Override
  public long currentTimeNanos() {
    while (true) {
      Reading before = last.get();
      // asked after that, so that a thread that was kept waiting does not take the clock for set
      Reading now = before.next(nanos());
      if (last.compareAndSet(before, now)) {
        return now.passed;
      }
    }
  }

  /** It is not: it begins at nothing. */
  @Override
  public boolean isWallClockBased() {
    return false;
  }
}
