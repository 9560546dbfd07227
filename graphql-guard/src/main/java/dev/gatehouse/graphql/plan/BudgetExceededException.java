package dev.gatehouse.graphql.plan;

/** Thrown where a document is too large or too entangled to be worked out: it must not run. */
public final class BudgetExceededException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BudgetExceededException(String message) {
    super(message);
  }
}
