package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.graphql.cost.CostBucket.Charge;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link CostBucket} must do; each backend runs it. */
public abstract class CostBucketContract {
  /** A burst of 10, then 2 a second. */
  protected static final Rate RATE = Rate.perSecond(2, 10);

  /** The clock that the bucket was given. */
  protected final SimulatedClock clock = SimulatedClock.at(Instant.parse("2026-03-01T12:00:00Z"));

  /** The bucket under test. */
  @SuppressWarnings("NullAway.Init")
  protected CostBucket bucket;

  /** For subclasses, which JUnit makes. */
  protected CostBucketContract() {}

  /** A bucket that is full for every key. */
  protected abstract CostBucket create(Rate rate, SimulatedClock clock);

  @BeforeEach
  void begin() {
    bucket = create(RATE, clock);
  }

  @Test
  void rate_anyBucket_isWhatItWasGiven() {
    assertThat(bucket.rate()).isEqualTo(RATE);
    assertThat(bucket.restoreRate()).isEqualTo(2.0);
    assertThat(create(new Rate(600, 300, Duration.ofMinutes(1)), clock).restoreRate())
        .isEqualTo(5.0);
  }

  @Test
  void charge_untilTheBucketIsSpent_isGrantedAndCountsDown() {
    for (int left = 8; left >= 0; left -= 2) {
      assertThat(charge("a", 2)).isEqualTo(new Charge(true, left, Duration.ZERO));
    }
    assertThat(charge("a", 1).granted()).isFalse();
  }

  @Test
  void charge_refused_saysWhenItCouldBeGranted() {
    charge("a", 9);

    Charge refused = charge("a", 4);

    assertThat(refused.granted()).isFalse();
    assertThat(refused.available()).isEqualTo(1);
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(1_500));
    assertThat(refused.retryAfterSeconds()).isEqualTo(2);
    clock.advance(refused.retryAfter().minusMillis(1));
    assertThat(charge("a", 4).granted()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(charge("a", 4).granted()).isTrue();
  }

  @Test
  void charge_moreThanIsLeft_takesNone() {
    charge("a", 7);

    assertThat(charge("a", 4).granted()).isFalse();
    assertThat(charge("a", 3).granted()).isTrue();
  }

  @Test
  void charge_moreThanABucketHolds_isRefusedAndTakesNone() {
    assertThat(charge("a", 11).granted()).isFalse();
    assertThat(charge("a", Long.MAX_VALUE).granted()).isFalse();
    assertThat(charge("a", 10).granted()).isTrue();
  }

  @Test
  void charge_nothing_isGrantedAndSaysWhatIsLeft() {
    assertThat(charge("a", 0)).isEqualTo(new Charge(true, 10, Duration.ZERO));
    charge("a", 10);
    assertThat(charge("a", 0)).isEqualTo(new Charge(true, 0, Duration.ZERO));
  }

  @Test
  void charge_negative_givesNothing() {
    charge("a", 10);

    assertThat(Asking.refuses(() -> bucket.charge("a", -5))).isTrue();
    assertThat(charge("a", 0).available()).isZero();
  }

  @Test
  void charge_otherKey_hasABucketOfItsOwn() {
    charge("a", 10);

    assertThat(charge("b", 10).granted()).isTrue();
    assertThat(charge("a", 1).granted()).isFalse();
  }

  @Test
  void restore_askedAtEachMoment_losesNothingToRounding() {
    charge("a", 10);
    for (int i = 0; i < 333; i++) {
      clock.advance(Duration.ofMillis(3));
      charge("a", 0);
      charge("a", 9);
    }
    assertThat(charge("a", 0).available()).isEqualTo(1);

    clock.advance(Duration.ofMillis(1));

    assertThat(charge("a", 0).available()).isEqualTo(2);
  }

  @Test
  void restore_afterALongTime_fillsTheBucketAndNoMore() {
    charge("a", 10);
    clock.advance(Duration.ofHours(1));

    assertThat(charge("a", 0).available()).isEqualTo(10);
    assertThat(charge("a", 1).available()).isEqualTo(9);
  }

  @Test
  void restore_clockTurnedBack_givesNothing() {
    charge("a", 10);
    clock.advance(Duration.ofSeconds(-3));
    assertThat(charge("a", 1).granted()).isFalse();
    clock.advance(Duration.ofSeconds(3));

    assertThat(charge("a", 1).granted()).isFalse();
  }

  @Test
  void refund_ofWhatWasTaken_isThereAgain() {
    charge("a", 8);

    refund("a", 5);

    assertThat(charge("a", 7).granted()).isTrue();
    assertThat(charge("a", 1).granted()).isFalse();
  }

  @Test
  void refund_beyondWhatABucketHolds_isLost() {
    charge("a", 3);
    refund("a", 4);
    assertThat(charge("a", 0).available()).isEqualTo(10);

    charge("a", 3);
    refund("a", Long.MAX_VALUE);
    assertThat(charge("a", 0).available()).isEqualTo(10);
  }

  @Test
  void refund_ofAnUntouchedBucket_givesNothing() {
    refund("a", 5);

    assertThat(charge("a", 0).available()).isEqualTo(10);
  }

  @Test
  void refund_ofOneKey_isNotAnothers() {
    charge("a", 10);
    charge("b", 10);
    refund("b", 10);

    assertThat(charge("a", 1).granted()).isFalse();
  }

  @Test
  void charge_fromManyThreads_grantsTheBurstAndNotOneMore() {
    List<Charge> answers = atOnce(300, () -> await(bucket.charge("a", 1)));

    assertThat(answers.stream().filter(Charge::granted)).hasSize(10);
    assertThat(answers).allMatch(charge -> charge.available() >= 0);
  }

  @Test
  void refund_fromManyThreads_leavesWhatWasThereAndNotOneMore() {
    List<Charge> answers =
        atOnce(
            300,
            () -> {
              Charge charge = await(bucket.charge("a", 3));
              if (charge.granted()) {
                await(bucket.refund("a", 3));
              }
              return charge;
            });

    assertThat(answers).anyMatch(Charge::granted).allMatch(charge -> charge.available() <= 10);
    assertThat(charge("a", 0).available()).isEqualTo(10);
  }

  /** Asks so often from several threads, and waits for all. */
  protected static <T> List<T> atOnce(int times, Callable<T> task) {
    return Asking.atOnce(times, task);
  }

  /** Charges, and waits for the answer. */
  protected final Charge charge(String key, long cost) {
    return await(bucket.charge(key, cost));
  }

  /** Refunds, and waits until that is done. */
  protected final void refund(String key, long cost) {
    await(bucket.refund(key, cost));
  }

  /** Waits for an answer. */
  protected static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the bucket could not be asked", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
