package dev.gatehouse.graphql.cost;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.core.RateLimiter.Rate;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The implementation of {@link CostBucket#inMemory}, on Bucket4j. */
final class MemoryBuckets implements CostBucket.AtOnce {
  private final Rate rate;
  private final long maxKeys;
  private final TimeMeter meter;
  private final Cache<String, Bucket> buckets;
  private final Bucket overflow;
  private final CostBucket shared = new Shared();

  MemoryBuckets(Rate rate, long maxKeys, InstantSource clock) {
    if (maxKeys < 1) {
      throw new IllegalArgumentException("maxKeys must be at least 1: it is how many callers pay");
    }
    this.rate = rate;
    this.maxKeys = maxKeys;
    this.meter = new Meter(clock);
    // nothing is evicted for its place: what nobody touched for so long is full
    this.buckets =
        Caffeine.newBuilder()
            .expireAfterAccess(rate.timeToFill().plusSeconds(1))
            .ticker(meter::currentTimeNanos)
            .executor(Runnable::run)
            .build();
    this.overflow = bucket(rate.burst());
  }

  private Bucket bucket(long holds) {
    return Bucket.builder()
        .addLimit(
            limit ->
                limit
                    .capacity(rate.burst())
                    .refillGreedy(rate.refill(), rate.period())
                    .initialTokens(holds))
        .withCustomTimePrecision(meter)
        .build();
  }

  @Override
  public Rate rate() {
    return rate;
  }

  @Override
  public Future<Charge> charge(String key, long cost) {
    Bucket own = bucketOf(key);
    return Future.succeededFuture(
        own == null ? charge(overflow, cost).by(shared) : charge(own, cost));
  }

  private @Nullable Bucket bucketOf(String key) {
    Bucket known = buckets.getIfPresent(key);
    return known == null ? made(key) : known;
  }

  private synchronized @Nullable Bucket made(String key) {
    Bucket known = buckets.getIfPresent(key);
    if (known != null) {
      return known;
    }
    if (buckets.estimatedSize() >= maxKeys) {
      buckets.cleanUp();
      if (buckets.estimatedSize() >= maxKeys) {
        return null;
      }
    }
    // whoever spent from the shared one must not find a full one of his own
    Bucket made = bucket(overflow.getAvailableTokens());
    buckets.put(key, made);
    return made;
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
    Bucket own = buckets.getIfPresent(key);
    if (own != null && cost > 0) {
      own.addTokens(cost);
    }
    return Future.succeededFuture();
  }

  /** The bucket of all for whom there is no room. */
  private final class Shared implements CostBucket.AtOnce {
    @Override
    public Rate rate() {
      return rate;
    }

    @Override
    public Future<Charge> charge(String key, long cost) {
      return Future.succeededFuture(MemoryBuckets.charge(overflow, cost));
    }

    @Override
    public Future<Void> refund(String key, long cost) {
      if (cost > 0) {
        overflow.addTokens(cost);
      }
      return Future.succeededFuture();
    }
  }

  /** Bucket4j's clock, read from the injected one. */
  private record Meter(InstantSource clock) implements TimeMeter {
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
