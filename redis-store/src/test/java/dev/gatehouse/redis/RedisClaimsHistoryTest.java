package dev.gatehouse.redis;

import dev.gatehouse.testkit.ClaimsHistoryContract;
import dev.gatehouse.testkit.SimulatedClock;
import dev.gatehouse.webhook.Claims;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

final class RedisClaimsHistoryTest extends ClaimsHistoryContract {
  private static RedisProcess redis;
  private static RedisNode node;

  @BeforeAll
  static void start(@TempDir Path folder) {
    redis = RedisProcess.in(folder, "--appendonly", "no");
    // what counts is what it answers, not when
    node = RedisNode.at(redis.port(), Duration.ofSeconds(30));
  }

  @AfterAll
  static void stop() {
    node.close();
    redis.close();
  }

  @Override
  protected List<Claims> open(String source, SimulatedClock clock, Duration retention) {
    return List.of(claims(source, clock, retention), claims(source, clock, retention));
  }

  // on one connection, which keeps what is asked after what moved the clock
  private static Claims claims(String source, SimulatedClock clock, Duration retention) {
    return node.claimsOn(clock, "clock:" + source).retention(retention).build();
  }

  @Override
  protected int usualCount() {
    return 10_000;
  }

  @Override
  protected int atATime() {
    return 200;
  }
}
