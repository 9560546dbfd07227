package dev.gatehouse.redis;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits on the test's thread, within a bound. */
final class Await {
  private Await() {}

  static <T> T get(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened within 20 s", e);
    }
  }

  /** The failure of a future that must fail. */
  static Throwable failure(Future<?> future) {
    return get(future.<Throwable>map(answer -> null).otherwise(failure -> failure));
  }

  static void until(String what, Duration patience, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + patience + ": " + what);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }
}
