package dev.gatehouse.graphql;

/** Why an operation is refused, as {@code extensions.code} of an error says it. */
public enum ErrorCode {
  /** The operation, or a value in it, nests too deep. */
  DEPTH_LIMIT,
  /** Too many fields, or one field too often. */
  FIELD_LIMIT,
  /** Too many aliases. */
  ALIAS_LIMIT,
  /** Too many fields at the root. */
  ROOT_FIELD_LIMIT,
  /** Too many directives. */
  DIRECTIVE_LIMIT,
  /** The document or its variables are too large. */
  TOKEN_LIMIT,
  /** The operation costs too much. */
  COST_LIMIT,
  /** The caller has spent what it may spend for now. */
  RATE_LIMITED,
  /** The caller is not known, or its credential has ended, and what it asks for wants one. */
  UNAUTHENTICATED,
  /** The caller is known, and may not. */
  FORBIDDEN,
  /** The operation looks further into the schema than it may. */
  OPERATION_NOT_ALLOWED,
  /** A list lacks the one slicing argument that it requires, or has a negative one. */
  SLICING_ARGUMENT_REQUIRED,
  /** A document that is named by its hash is not kept here: send its text with the hash. */
  PERSISTED_QUERY_NOT_FOUND,
  /** A subscription ended before its time; {@code extensions.reason} says why. */
  SUBSCRIPTION_ENDED,
  /** The operation took too long, and was cancelled. */
  TIMEOUT,
  /** Something broke; nothing of the cause is told. */
  INTERNAL;

  /** The code for a limit as {@link Limits} spells it. */
  static ErrorCode ofLimit(String limit) {
    return switch (limit) {
      case "depth", "recursion", "inputDepth" -> DEPTH_LIMIT;
      case "fields", "calls" -> FIELD_LIMIT;
      case "aliases" -> ALIAS_LIMIT;
      case "rootFields" -> ROOT_FIELD_LIMIT;
      case "directives" -> DIRECTIVE_LIMIT;
      case "tokens", "characters", "variableBytes", "listLength" -> TOKEN_LIMIT;
      case "slicingArguments" -> SLICING_ARGUMENT_REQUIRED;
      case "introspection" -> OPERATION_NOT_ALLOWED;
      default -> COST_LIMIT;
    };
  }
}
