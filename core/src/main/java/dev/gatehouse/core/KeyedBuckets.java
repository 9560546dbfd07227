package dev.gatehouse.core;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.core.RateLimiter.Rate;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Bucket4j's buckets of one rate by key, in this process, bounded in number.
 *
 * <p>A bucket that has filled up again is forgotten, which loses nothing; one that was spent from
 * is kept, so that nobody gets a full one by making room with other keys. Who comes when there is
 * no room shares one bucket of the same rate with all who do, and gets one of his own, once there
 * is room, with no more than the shared one holds then.
 *
 * <p>They fill with the {@linkplain ElapsedTime time that passes}: a clock that is set back keeps
 * none from filling, and one that is set back and forth fills none. Safe for use by many threads.
 */
public final class KeyedBuckets {
  private final Rate rate;
  private final long maxKeys;
  private final TimeMeter meter;
  private final Cache<String, Bucket> buckets;
  private final Bucket shared;

  /**
   * None yet.
   *
   * @param maxKeys how many keys have a bucket of their own at a time
   * @throws IllegalArgumentException if that is not positive
   */
  public KeyedBuckets(Rate rate, long maxKeys, InstantSource clock) {
    if (maxKeys < 1) {
      throw new IllegalArgumentException("maxKeys must be at least 1: it is how many callers pay");
    }
    this.rate = rate;
    this.maxKeys = maxKeys;
    this.meter = new ElapsedTime(clock);
    // nothing is evicted for its place: what nobody touched for so long is full
    this.buckets =
        Caffeine.newBuilder()
            .expireAfterAccess(rate.timeToFill().plusSeconds(1))
            .ticker(meter::currentTimeNanos)
            .executor(Runnable::run)
            .build();
    this.shared = bucket(rate.burst());
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

  /** The rate of each bucket. */
  public Rate rate() {
    return rate;
  }

  /** The key's own bucket, or {@link #shared} where there is no room for one. */
  public Bucket of(String key) {
    Bucket known = buckets.getIfPresent(key);
    return known == null ? made(key) : known;
  }

  /** The key's own bucket; null if there is none, which is a full one or the shared one. */
  public @Nullable Bucket known(String key) {
    return buckets.getIfPresent(key);
  }

  /** The bucket of all for whom there is no room. */
  public Bucket shared() {
    return shared;
  }

  private synchronized Bucket made(String key) {
    Bucket known = buckets.getIfPresent(key);
    if (known != null) {
      return known;
    }
    if (buckets.estimatedSize() >= maxKeys) {
      buckets.cleanUp();
      if (buckets.estimatedSize() >= maxKeys) {
        return shared;
      }
    }
    // whoever spent from the shared one must not find a full one of his own
    Bucket made = bucket(shared.getAvailableTokens());
    buckets.put(key, made);
    return made;
  }
}
