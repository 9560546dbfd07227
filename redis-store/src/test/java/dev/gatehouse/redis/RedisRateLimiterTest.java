package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.testkit.RateLimiterContract;
import dev.gatehouse.testkit.SimulatedClock;
import dev.gatehouse.testkit.TcpProxy;
import io.github.bucket4j.TimeMeter;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisRateLimiterTest extends RateLimiterContract {
  private static RedisProcess redis;
  private static TcpProxy network;
  private static RedisNode node;
  private static RedisNode other;

  @BeforeAll
  static void start(@TempDir Path folder) {
    redis = RedisProcess.in(folder);
    network = TcpProxy.to(redis.port());
    node = RedisNode.at(redis.port());
    other = RedisNode.at(network.port());
  }

  @AfterAll
  static void stop() {
    other.close();
    node.close();
    network.close();
    redis.close();
  }

  @Override
  protected RateLimiter create(Rate rate, SimulatedClock time) {
    node.flush();
    return on(node, rate, time);
  }

  private static RedisRateLimiter on(RedisNode at, Rate rate, SimulatedClock time) {
    TimeMeter meter =
        new TimeMeter() {
          @Override
          public long currentTimeNanos() {
            return TimeUnit.MILLISECONDS.toNanos(time.instant().toEpochMilli());
          }

          @Override
          public boolean isWallClockBased() {
            return true;
          }
        };
    return new RedisRateLimiter(at.vertx(), at.store().link(), meter, "test:", rate);
  }

  @Test
  void acquire_fromTwoNodes_spendsOneBudget() {
    RateLimiter beside = on(other, RATE, clock);
    List<Future<Permit>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add((i % 2 == 0 ? limiter : beside).acquire("a", 1));
    }

    assertThat(answers.stream().map(RateLimiterContract::await).filter(Permit::granted))
        .hasSize(10);
  }

  @Test
  void acquire_limitersOfOneName_shareTheirBuckets() {
    RateLimiter here = node.store().rateLimiter("verified", Rate.perMinute(3));
    RateLimiter there = other.store().rateLimiter("verified", Rate.perMinute(3));
    RateLimiter elsewhere = other.store().rateLimiter("failed", Rate.perMinute(3));

    assertThat(await(here.acquire("github", 2)).granted()).isTrue();
    assertThat(await(there.acquire("github", 2)).granted()).isFalse();
    assertThat(await(elsewhere.acquire("github", 2)).granted()).isTrue();
  }

  @Test
  void acquire_onTheServersClock_refills() {
    RateLimiter real = node.store().rateLimiter("fast", Rate.perSecond(100, 5));
    assertThat(await(real.acquire("a", 5)).granted()).isTrue();

    Await.until("it refills", Duration.ofSeconds(20), () -> await(real.acquire("a", 5)).granted());
  }

  @Test
  void acquire_bucketFullAgain_isForgotten() {
    RateLimiter real = node.store().rateLimiter("kept", Rate.perSecond(100, 5));
    await(real.acquire("a", 5));

    long left =
        Await.get(
            node.store()
                .link()
                .ask(r -> r.pttl(RedisLink.bytes("gatehouse:limit:kept:5-100-1000:a"))));
    assertThat(left).isBetween(1L, 11_000L);
  }

  @Test
  void acquire_moreKeysThanBuckets_fillsRedisNoFurtherAndEachKeepsItsOwn() {
    RateLimiter capped = node.store().rateLimiter("capped", Rate.perMinute(5), 16);
    RateLimiter beside = other.store().rateLimiter("capped", Rate.perMinute(5), 16);
    assertThat(await(capped.acquire("2001:db8::1", 5)).granted()).isTrue();
    for (int i = 0; i < 500; i++) {
      await(capped.acquire("2001:db8::" + Integer.toHexString(i + 2), 1));
    }

    List<byte[]> keys =
        Await.get(node.store().link().ask(r -> r.keys("gatehouse:limit:capped/16:*")));
    assertThat(keys).hasSizeBetween(2, 16);
    assertThat(await(capped.acquire("2001:db8::1", 1)).granted()).isFalse();
    assertThat(await(beside.acquire("2001:db8::1", 1)).granted()).isFalse();
  }

  @Test
  void acquire_redisAway_failsInTimeAndRecovers() {
    RateLimiter beside = other.store().rateLimiter("away", Rate.perMinute(1_000));
    await(beside.acquire("a", 1));
    network.cut();
    try {
      Await.until(
          "it fails", Duration.ofSeconds(20), () -> Await.failure(beside.acquire("a", 1)) != null);
      RateLimiter local = RateLimiter.inMemory(Rate.perMinute(1), 10, clock);
      assertThat(await(beside.orElse(local).acquire("a", 1)).granted()).isTrue();
      assertThat(await(beside.orElse(local).acquire("a", 1)).granted()).isFalse();
    } finally {
      network.heal();
    }
    Await.until(
        "it answers", Duration.ofSeconds(30), () -> Await.failure(beside.acquire("a", 1)) == null);
  }
}
