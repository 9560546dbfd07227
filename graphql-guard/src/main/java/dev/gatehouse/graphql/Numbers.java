package dev.gatehouse.graphql;

/** How costs and counts are written. */
final class Numbers {
  // beyond this a double no longer holds every whole number
  private static final double MAX_EXACT = 1L << 53;

  private Numbers() {}

  /** A whole number without a fraction, any other as it is, and what is not finite as a text. */
  static Object json(double value) {
    if (Double.isInfinite(value) || Double.isNaN(value)) {
      return value < 0 ? "-Infinity" : "Infinity";
    }
    return value == Math.rint(value) && Math.abs(value) <= MAX_EXACT
        ? (Object) (long) value
        : (Object) value;
  }
}
