package dev.gatehouse.core;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Token buckets by key: each key may spend a burst at once and a steady rate over time.
 *
 * <p>An implementation in memory answers at once; one in a shared store answers later, and fails
 * its future when the store cannot be asked.
 */
public interface RateLimiter {
  /**
   * Takes tokens from the key's bucket, or none if it holds too few.
   *
   * @param key whose bucket
   * @param tokens how many, at least 1
   */
  Future<Permit> acquire(String key, long tokens);

  /**
   * This limiter, and the other while this one cannot be asked: for a shared limiter, one of each
   * node's own, so that a store that is away opens no door and closes none.
   */
  default RateLimiter orElse(RateLimiter other) {
    RateLimiter shared = this;
    return (key, tokens) ->
        shared.acquire(key, tokens).recover(unreachable -> other.acquire(key, tokens));
  }

  /**
   * This limiter, and what the mode says while it cannot be asked: {@link FailureMode#CLOSED} fails
   * the future, as without it; {@link FailureMode#OPEN} grants the tokens.
   *
   * <p>What was granted so is a permit like any other: no door sees that nothing was decided, and
   * no audit records it. The log tells when that begins and when this limiter answers again. Where
   * the door has a failure mode of its own, set it there. Fewer tokens than one are refused in
   * either mode.
   */
  default RateLimiter failing(FailureMode mode) {
    return mode.passes() ? new OpenLimiter(this) : this;
  }

  /**
   * What a bucket holds, and how it fills.
   *
   * @param burst the most it holds, and what it starts with
   * @param refill how many tokens flow in during each period, spread evenly
   * @param period the period
   */
  record Rate(long burst, long refill, Duration period) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public Rate {
      if (burst < 1 || refill < 1 || period.isNegative() || period.isZero()) {
        throw new IllegalArgumentException("a rate's burst, refill and period are positive");
      }
    }

    /** So many a second, with a burst. */
    public static Rate perSecond(long refill, long burst) {
      return new Rate(burst, refill, Duration.ofSeconds(1));
    }

    /** So many a minute, all of them at once if need be. */
    public static Rate perMinute(long refill) {
      return new Rate(refill, refill, Duration.ofMinutes(1));
    }

    /** How long an empty bucket takes to fill. */
    public Duration timeToFill() {
      return Duration.ofNanos((long) Math.ceil((double) period.toNanos() * burst / refill));
    }
  }

  /**
   * Buckets in this process, at most {@code maxKeys} of them, as {@link KeyedBuckets} keeps them: a
   * spent one is never given up for its place.
   */
  static RateLimiter inMemory(Rate rate, long maxKeys, InstantSource clock) {
    return new InMemory(rate, maxKeys, clock);
  }

  /** The implementation of {@link #inMemory}, on Bucket4j. */
  final class InMemory implements RateLimiter {
    private final KeyedBuckets buckets;

    private InMemory(Rate rate, long maxKeys, InstantSource clock) {
      this.buckets = new KeyedBuckets(rate, maxKeys, clock);
    }

    @Override
    public Future<Permit> acquire(String key, long tokens) {
      return Future.succeededFuture(tryAcquire(key, tokens));
    }

    /** The same, at once. */
    public Permit tryAcquire(String key, long tokens) {
      ConsumptionProbe probe = buckets.of(key).tryConsumeAndReturnRemaining(tokens);
      return new Permit(
          probe.isConsumed(),
          Math.max(0, probe.getRemainingTokens()),
          Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }

    /**
     * Takes tokens for what was done already, also where the key's bucket holds too few: what is
     * missing it owes, so that it flows in before anything else is granted.
     *
     * <p>A bucket owes at most as much as it holds when full. One that nobody touches for as long
     * as an empty one takes to fill is forgotten, with what it owes; so nobody gets more than twice
     * the rate.
     */
    public void spend(String key, long tokens) {
      Bucket bucket = buckets.of(key);
      long most = bucket.getAvailableTokens() + buckets.rate().burst();
      if (most > 0) {
        bucket.consumeIgnoringRateLimits(Math.min(tokens, most));
      }
    }
  }
}
