package dev.gatehouse.graphql.cost;

import dev.gatehouse.core.KeyedBuckets;
import dev.gatehouse.core.RateLimiter.Rate;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;

/** The implementation of {@link CostBucket#inMemory}, on Bucket4j. */
final class MemoryBuckets implements CostBucket.AtOnce {
  private final KeyedBuckets buckets;
  private final CostBucket shared = new Shared();

  MemoryBuckets(Rate rate, long maxKeys, InstantSource clock) {
    this.buckets = new KeyedBuckets(rate, maxKeys, clock);
  }

  @Override
  public Rate rate() {
    return buckets.rate();
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the shared bucket is itself
  public Future<Charge> charge(String key, long cost) {
    Bucket bucket = buckets.of(key);
    Charge charge = charge(bucket, cost);
    return Future.succeededFuture(bucket == buckets.shared() ? charge.by(shared) : charge);
  }

  private static Charge charge(Bucket bucket, long cost) {
    if (cost == 0) {
      return new Charge(true, bucket.getAvailableTokens(), Duration.ZERO);
    }
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(cost);
    return new Charge(
        probe.isConsumed(),
        probe.getRemainingTokens(),
        Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  @Override
  public Future<Void> refund(String key, long cost) {
    // one that is not there is full
    Bucket own = buckets.known(key);
    if (own != null && cost > 0) {
      own.addTokens(cost);
    }
    return Future.succeededFuture();
  }

  /** The bucket of all for whom there is no room. */
  private final class Shared implements CostBucket.AtOnce {
    @Override
    public Rate rate() {
      return buckets.rate();
    }

    @Override
    public Future<Charge> charge(String key, long cost) {
      return Future.succeededFuture(MemoryBuckets.charge(buckets.shared(), cost));
    }

    @Override
    public Future<Void> refund(String key, long cost) {
      if (cost > 0) {
        buckets.shared().addTokens(cost);
      }
      return Future.succeededFuture();
    }
  }
}
