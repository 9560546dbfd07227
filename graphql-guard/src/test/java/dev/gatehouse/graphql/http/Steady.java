package dev.gatehouse.graphql.http;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Waits until a number has begun to grow and no longer does. */
final class Steady {
  private Steady() {}

  static long wait(LongSupplier number) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    long before = -1;
    int same = 0;
    while (same < 15) {
      if (System.nanoTime() > end) {
        throw new AssertionError("it grows and grows: " + before);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      long now = number.getAsLong();
      same = now == before && now > 0 ? same + 1 : 0;
      before = now;
    }
    return before;
  }
}
