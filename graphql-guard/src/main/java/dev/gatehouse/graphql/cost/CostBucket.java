package dev.gatehouse.graphql.cost;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.gatehouse.core.RateLimiter.Rate;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * Cost points by caller: an operation is charged its estimate before it runs, and gets back
 * afterwards what it did not use.
 *
 * <p>A bucket in memory answers at once. One in a shared store answers later, and fails its future
 * when the store cannot be asked; the operation does not run then.
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
   */
  record Charge(boolean granted, long available, Duration retryAfter) {
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
   * Buckets in this process, at most {@code maxKeys} of them; a bucket that has filled up again is
   * forgotten, which loses nothing.
   */
  static CostBucket inMemory(Rate rate, long maxKeys, InstantSource clock) {
    return new InMemory(rate, maxKeys, clock);
  }

  /** The implementation of {@link #inMemory}, on Bucket4j. */
  final class InMemory implements CostBucket {
    private final Rate rate;
    private final LoadingCache<String, Bucket> buckets;

    private InMemory(Rate rate, long maxKeys, InstantSource clock) {
      this.rate = rate;
      TimeMeter meter = new Meter(clock);
      this.buckets =
          Caffeine.newBuilder()
              .maximumSize(maxKeys)
              .expireAfterAccess(rate.timeToFill().plusSeconds(1))
              .ticker(meter::currentTimeNanos)
              .build(key -> bucket(rate, meter));
    }

    private static Bucket bucket(Rate rate, TimeMeter meter) {
      return Bucket.builder()
          .addLimit(
              limit -> limit.capacity(rate.burst()).refillGreedy(rate.refill(), rate.period()))
          .withCustomTimePrecision(meter)
          .build();
    }

    @Override
    public Rate rate() {
      return rate;
    }

    @Override
    public Future<Charge> charge(String key, long cost) {
      Bucket bucket = buckets.get(key);
      if (cost == 0) {
        return Future.succeededFuture(new Charge(true, bucket.getAvailableTokens(), Duration.ZERO));
      }
      ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(cost);
      return Future.succeededFuture(
          new Charge(
              probe.isConsumed(),
              probe.getRemainingTokens(),
              Duration.ofNanos(probe.getNanosToWaitForRefill())));
    }

    @Override
    public Future<Void> refund(String key, long cost) {
      if (cost > 0) {
        buckets.get(key).addTokens(cost);
      }
      return Future.succeededFuture();
    }
  }

  /** Bucket4j's clock, read from the injected one. */
  final class Meter implements TimeMeter {
    private final InstantSource clock;

    private Meter(InstantSource clock) {
      this.clock = clock;
    }

    @Override
    public long currentTimeNanos() {
      Instant now = clock.instant();
      return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    @Override
    public boolean isWallClockBased() {
      return true;
    }
  }
}
