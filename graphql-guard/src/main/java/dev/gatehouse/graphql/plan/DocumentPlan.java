package dev.gatehouse.graphql.plan;

import graphql.execution.CoercedVariables;

/** One operation, ready to be evaluated with any variables. */
public final class DocumentPlan {
  private DocumentPlan() {}

  /** Evaluates with a request's variables. */
  public Evaluation evaluate(CoercedVariables variables) {
    return java.util.Objects.requireNonNull(null);
  }
}
