package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class BodyBudgetTest {
  private final BodyBudget budget = BodyBudget.ofBytes(100);

  @Test
  void take_upToTheCapacity_isGrantedAndNotAByteMore() {
    BodyBudget.Share share = budget.open();

    assertThat(share.take(100)).isTrue();
    assertThat(budget.open().take(1)).isFalse();
    assertThat(budget.inFlight()).isEqualTo(100);
  }

  @Test
  void close_twice_givesBackOnce() {
    BodyBudget.Share first = budget.open();
    BodyBudget.Share second = budget.open();
    first.take(60);
    second.take(40);
    first.close();
    first.close();

    assertThat(budget.inFlight()).isEqualTo(40);
  }

  @Test
  void take_afterClose_isRefusedAndHoldsNothing() {
    BodyBudget.Share share = budget.open();
    share.close();

    assertThat(share.take(10)).isFalse();
    assertThat(budget.inFlight()).isZero();
  }

  @Test
  void ofBytes_notPositive_isRefused() {
    assertThatThrownBy(() -> BodyBudget.ofBytes(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shares_takenAndClosedAtOnce_leaveNothingBehind() throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    CountDownLatch done = new CountDownLatch(20_000);
    for (int i = 0; i < 10_000; i++) {
      BodyBudget.Share share = budget.open();
      pool.execute(
          () -> {
            share.take(3);
            done.countDown();
          });
      pool.execute(
          () -> {
            share.close();
            done.countDown();
          });
    }
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    pool.shutdown();

    assertThat(budget.inFlight()).isZero();
  }
}
