package dev.gatehouse.redis;

import static dev.gatehouse.redis.RedisLink.bytes;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.cost.CostBucket;
import io.lettuce.core.ScriptOutputType;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * Cost points in Redis: nodes that share them spend one budget, on the server's clock; each call is
 * one script.
 *
 * <p>When Redis cannot be asked the future fails, and the operation does not run: closed by
 * default, as {@link RedisRateLimiter} is. {@link CostBucket#orElse} gives each node buckets of its
 * own for that time. A charge whose answer is lost on the way may have been taken: that costs the
 * caller points until the bucket fills, and gives him none.
 *
 * <p>Redis keeps about 150 bytes for each caller whose bucket is not full, under a digest of his
 * key, and forgets a bucket ten seconds after it is full again.
 */
public final class RedisCostBucket implements CostBucket {
  private static final Base64.Encoder NAMES = Base64.getUrlEncoder().withoutPadding();

  // half of what a number of the script holds exactly, so that sums stay exact too
  private static final double MAX_PARTS = 1L << 52;

  private final RedisLink link;
  private final BucketScripts scripts;
  private final String prefix;
  private final Rate rate;
  private final long partsOfPoint;
  private final byte[] capacity;
  private final byte[] refill;

  RedisCostBucket(RedisLink link, BucketScripts scripts, String prefix, Rate rate) {
    this.link = link;
    this.scripts = scripts;
    this.prefix = prefix;
    this.rate = rate;
    long millis = rate.period().toMillis();
    if (!Duration.ofMillis(millis).equals(rate.period())) {
      throw new IllegalArgumentException("the period of a rate on Redis is in whole milliseconds");
    }
    long shared =
        BigInteger.valueOf(millis).gcd(BigInteger.valueOf(rate.refill())).longValueExact();
    this.partsOfPoint = millis / shared;
    if ((double) rate.burst() * partsOfPoint > MAX_PARTS || rate.refill() > MAX_PARTS) {
      throw new IllegalArgumentException(
          "a rate on Redis is too fine for its burst: take a shorter period");
    }
    this.capacity = bytes(rate.burst() * partsOfPoint);
    this.refill = bytes(rate.refill() / shared);
  }

  @Override
  public Rate rate() {
    return rate;
  }

  @Override
  public Future<Charge> charge(String key, long cost) {
    return this.<List<Long>>run(scripts.charge(), ScriptOutputType.MULTI, key, cost)
        .map(
            answer ->
                new Charge(
                    answer.get(0) == 1,
                    answer.get(1) / partsOfPoint,
                    Duration.ofMillis(answer.get(2))));
  }

  @Override
  public Future<Void> refund(String key, long cost) {
    return run(scripts.refund(), ScriptOutputType.INTEGER, key, cost).mapEmpty();
  }

  private <T> Future<T> run(Script script, ScriptOutputType type, String key, long cost) {
    if (cost < 0) {
      return Future.failedFuture(new IllegalArgumentException("a cost is 0 or more points"));
    }
    // one more than a bucket holds is as good as any number beyond
    long parts = Math.min(cost, rate.burst() + 1) * partsOfPoint;
    return link.run(
        script, type, new byte[][] {bytes(prefix + name(key))}, capacity, refill, bytes(parts));
  }

  // Of one length, whatever a caller is called, and no name of a person in the store.
  private static String name(String key) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return NAMES.encodeToString(sha.digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
