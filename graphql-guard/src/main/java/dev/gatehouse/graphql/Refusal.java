package dev.gatehouse.graphql;

import graphql.ExecutionResult;
import graphql.ExecutionResultImpl;
import graphql.GraphQLError;
import graphql.execution.AbortExecutionException;
import java.util.List;

/** Ends a request before it runs, with errors or (a dry run) without. */
final class Refusal extends AbortExecutionException {
  private static final long serialVersionUID = 1L;

  Refusal(List<GraphQLError> errors) {
    super(errors);
  }

  static Refusal of(GraphQLError error) {
    return new Refusal(List.of(error));
  }

  static Refusal of(List<Violation> violations) {
    return new Refusal(
        violations.stream().map(violation -> (GraphQLError) GuardError.of(violation)).toList());
  }

  static Refusal dryRun() {
    return new Refusal(List.of());
  }

  @Override
  public ExecutionResult toExecutionResult() {
    List<GraphQLError> errors = getUnderlyingErrors();
    // a request error has no data entry (GraphQL, Response Format); a dry run has one, of null
    return errors.isEmpty()
        ? new ExecutionResultImpl(null, errors)
        : new ExecutionResultImpl(errors);
  }

  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized") // no stack to fill: a no is a value
  public Throwable fillInStackTrace() {
    return this;
  }
}
