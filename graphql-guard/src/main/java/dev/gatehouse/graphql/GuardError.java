package dev.gatehouse.graphql;

import dev.gatehouse.graphql.access.Denial;
import graphql.ErrorClassification;
import graphql.ErrorType;
import graphql.GraphQLError;
import graphql.language.SourceLocation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An error of the guard's own: a stable code, a constant message, and numbers; never a cause, a
 * value or a stack.
 */
public final class GuardError implements GraphQLError {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String message;
  private final transient Map<String, Object> extensions;
  private final transient @Nullable List<Object> path;

  private GuardError(
      ErrorCode code, String message, Map<String, Object> details, @Nullable List<Object> path) {
    this.code = code;
    this.message = message;
    this.path = path;
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("code", code.name());
    all.putAll(details);
    this.extensions = all;
  }

  /**
   * An error for a door to answer with.
   *
   * @param message a constant text, for the caller to read
   */
  public static GuardError of(ErrorCode code, String message) {
    return new GuardError(code, message, Map.of(), null);
  }

  /** The same, with further entries in its extensions. */
  public static GuardError of(ErrorCode code, String message, Map<String, Object> details) {
    return new GuardError(code, message, details, null);
  }

  static GuardError at(
      ErrorCode code, String message, Map<String, Object> details, @Nullable List<Object> path) {
    return new GuardError(code, message, details, path);
  }

  static GuardError of(Violation violation) {
    String what = violation.coordinate().map(name -> " of " + name).orElse("");
    return new GuardError(
        ErrorCode.ofLimit(violation.limit()),
        "the operation exceeds the limit " + violation.limit() + what,
        violation.toJson(),
        null);
  }

  static GraphQLError of(Denial denial) {
    List<Object> path = denial.path().isEmpty() ? null : denial.path();
    return denial.isUnauthenticated()
        ? at(ErrorCode.UNAUTHENTICATED, "say who you are first", Map.of(), path)
        : at(ErrorCode.FORBIDDEN, "you may not have this", Map.of(), path);
  }

  /** The stable code. */
  public ErrorCode code() {
    return code;
  }

  @Override
  public String getMessage() {
    return message;
  }

  @Override
  public @Nullable List<SourceLocation> getLocations() {
    return null;
  }

  @Override
  public @Nullable List<Object> getPath() {
    return path;
  }

  @Override
  public ErrorClassification getErrorType() {
    return ErrorType.ExecutionAborted;
  }

  @Override
  public Map<String, Object> getExtensions() {
    return extensions;
  }
}
