package dev.gatehouse.receiver;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for futures and conditions on the test's thread. */
final class Awaited {
  private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();

  private Awaited() {}

  static <T> T get(Future<T> future) {
    try {
      return future.await(60, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened within 60 s", e);
    }
  }

  static void until(String what, BooleanSupplier condition) {
    within(60, what, condition);
  }

  static void within(int seconds, String what, BooleanSupplier condition) {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(seconds)) {
        throw new AssertionError("not within " + seconds + " s: " + what);
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }
}
