package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.FailureMode;
import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.RateLimiter.Rate;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

final class MemoryRateLimiterTest extends RateLimiterContract {
  private final RateLimiter away = (key, tokens) -> Future.failedFuture("away");

  @Override
  protected RateLimiter create(Rate rate, SimulatedClock clock) {
    return RateLimiter.inMemory(rate, 1_000, clock);
  }

  @Test
  void acquire_inMemory_isAnsweredAtOnce() {
    assertThat(limiter.acquire("a", 1).succeeded()).isTrue();
  }

  @Test
  void failing_closed_failsWhatCannotBeAsked() {
    assertThat(away.failing(FailureMode.CLOSED).acquire("a", 1).failed()).isTrue();
  }

  @Test
  void failing_open_grantsWhatCannotBeAskedAndNothingElse() {
    assertThat(await(away.failing(FailureMode.OPEN).acquire("a", 1)).granted()).isTrue();
    acquire("a", 10);
    assertThat(await(limiter.failing(FailureMode.OPEN).acquire("a", 1)).granted()).isFalse();
  }

  @Test
  void orElse_whileTheSharedOneIsAway_spendsTheOther() {
    RateLimiter both = away.orElse(limiter);

    assertThat(await(both.acquire("a", 10)).granted()).isTrue();
    Permit refused = await(both.acquire("a", 1));
    assertThat(refused.granted()).isFalse();
  }

  @Test
  void orElse_sharedOneAnswers_leavesTheOtherAlone() {
    acquire("a", 10);
    RateLimiter other = (key, tokens) -> Future.failedFuture("not to be asked");

    assertThat(await(limiter.orElse(other).acquire("a", 1)).granted()).isFalse();
  }
}
