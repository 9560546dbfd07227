package dev.gatehouse.events.filter;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** How values of events and of filters compare: like with like, and not at all otherwise. */
final class Values {
  /** The answer to a comparison that has none. */
  static final int INCOMPARABLE = Integer.MIN_VALUE;

  private Values() {}

  /**
   * Negative, zero or positive; {@link #INCOMPARABLE} where the types differ or one is absent.
   * Texts compare by their UTF-16 code units, booleans with false first.
   */
  static int compare(@Nullable Object one, Object other) {
    if (one instanceof String a && other instanceof String b) {
      return sign(a.compareTo(b));
    }
    if (one instanceof Number a && other instanceof Number b) {
      return compareNumbers(a, b);
    }
    if (one instanceof Boolean a && other instanceof Boolean b) {
      return a.compareTo(b);
    }
    return INCOMPARABLE;
  }

  private static int compareNumbers(Number one, Number other) {
    if (one instanceof Long a && other instanceof Long b) {
      return Long.compare(a, b);
    }
    if (one instanceof Double a && other instanceof Double b) {
      return compareDoubles(a, b);
    }
    BigDecimal a = exact(one);
    BigDecimal b = exact(other);
    return a == null || b == null ? INCOMPARABLE : a.compareTo(b);
  }

  // Double.compare holds -0.0 below 0.0, and finds a place for what is no number.
  private static int compareDoubles(double one, double other) {
    if (Double.isNaN(one) || Double.isNaN(other)) {
      return INCOMPARABLE;
    }
    return one < other ? -1 : one > other ? 1 : 0;
  }

  private static @Nullable BigDecimal exact(Number number) {
    if (number instanceof Long whole) {
      return BigDecimal.valueOf(whole);
    }
    if (number instanceof BigInteger whole) {
      return new BigDecimal(whole);
    }
    double real = number.doubleValue();
    return Double.isFinite(real) ? new BigDecimal(real) : null;
  }

  private static int sign(int order) {
    return Integer.compare(order, 0);
  }
}
