package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.RateLimiter.Rate;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link RateLimiter} must do; each backend runs it. */
public abstract class RateLimiterContract {
  /** A burst of 10, then 2 a second. */
  protected static final Rate RATE = Rate.perSecond(2, 10);

  /** The clock that the limiter was given. */
  protected final SimulatedClock clock = SimulatedClock.at(Instant.parse("2026-03-01T12:00:00Z"));

  /** The limiter under test. */
  @SuppressWarnings("NullAway.Init")
  protected RateLimiter limiter;

  /** For subclasses, which JUnit makes. */
  protected RateLimiterContract() {}

  /** A limiter whose buckets are all full. */
  protected abstract RateLimiter create(Rate rate, SimulatedClock clock);

  @BeforeEach
  void begin() {
    limiter = create(RATE, clock);
  }

  @Test
  void acquire_untilTheBurstIsSpent_isGrantedAndCountsDown() {
    for (int left = 9; left >= 0; left--) {
      Permit permit = acquire("a", 1);
      assertThat(permit.granted()).isTrue();
      assertThat(permit.remaining()).isEqualTo(left);
      assertThat(permit.retryAfter()).isZero();
    }
    assertThat(acquire("a", 1).granted()).isFalse();
  }

  @Test
  void acquire_refused_saysWhenItCouldBeGranted() {
    acquire("a", 10);

    Permit refused = acquire("a", 1);

    assertThat(refused.granted()).isFalse();
    assertThat(refused.remaining()).isZero();
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(500));
    assertThat(refused.retryAfterSeconds()).isEqualTo(1);
    clock.advance(refused.retryAfter());
    assertThat(acquire("a", 1).granted()).isTrue();
  }

  @Test
  void acquire_moreThanIsLeft_takesNone() {
    acquire("a", 7);

    assertThat(acquire("a", 4).granted()).isFalse();
    assertThat(acquire("a", 3).granted()).isTrue();
  }

  @Test
  void acquire_afterALongTime_holdsNoMoreThanTheBurst() {
    acquire("a", 10);
    clock.advance(Duration.ofHours(1));

    assertThat(acquire("a", 1).remaining()).isEqualTo(9);
  }

  @Test
  void acquire_otherKey_hasABucketOfItsOwn() {
    acquire("a", 10);

    assertThat(acquire("b", 10).granted()).isTrue();
    assertThat(acquire("a", 1).granted()).isFalse();
  }

  @Test
  void acquire_clockTurnedBack_grantsNothing() {
    acquire("a", 10);
    clock.advance(Duration.ofHours(-1));

    assertThat(acquire("a", 1).granted()).isFalse();
  }

  @Test
  void acquire_clockTurnedBackAndForthAgain_grantsNoTimeTwice() {
    acquire("a", 10);
    clock.advance(Duration.ofSeconds(-3));
    assertThat(acquire("a", 1).granted()).isFalse();
    clock.advance(Duration.ofSeconds(3));

    assertThat(acquire("a", 1).granted()).isFalse();
  }

  @Test
  void acquire_notPositive_isRefusedAndGivesNothing() {
    acquire("a", 10);

    assertThat(Asking.refuses(() -> limiter.acquire("a", 0))).isTrue();
    assertThat(Asking.refuses(() -> limiter.acquire("a", -5))).isTrue();
    assertThat(acquire("a", 1).granted()).isFalse();
  }

  @Test
  void acquire_hundredsAtOnce_grantsTheBurstAndNotOneMore() {
    List<Permit> answers = Asking.atOnce(300, () -> acquire("a", 1));

    assertThat(answers.stream().filter(Permit::granted)).hasSize(10);
  }

  /** Asks, and waits for the answer. */
  protected final Permit acquire(String key, long tokens) {
    return await(limiter.acquire(key, tokens));
  }

  /** Waits for an answer. */
  protected static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the limiter could not be asked", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
