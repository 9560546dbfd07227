package dev.gatehouse.graphql.plan;

/**
 * When something is selected: in one of several cases, each of which wants some variables true and
 * some false.
 */
final class When {
  /** In any case. */
  static final When ALWAYS = new When(new int[][] {{}});

  private static final int NONE = -1;

  private final int[][] cases;

  // the literal where that is all there is to it
  private final int only;

  private When(int[][] cases) {
    this.cases = cases;
    this.only = cases.length == 1 && cases[0].length == 1 ? cases[0][0] : NONE;
  }

  /** In one of these cases, each an array of {@link Conditions}' literals. */
  static When oneOf(int[]... cases) {
    for (int[] each : cases) {
      if (each.length == 0) {
        return ALWAYS;
      }
    }
    return new When(cases);
  }

  boolean isAlways() {
    return cases[0].length == 0;
  }

  /**
   * Whether it holds.
   *
   * @param truths the variables that are true, a bit each
   */
  boolean holds(long[] truths) {
    if (only != NONE) {
      return holds(only, truths);
    }
    for (int[] each : cases) {
      if (holds(each, truths)) {
        return true;
      }
    }
    return false;
  }

  private static boolean holds(int[] literals, long[] truths) {
    for (int literal : literals) {
      if (!holds(literal, truths)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(int literal, long[] truths) {
    return (truths[literal >> 7] >>> (literal >> 1) & 1) != (literal & 1);
  }
}
