package dev.gatehouse.graphql.plan;

/** Counts the steps of one compilation, and ends it when they are too many. */
final class Budget {
  private final long max;
  private long spent;

  Budget(long max) {
    this.max = max;
  }

  long spent() {
    return spent;
  }

  void spend() {
    spend(1);
  }

  void spend(long steps) {
    spent += steps;
    if (spent > max) {
      throw new BudgetExceededException(
          "the document is too entangled: its analysis takes more than " + max + " steps");
    }
  }
}
