package dev.gatehouse.events;

import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other threads do, with a deadline. */
final class Await {
  private static final long DEADLINE_SECONDS = 20;

  private Await() {}

  static <T> T get(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("it did not come about", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Waits until the tenant's lane has done all that it was given, and has matched all that was
   * published: a lane takes turns between its tenants, so having run a task says nothing of that.
   */
  static void lane(EventHub hub, TenantId tenant) {
    Lane lane = hub.state().lane(tenant);
    for (int i = 0; i < 3; i++) {
      ask(lane, () -> true);
    }
    until("the lane has matched everything", () -> !ask(lane, () -> lane.isBusy(tenant)));
  }

  private static boolean ask(Lane lane, BooleanSupplier question) {
    Promise<Boolean> answer = Promise.promise();
    lane.execute(() -> answer.complete(question.getAsBoolean()));
    return get(answer.future());
  }

  static void until(String what, BooleanSupplier holds) {
    until(() -> what, holds);
  }

  static void until(Supplier<String> what, BooleanSupplier holds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not in time: " + what.get());
      }
      LockSupport.parkNanos(200_000);
    }
  }
}
