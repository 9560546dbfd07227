package dev.gatehouse.redis;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.testkit.PayingContract;
import dev.gatehouse.testkit.SimulatedClock;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

final class RedisPayingTest extends PayingContract {
  private static RedisProcess redis;
  private static RedisNode node;

  @BeforeAll
  static void start(@TempDir Path folder) {
    redis = RedisProcess.in(folder);
    node = RedisNode.at(redis.port());
  }

  @AfterAll
  static void stop() {
    node.close();
    redis.close();
  }

  @Override
  protected CostBucket create(Rate rate, SimulatedClock clock) {
    node.flush();
    CostBucket bucket = MovedBuckets.on(node, rate, clock);
    // a script's first call is sent twice, and a charge could overtake the second of a refund
    bucket
        .charge("first", 1)
        .compose(charged -> bucket.refund("first", 1))
        .toCompletionStage()
        .toCompletableFuture()
        .join();
    return bucket;
  }
}
