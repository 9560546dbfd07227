package dev.gatehouse.graphql.cost;

import dev.gatehouse.core.RateLimiter.Rate;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Cost points by caller: an operation is charged its estimate before it runs, and gets back
 * afterwards what it did not use.
 *
 * <p>A bucket in memory answers at once. One in a shared store answers later, and fails its future
 * when the store cannot be asked; the operation does not run then. {@link #orElse} gives each node
 * buckets of its own for that time.
 */
public interface CostBucket {
  /** How much a bucket holds, and how fast it fills. */
  Rate rate();

  /**
   * Takes points from a caller's bucket, or none if it holds too few.
   *
   * @param key whose bucket
   * @param cost how many points, 0 or more
   */
  Future<Charge> charge(String key, long cost);

  /**
   * Gives points back; what does not fit into the bucket is lost.
   *
   * @param key whose bucket
   * @param cost how many points, 0 or more
   */
  Future<Void> refund(String key, long cost);

  /**
   * The answer to a charge.
   *
   * @param granted whether the points were taken
   * @param available what the bucket holds now
   * @param retryAfter how long until the same charge could be granted; zero when it was
   * @param standIn the bucket that was spent in place of the one that was asked, if one was: it
   *     takes back what was not used
   */
  record Charge(
      boolean granted, long available, Duration retryAfter, Optional<CostBucket> standIn) {
    /** The answer of the bucket that was asked. */
    public Charge(boolean granted, long available, Duration retryAfter) {
      this(granted, available, retryAfter, Optional.empty());
    }

    /** The same, of another bucket than the one that was asked. */
    Charge by(CostBucket other) {
      return new Charge(granted, available, retryAfter, Optional.of(standIn.orElse(other)));
    }

    /** The wait in whole seconds, rounded up, at least 1. */
    public long retryAfterSeconds() {
      return Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
    }
  }

  /** How many points a bucket gets back in a second. */
  default double restoreRate() {
    return rate().refill() / (rate().period().toNanos() / 1e9);
  }

  /**
   * This bucket, and the other while this one cannot be asked: for a shared one, one of each node's
   * own, so that a store that is away closes no door, and opens each node's for one more budget at
   * most. What the other was charged it gets back itself.
   */
  default CostBucket orElse(CostBucket other) {
    return new FallbackBucket(this, other);
  }

  /**
   * Buckets in this process, at most {@code maxKeys} of them.
   *
   * <p>A bucket that has filled up again is forgotten, which loses nothing; one that was spent is
   * kept, so that nobody gets a full one by making room. Who comes when there is no room shares one
   * bucket of the same rate with all who do, and is given his own, once there is room, with no more
   * than that one held.
   */
  static CostBucket inMemory(Rate rate, long maxKeys, InstantSource clock) {
    return new MemoryBuckets(rate, maxKeys, clock);
  }

  /** A bucket whose answers are there when it returns, so that it need not be asked ahead. */
  interface AtOnce extends CostBucket {}
}
