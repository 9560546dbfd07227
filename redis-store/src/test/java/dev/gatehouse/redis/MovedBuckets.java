package dev.gatehouse.redis;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.testkit.SimulatedClock;

/** Cost buckets whose scripts read the time from a key of the server, which a test moves. */
final class MovedBuckets {
  private static final BucketScripts MOVED =
      BucketScripts.on(
          """
          local function now()
            return tonumber(redis.call('GET', 'clock'))
          end
          """);

  private MovedBuckets() {}

  static RedisCostBucket on(RedisNode node, Rate rate, SimulatedClock clock) {
    byte[] key = RedisLink.bytes("clock");
    clock.follow(
        moment ->
            Await.get(
                node.store()
                    .link()
                    .ask(redis -> redis.set(key, RedisLink.bytes(moment.toEpochMilli())))));
    return new RedisCostBucket(node.store().link(), MOVED, "test:" + rate + ":", rate);
  }
}
