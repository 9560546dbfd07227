package dev.gatehouse.redis;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.AsyncBucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Token buckets in Redis: nodes that share them spend one budget, on the server's clock.
 *
 * <p>When Redis cannot be asked the future fails, and whoever asked decides: closed by default at
 * the doors. {@link RateLimiter#orElse} gives each node a budget of its own for that time, {@link
 * RateLimiter#failing} lets pass.
 *
 * <p>What one node asks of one bucket at the same time is asked together, so that a busy bucket
 * costs a round trip and not a race. Redis forgets a bucket ten seconds after it is full again.
 */
public final class RedisRateLimiter implements RateLimiter {
  private static final Duration KEPT_WHEN_FULL = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int MAX_RETRIES = 100;
  private static final int PROXIES = 10_000;

  private final Vertx vertx;
  private final LoadingCache<String, AsyncBucketProxy> buckets;

  RedisRateLimiter(Vertx vertx, RedisLink link, TimeMeter clock, String prefix, Rate rate) {
    this.vertx = vertx;
    BucketConfiguration configuration =
        BucketConfiguration.builder()
            .addLimit(
                limit -> limit.capacity(rate.burst()).refillGreedy(rate.refill(), rate.period()))
            .build();
    AsyncProxyManager<byte[]> shared =
        Bucket4jLettuce.casBasedBuilder(link.connection())
            .clientClock(clock)
            .requestTimeout(PATIENCE)
            .maxRetries(MAX_RETRIES)
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEPT_WHEN_FULL))
            .build()
            .asAsync();
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(PROXIES)
            .build(
                key ->
                    shared
                        .builder()
                        .withOptimization(Optimizations.batching())
                        .build(
                            RedisLink.bytes(prefix + key),
                            () -> CompletableFuture.completedFuture(configuration)));
  }

  @Override
  public Future<Permit> acquire(String key, long tokens) {
    try {
      return Future.fromCompletionStage(
              buckets.get(key).tryConsumeAndReturnRemaining(tokens), vertx.getOrCreateContext())
          .map(RedisRateLimiter::permit);
    } catch (RuntimeException refused) {
      return Future.failedFuture(refused);
    }
  }

  private static Permit permit(ConsumptionProbe probe) {
    return new Permit(
        probe.isConsumed(),
        probe.getRemainingTokens(),
        Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }
}
