package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.cost.CostBucket;
import io.vertx.core.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The contract waits for a bucket that answers later. */
final class CostBucketContractTest {
  @Test
  void charge_negativeRefusedLater_isRefused() {
    Contract contract = new Contract();
    contract.begin();

    contract.charge_negative_givesNothing();
    assertThat(contract.bucket).isInstanceOf(Later.class);
  }

  private static final class Contract extends CostBucketContract {
    @Override
    protected CostBucket create(Rate rate, SimulatedClock clock) {
      return new Later(CostBucket.inMemory(rate, 10, clock));
    }
  }

  /** A bucket that answers as one across a network does: not yet when the call returns. */
  private record Later(CostBucket bucket) implements CostBucket {
    @Override
    public Rate rate() {
      return bucket.rate();
    }

    @Override
    public Future<Charge> charge(String key, long cost) {
      return later(
          cost < 0
              ? Future.failedFuture(new IllegalArgumentException("cost"))
              : bucket.charge(key, cost));
    }

    @Override
    public Future<Void> refund(String key, long cost) {
      return later(bucket.refund(key, cost));
    }

    private static <T> Future<T> later(Future<T> answer) {
      CompletableFuture<T> later =
          CompletableFuture.supplyAsync(
                  () -> answer, CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS))
              .thenCompose(known -> known.toCompletionStage());
      return Future.fromCompletionStage(later);
    }
  }
}
