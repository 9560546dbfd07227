package dev.gatehouse.graphql;

import graphql.ExceptionWhileDataFetching;
import graphql.ExecutionResult;
import graphql.GraphQLError;
import graphql.SerializationError;
import graphql.introspection.GoodFaithIntrospection.BadFaithIntrospectionError;
import graphql.validation.ValidationError;
import graphql.validation.ValidationErrorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may read of errors: at most 100 of them and 100 kB, and of an exception that a
 * resolver threw nothing but a correlation id. What exceeds a bound of the engine's has the code
 * that it would have here.
 */
final class ErrorBounds {
  private static final int MAX_ERRORS = 100;
  private static final long MAX_BYTES = 100_000;

  // what the last error needs, which says that there were more
  private static final long RESERVED_BYTES = 500;

  private final BiConsumer<String, Throwable> onInternalError;

  ErrorBounds(BiConsumer<String, Throwable> onInternalError) {
    this.onInternalError = onInternalError;
  }

  ExecutionResult apply(ExecutionResult result, String correlationId) {
    List<GraphQLError> errors = result.getErrors();
    if (errors.isEmpty()) {
      return result;
    }
    List<GraphQLError> masked = new ArrayList<>();
    long bytes = 0;
    for (GraphQLError error : errors) {
      GraphQLError shown = masked(error, correlationId);
      bytes += InputShape.of(shown.toSpecification()).bytes();
      boolean isFull = masked.size() == MAX_ERRORS - 1 && errors.size() > MAX_ERRORS;
      if (isFull || bytes > MAX_BYTES - RESERVED_BYTES) {
        masked.add(more(errors.size() - masked.size(), correlationId));
        break;
      }
      masked.add(shown);
    }
    return result.transform(builder -> builder.errors(masked));
  }

  private GraphQLError masked(GraphQLError error, String correlationId) {
    Throwable cause = causeOf(error);
    if (cause == null) {
      ErrorCode code = codeOf(error);
      return code == null ? error : GuardError.of(code, error.getMessage());
    }
    onInternalError.accept(correlationId, cause);
    return GuardError.at(
        ErrorCode.INTERNAL,
        "something went wrong",
        Map.of("correlationId", correlationId),
        error.getPath());
  }

  // the messages of these carry the exception's own: what a resolver threw, or a scalar said of the
  // value that it could not write
  private static @Nullable Throwable causeOf(GraphQLError error) {
    if (error instanceof ExceptionWhileDataFetching broken) {
      return broken.getException();
    }
    return error instanceof SerializationError unwritable ? unwritable.getException() : null;
  }

  // the engine has bounds of its own, and judges them before ours; their messages are numbers, or
  // the name of a field of the meta-schema
  private static @Nullable ErrorCode codeOf(GraphQLError error) {
    if (error instanceof BadFaithIntrospectionError) {
      return ErrorCode.OPERATION_NOT_ALLOWED;
    }
    Object type = error instanceof ValidationError bad ? bad.getValidationErrorType() : null;
    if (type == ValidationErrorType.MaxQueryDepthExceeded) {
      return ErrorCode.DEPTH_LIMIT;
    }
    return type == ValidationErrorType.MaxQueryFieldsExceeded ? ErrorCode.FIELD_LIMIT : null;
  }

  private static GraphQLError more(int count, String correlationId) {
    return GuardError.of(
        ErrorCode.INTERNAL,
        "more errors were left out",
        Map.of("leftOut", count, "correlationId", correlationId));
  }
}
