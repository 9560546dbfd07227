package dev.gatehouse.graphql.access;

import java.util.List;
import java.util.Map;

/**
 * A schema that its rules leave open in part: fields that no rule says anything about, and
 * mutations that return guarded objects and do not say which they act on. Its message is the
 * report, one line each.
 */
public final class UnprotectedSchemaException extends IllegalStateException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_LINES = 100;

  private final transient List<String> coordinates;

  UnprotectedSchemaException(List<String> unprotected, Map<String, String> unasked) {
    super(report(unprotected, unasked));
    this.coordinates = List.copyOf(unprotected);
  }

  /** The fields without a rule, their own or inherited. */
  public List<String> coordinates() {
    return coordinates;
  }

  private static String report(List<String> unprotected, Map<String, String> unasked) {
    StringBuilder text = new StringBuilder("the schema is not fully guarded:");
    unprotected.stream()
        .limit(MAX_LINES)
        .forEach(
            each ->
                text.append("\n  ")
                    .append(each)
                    .append(": no rule says who may; if anyone, say @public"));
    if (unprotected.size() > MAX_LINES) {
      text.append("\n  and ").append(unprotected.size() - MAX_LINES).append(" more");
    }
    unasked.forEach(
        (mutation, type) ->
            text.append("\n  ")
                .append(mutation)
                .append(": returns ")
                .append(type)
                .append(", whose objects have rules: say which it acts on (AccessRules.actsOn), or")
                .append(" that it acts on none (dangerouslyActsUnasked)"));
    return text.toString();
  }
}
