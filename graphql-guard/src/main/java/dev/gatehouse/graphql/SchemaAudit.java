package dev.gatehouse.graphql;

import dev.gatehouse.graphql.cost.CostWeights;
import graphql.schema.GraphQLSchema;
import java.util.List;
import java.util.Map;

/**
 * What a schema leaves open: lists without a bound, recursion without a limit, fields without a
 * cost, and interfaces whose weights their implementations do not share.
 *
 * @param findings in the schema's order
 */
public record SchemaAudit(List<Finding> findings) {
  /** What kinds of findings there are. */
  public enum Kind {
    /** A list that neither a slicing argument nor an assumed size bounds. */
    UNBOUNDED_LIST,
    /** A field by which its own type is reached again, and no limit on it. */
    UNLIMITED_RECURSION,
    /** A field that resolves something and has no weight of its own. */
    UNCOSTED_FIELD,
    /** An implementation whose weight or list size differs from its interface's. */
    INTERFACE_MISMATCH
  }

  /**
   * One finding.
   *
   * @param kind what kind
   * @param coordinate where, such as {@code Query.users}
   * @param message what is wrong and what to do
   */
  public record Finding(Kind kind, String coordinate, String message) {}

  /** Copies the findings. */
  public SchemaAudit {
    findings = List.copyOf(findings);
  }

  /** Audits a schema with its weights and the limits that its operations will meet. */
  public static SchemaAudit of(GraphQLSchema schema, CostWeights weights, Limits limits) {
    return java.util.Objects.requireNonNull(null);
  }

  /** As JSON has it. */
  public Map<String, Object> toJson() {
    return java.util.Objects.requireNonNull(null);
  }

  /** As a person reads it: one line a finding. */
  public String toText() {
    return java.util.Objects.requireNonNull(null);
  }
}
