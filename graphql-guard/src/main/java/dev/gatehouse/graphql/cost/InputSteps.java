package dev.gatehouse.graphql.cost;

/**
 * How many steps through input values one evaluation may still take: a large variable costs its
 * walk again at each field that takes it, so that no bound on one of the two bounds both.
 *
 * <p>For one evaluation on one thread.
 */
public final class InputSteps {
  private static final int MAX = 100_000;

  private int left = MAX;

  /** Begins with {@value #MAX} steps, one for each part and for every eighth field of its type. */
  public InputSteps() {}

  /** Whether a part of so many steps may be walked; once not, never again. */
  boolean take(int steps) {
    left = Math.max(-1, left - steps);
    return left >= 0;
  }
}
