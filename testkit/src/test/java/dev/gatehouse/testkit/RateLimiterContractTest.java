package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.RateLimiter.Rate;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The contract finds what is wrong with a limiter. */
final class RateLimiterContractTest {
  /** One bucket, whole tokens, as plainly as it can be written; a test spoils one thing. */
  private static class Naive implements RateLimiter {
    final Rate rate;
    final SimulatedClock clock;
    long tokens;
    Instant filled;

    Naive(Rate rate, SimulatedClock clock) {
      this.rate = rate;
      this.clock = clock;
      this.tokens = rate.burst();
      this.filled = clock.instant();
    }

    @Override
    public synchronized Future<Permit> acquire(String key, long wanted) {
      if (!isAllowed(wanted)) {
        return Future.failedFuture(new IllegalArgumentException("tokens"));
      }
      fill(clock.instant());
      boolean granted = wanted <= tokens;
      if (granted) {
        tokens -= wanted;
      }
      return Future.succeededFuture(new Permit(granted, tokens, Duration.ZERO));
    }

    boolean isAllowed(long wanted) {
      return wanted > 0;
    }

    void fill(Instant now) {
      if (now.isAfter(filled)) {
        long more = rate.refill() * Duration.between(filled, now).dividedBy(rate.period());
        tokens = Math.min(rate.burst(), tokens + more);
        filled = now;
      }
    }
  }

  /** Reads what is left, and writes what will be when another has read the same. */
  private static final class ReadsThenWrites extends Naive {
    private final CyclicBarrier another = new CyclicBarrier(2);

    ReadsThenWrites(Rate rate, SimulatedClock clock) {
      super(rate, clock);
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // which is what is wrong with it
    public Future<Permit> acquire(String key, long wanted) {
      long left = tokens;
      try {
        another.await(100, TimeUnit.MILLISECONDS);
      } catch (BrokenBarrierException | TimeoutException alone) {
        // nobody else asks at this moment
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (left < wanted) {
        return Future.succeededFuture(new Permit(false, left, Duration.ZERO));
      }
      tokens = left - wanted;
      return Future.succeededFuture(new Permit(true, tokens, Duration.ZERO));
    }
  }

  @Test
  void naive_asItIs_passes() {
    Contract contract = new Contract(Naive::new);

    assertThatCode(contract::acquire_clockTurnedBackAndForthAgain_grantsNoTimeTwice)
        .doesNotThrowAnyException();
    assertThatCode(new Contract(Naive::new)::acquire_notPositive_isRefusedAndGivesNothing)
        .doesNotThrowAnyException();
    assertThatCode(new Contract(Naive::new)::acquire_hundredsAtOnce_grantsTheBurstAndNotOneMore)
        .doesNotThrowAnyException();
  }

  @Test
  void tokens_readAndThenWritten_areFound() {
    isFound(new Contract(ReadsThenWrites::new)::acquire_hundredsAtOnce_grantsTheBurstAndNotOneMore);
  }

  @Test
  void time_refilledTwiceWhenTheClockGoesBackAndForth_isFound() {
    Contract contract =
        new Contract(
            (rate, clock) ->
                new Naive(rate, clock) {
                  @Override
                  void fill(Instant now) {
                    super.fill(now);
                    filled = now;
                  }
                });

    isFound(contract::acquire_clockTurnedBackAndForthAgain_grantsNoTimeTwice);
  }

  @Test
  void tokens_negativeAndGiven_areFound() {
    Contract contract =
        new Contract(
            (rate, clock) ->
                new Naive(rate, clock) {
                  @Override
                  boolean isAllowed(long wanted) {
                    return true;
                  }
                });

    isFound(contract::acquire_notPositive_isRefusedAndGivesNothing);
  }

  private static void isFound(ThrowingCallable test) {
    assertThatThrownBy(test).isInstanceOf(AssertionError.class);
  }

  private interface Maker {
    RateLimiter make(Rate rate, SimulatedClock clock);
  }

  private static final class Contract extends RateLimiterContract {
    private final Maker maker;

    Contract(Maker maker) {
      this.maker = maker;
      begin();
    }

    @Override
    protected RateLimiter create(Rate rate, SimulatedClock clock) {
      return maker.make(rate, clock);
    }
  }
}
