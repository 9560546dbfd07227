package dev.gatehouse.graphql.http;

import dev.gatehouse.graphql.ErrorCode;
import graphql.ExecutionResult;
import graphql.GraphQLError;
import java.util.Map;
import java.util.OptionalLong;

/** The HTTP status of a GraphQL answer (GraphQL over HTTP, "Status Codes"). */
final class StatusRule {
  private StatusRule() {}

  /** Data, even null, is 200; who is not known and who must wait hear so in any media type. */
  static int of(ExecutionResult result, MediaType media) {
    if (result.isDataPresent() || result.getErrors().isEmpty()) {
      return 200;
    }
    int status = of(result.getErrors().get(0));
    boolean always = status == 401 || status == 429;
    return media == MediaType.JSON && !always ? 200 : status;
  }

  private static int of(GraphQLError error) {
    ErrorCode code = GuardedService.code(error).orElse(ErrorCode.OPERATION_NOT_ALLOWED);
    return switch (code) {
      case UNAUTHENTICATED -> 401;
      case FORBIDDEN -> 403;
      case RATE_LIMITED -> 429;
      case TIMEOUT -> 504;
      case INTERNAL -> 500;
      default -> 400;
    };
  }

  /** When to come again, if an error says so. */
  static OptionalLong retryAfter(ExecutionResult result) {
    for (GraphQLError error : result.getErrors()) {
      boolean limited =
          GuardedService.code(error).filter(code -> code == ErrorCode.RATE_LIMITED).isPresent();
      Map<String, Object> extensions = error.getExtensions();
      if (limited && extensions != null && extensions.get("retryAfter") instanceof Number seconds) {
        return OptionalLong.of(Math.max(1, seconds.longValue()));
      }
    }
    return OptionalLong.empty();
  }
}
