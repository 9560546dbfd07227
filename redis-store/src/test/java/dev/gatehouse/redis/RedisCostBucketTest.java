package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.graphql.cost.CostBucket.Charge;
import dev.gatehouse.testkit.CostBucketContract;
import dev.gatehouse.testkit.SimulatedClock;
import dev.gatehouse.testkit.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisCostBucketTest extends CostBucketContract {
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
  protected CostBucket create(Rate rate, SimulatedClock clock) {
    node.flush();
    return MovedBuckets.on(node, rate, clock);
  }

  @Test
  void charge_fromTwoNodes_spendsOneBudget() {
    CostBucket beside = MovedBuckets.on(other, RATE, clock);
    AtomicInteger turn = new AtomicInteger();

    List<Charge> answers =
        atOnce(
            200, () -> await((turn.getAndIncrement() % 2 == 0 ? bucket : beside).charge("a", 3)));

    assertThat(answers.stream().filter(Charge::granted)).hasSize(3);
    await(beside.refund("a", 3));
    assertThat(charge("a", 0).available()).isEqualTo(4);
  }

  @Test
  void charge_bucketsOfOneName_areTheSame() {
    CostBucket here = node.store().costBucket("graphql", Rate.perMinute(30));
    CostBucket there = other.store().costBucket("graphql", Rate.perMinute(30));
    CostBucket elsewhere = other.store().costBucket("reports", Rate.perMinute(30));

    assertThat(await(here.charge("ann", 20)).granted()).isTrue();
    assertThat(await(there.charge("ann", 20)).granted()).isFalse();
    assertThat(await(elsewhere.charge("ann", 20)).granted()).isTrue();
  }

  @Test
  void charge_onTheServersClock_restores() {
    CostBucket real = node.store().costBucket("fast", Rate.perSecond(100, 5));
    assertThat(await(real.charge("a", 5)).granted()).isTrue();

    Await.until("it fills", Duration.ofSeconds(20), () -> await(real.charge("a", 5)).granted());
  }

  @Test
  void charge_anyKey_isKeptUnderANameOfOneLengthUntilItIsFull() {
    CostBucket real = node.store().costBucket("kept", Rate.perSecond(100, 500));
    await(real.charge("caller/acme/user/" + "x".repeat(10_000), 200));

    List<byte[]> keys = keys("gatehouse:cost:kept:*");
    assertThat(keys).hasSize(1);
    assertThat(keys.get(0).length).isLessThan(100);
    long left = Await.get(node.store().link().ask(redis -> redis.pttl(keys.get(0))));
    assertThat(left).isBetween(2_000L, 12_000L);
  }

  @Test
  void refund_thatFillsTheBucket_forgetsIt() {
    CostBucket real = node.store().costBucket("whole", Rate.perMinute(60));
    await(real.charge("a", 20));
    await(real.refund("a", 20));

    assertThat(keys("gatehouse:cost:whole:*")).isEmpty();
  }

  private static List<byte[]> keys(String pattern) {
    return Await.get(node.store().link().ask(redis -> redis.keys(pattern)));
  }

  @Test
  void restore_clockTurnedBackFar_isHeldUpNoLongerThanABucketFills() {
    charge("a", 10);
    clock.advance(Duration.ofHours(-1));
    assertThat(charge("a", 1).granted()).isFalse();
    clock.advance(RATE.timeToFill());

    assertThat(charge("a", 5).granted()).isTrue();
  }

  @Test
  void charge_largeBudgetOfManyParts_isCountedExactly() {
    Rate rate = new Rate(1_000_000_000, 7, Duration.ofSeconds(1));
    CostBucket large = MovedBuckets.on(node, rate, clock);
    await(large.charge("a", 1));
    for (int i = 0; i < 10; i++) {
      await(large.charge("a", 12_345));
    }

    assertThat(await(large.charge("a", 0)).available()).isEqualTo(1_000_000_000L - 123_451);
  }

  @Test
  void costBucket_rateThatCannotBeKeptExactly_isRefused() {
    RedisStore store = node.store();

    assertThatThrownBy(() -> store.costBucket("fine", new Rate(1L << 50, 7, Duration.ofHours(1))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.costBucket("fine", new Rate(10, 1, Duration.ofNanos(1_500_000))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("milliseconds");
  }

  @Test
  void charge_redisAway_failsInTimeOrSpendsTheNodesOwnAndRecovers() {
    CostBucket beside = other.store().costBucket("away", Rate.perMinute(1_000));
    await(beside.charge("a", 1));
    network.cut();
    try {
      Await.until(
          "it fails", Duration.ofSeconds(20), () -> Await.failure(beside.charge("a", 1)) != null);
      CostBucket both = beside.orElse(CostBucket.inMemory(Rate.perMinute(10), 10, clock));
      assertThat(await(both.charge("a", 10)).granted()).isTrue();
      assertThat(await(both.charge("a", 1)).granted()).isFalse();
    } finally {
      network.heal();
    }
    Await.until(
        "it answers", Duration.ofSeconds(30), () -> Await.failure(beside.charge("a", 1)) == null);
  }
}
