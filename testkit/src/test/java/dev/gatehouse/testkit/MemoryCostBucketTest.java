package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.graphql.cost.CostBucket.Charge;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class MemoryCostBucketTest extends CostBucketContract {
  private static final int KEYS = 100;

  @Override
  protected CostBucket create(Rate rate, SimulatedClock clock) {
    return CostBucket.inMemory(rate, KEYS, clock);
  }

  @Test
  void charge_inMemory_isAnsweredAtOnce() {
    assertThat(bucket).isInstanceOf(CostBucket.AtOnce.class);
    assertThat(bucket.charge("a", 1).succeeded()).isTrue();
  }

  @Test
  void inMemory_forNobody_isRefused() {
    assertThatThrownBy(() -> CostBucket.inMemory(RATE, 0, clock))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxKeys");
  }

  @Test
  void charge_moreKeysThanThereIsRoomFor_givesNoSpentKeyAFullBucket() {
    charge("spent", 10);
    for (int i = 0; i < 50 * KEYS; i++) {
      charge("other" + i, 1);
    }

    assertThat(charge("spent", 1).granted()).isFalse();
  }

  @Test
  void charge_noRoomLeft_sharesOneBucketWithAllWhoFindNone() {
    fill();

    int granted = 0;
    for (int i = 0; i < 50; i++) {
      granted += charge("late" + i, 1).granted() ? 1 : 0;
    }

    assertThat(granted).isEqualTo(10);
    assertThat(charge("key1", 9).granted()).isTrue();
  }

  @Test
  void charge_roomAgain_givesNoMoreThanTheSharedBucketHolds() {
    fill();
    charge("late", 10);
    // all but what is shared are full after half a second, and forgotten after the time to fill
    clock.advance(RATE.timeToFill().plusSeconds(1).minusMillis(1));
    charge("other", 10);
    clock.advance(Duration.ofMillis(1));

    Charge own = charge("late", 0);

    assertThat(own.standIn()).isEmpty();
    assertThat(own.available()).isLessThan(10);
  }

  @Test
  void refund_ofWhatTheSharedBucketWasCharged_isTheSharedBuckets() {
    fill();
    Charge charge = charge("late", 6);

    await(charge.standIn().orElseThrow().refund("late", 6));
    refund("late", 6);

    assertThat(charge("late", 0).available()).isEqualTo(10);
    assertThat(charge("late", 10).granted()).isTrue();
    assertThat(charge("later", 1).granted()).isFalse();
  }

  @Test
  void charge_bucketsThatAreFullAgain_makeRoom() {
    fill();
    clock.advance(RATE.timeToFill().plusSeconds(1));

    assertThat(charge("late", 10)).isEqualTo(new Charge(true, 0, Duration.ZERO));
    assertThat(charge("later", 10).granted()).isTrue();
  }

  @Test
  void orElse_firstIsAway_spendsTheOtherAndGivesItBackThere() {
    Switched first = new Switched(create(RATE, clock), new AtomicBoolean(true));
    CostBucket both = first.orElse(bucket);

    Charge charge = await(both.charge("a", 10));
    assertThat(charge.granted()).isTrue();
    assertThat(await(both.charge("a", 1)).granted()).isFalse();
    first.away.set(false);
    await(charge.standIn().orElseThrow().refund("a", 10));

    assertThat(charge("a", 0).available()).isEqualTo(10);
    assertThat(await(both.charge("a", 4))).isEqualTo(new Charge(true, 6, Duration.ZERO));
    await(both.refund("a", 4));
    assertThat(await(both.charge("a", 0)).available()).isEqualTo(10);
    assertThat(both.rate()).isEqualTo(RATE);
  }

  private void fill() {
    for (int i = 0; i < KEYS; i++) {
      charge("key" + i, 1);
    }
  }

  private record Switched(CostBucket bucket, AtomicBoolean away) implements CostBucket {
    @Override
    public Rate rate() {
      return bucket.rate();
    }

    @Override
    public Future<Charge> charge(String key, long cost) {
      return away.get() ? Future.failedFuture("away") : bucket.charge(key, cost);
    }

    @Override
    public Future<Void> refund(String key, long cost) {
      return away.get() ? Future.failedFuture("away") : bucket.refund(key, cost);
    }
  }
}
