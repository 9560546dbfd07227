package dev.gatehouse.graphql.plan;

/**
 * When something is selected: in one of several cases, each of which wants some variables true and
 * some false.
 */
final class When {
  /** In any case. */
  static final When ALWAYS = new When(new int[][] {{}});

  private final int[][] cases;

  private When(int[][] cases) {
    this.cases = cases;
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
    for (int[] each : cases) {
      if (holds(each, truths)) {
        return true;
      }
    }
    return false;
  }

  private static boolean holds(int[] literals, long[] truths) {
    for (int literal : literals) {
      boolean value = (truths[literal >> 7] >>> (literal >> 1) & 1) == 1;
      if (value == ((literal & 1) == 1)) {
        return false;
      }
    }
    return true;
  }
}
