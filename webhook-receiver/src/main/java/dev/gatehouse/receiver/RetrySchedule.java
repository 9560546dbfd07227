package dev.gatehouse.receiver;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a failed delivery is tried again: exponential back-off with full jitter, so that what failed
 * together does not return together.
 *
 * @param attempts how many attempts there are in all, at least 1
 * @param firstDelay the longest wait after the first attempt; it doubles with each further one
 * @param maxDelay the longest wait of all
 */
public record RetrySchedule(int attempts, Duration firstDelay, Duration maxDelay) {
  /**
   * Eighteen attempts: half a day on average, and up to 27 hours. (Twelve, doubled from a second
   * on, are over after half an hour.)
   */
  public static final RetrySchedule DEFAULT =
      new RetrySchedule(18, Duration.ofSeconds(1), Duration.ofHours(6));

  /** Whether another attempt may follow that one, counted from 1. */
  boolean allowsAfter(int attempt) {
    return attempt < attempts;
  }

  /** How long to wait after that attempt, counted from 1. */
  Duration delayAfter(int attempt, RandomGenerator random) {
    long most = longestAfter(attempt).toMillis();
    return Duration.ofMillis(random.nextLong(most + 1));
  }

  /**
   * How long to wait after that attempt where the destination may have asked for more. What it
   * asked of many at once is spread by the first delay, so that they do not return together: from
   * what it asked on, and where that reaches the longest delay, before the longest delay.
   */
  Duration waitAfter(int attempt, Optional<Duration> asked, RandomGenerator random) {
    Duration backOff = delayAfter(attempt, random);
    if (asked.isEmpty() || asked.get().compareTo(backOff) <= 0) {
      return backOff;
    }
    return spread(asked.get(), random);
  }

  private Duration spread(Duration asked, RandomGenerator random) {
    long first = firstDelay.toMillis();
    long max = maxDelay.toMillis();
    long room = max - asked.toMillis();
    if (room > 0) {
      return asked.plusMillis(random.nextLong(Math.min(first, room) + 1));
    }
    // half, where the first delay is as long: who asks for more gets no short wait
    return maxDelay.minusMillis(random.nextLong(Math.min(first, max / 2) + 1));
  }

  /** The bound of the wait after that attempt. */
  Duration longestAfter(int attempt) {
    long first = firstDelay.toMillis();
    long max = maxDelay.toMillis();
    int doublings = Math.min(attempt - 1, 62);
    boolean overflows = first > max >> doublings;
    return Duration.ofMillis(overflows ? max : Math.min(max, first << doublings));
  }
}
