package dev.gatehouse.graphql;

import dev.gatehouse.graphql.cost.CostWeights;
import graphql.schema.GraphQLSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a schema leaves open for operations to cost: lists without a bound, recursion without a
 * limit, fields without a cost, and interfaces whose costs their implementations do not share.
 *
 * <p>Findings are sorted by coordinate, then by kind, so that two audits of one schema are equal.
 *
 * @param findings what was found; empty: nothing is open
 */
public record SchemaAudit(List<Finding> findings) {
  /** What kinds of findings there are. */
  public enum Kind {
    /** A list that neither a slicing argument, an assumed size nor its parent's size bounds. */
    UNBOUNDED_LIST,
    /** A field by which its own type is reached again, with no limit on its recursion or depth. */
    UNLIMITED_RECURSION,
    /** A field that resolves something and has no weight, its own or its interface's. */
    UNCOSTED_FIELD,
    /** An implementation whose weight or list size differs from its interface's. */
    INTERFACE_MISMATCH,
    /** A {@code @listSize} that names an argument or a field that is not there. */
    UNKNOWN_NAME;

    /** As JSON and text spell it: {@code unbounded-list}. */
    public String spelling() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * One finding.
   *
   * @param kind what kind
   * @param coordinate where, such as {@code Query.users}
   * @param message what is wrong and what to do
   */
  public record Finding(Kind kind, String coordinate, String message) {
    /** As JSON has it. */
    public Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("kind", kind.spelling());
      json.put("coordinate", coordinate);
      json.put("message", message);
      return json;
    }
  }

  /** Copies the findings. */
  public SchemaAudit {
    findings = List.copyOf(findings);
  }

  /** Audits a schema with its weights and the limits that its operations will meet. */
  public static SchemaAudit of(GraphQLSchema schema, CostWeights weights, Limits limits) {
    return new SchemaAudit(new CostAudit(schema, weights, limits).findings());
  }

  /** Whether nothing was found. */
  public boolean isClean() {
    return findings.isEmpty();
  }

  /** As JSON has it: {@code {"findings":[{"kind","coordinate","message"}…]}}. */
  public Map<String, Object> toJson() {
    return Map.of("findings", findings.stream().map(Finding::toJson).toList());
  }

  /** As a person reads it: one line a finding, the coordinates aligned. */
  public String toText() {
    int width = findings.stream().mapToInt(each -> each.coordinate().length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (Finding finding : findings) {
      text.append(finding.coordinate())
          .append(" ".repeat(width - finding.coordinate().length() + 2))
          .append(finding.kind().spelling())
          .append(": ")
          .append(finding.message())
          .append('\n');
    }
    return text.toString();
  }
}
