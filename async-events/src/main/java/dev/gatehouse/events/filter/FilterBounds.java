package dev.gatehouse.events.filter;

/** How large a filter may be, judged while it is read: what is too large is never built. */
final class FilterBounds {
  static final int TEXT = 4_096;
  static final int DEPTH = 16;
  static final int CONDITIONS = 64;
  static final int LITERALS = 64;
  static final int COST = 256;

  private int conditions;

  /** Counts one more condition. */
  void condition(int position) {
    if (++conditions > CONDITIONS) {
      throw new FilterException(position, "more than " + CONDITIONS + " conditions");
    }
  }

  static void depth(int depth, int position) {
    if (depth > DEPTH) {
      throw new FilterException(position, "nested deeper than " + DEPTH);
    }
  }

  static void literals(int count, int position) {
    if (count > LITERALS) {
      throw new FilterException(position, "more than " + LITERALS + " values in one list");
    }
  }

  static void text(int length) {
    if (length > TEXT) {
      throw new FilterException(0, "longer than " + TEXT + " characters");
    }
  }

  static Condition affordable(Condition condition) {
    if (condition.cost() > COST) {
      throw new FilterException(
          0, "costs " + condition.cost() + " steps an event, more than " + COST);
    }
    return condition;
  }
}
