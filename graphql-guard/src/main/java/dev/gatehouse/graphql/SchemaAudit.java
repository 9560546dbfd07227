package dev.gatehouse.graphql;

import dev.gatehouse.graphql.access.AccessAudit;
import dev.gatehouse.graphql.access.AccessRules;
import dev.gatehouse.graphql.cost.CostWeights;
import graphql.schema.GraphQLSchema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a schema leaves open: fields that no rule says anything about, lists without a bound,
 * recursion without a limit, fields without a cost, and interfaces with which their implementations
 * disagree.
 *
 * <p>Findings are sorted by coordinate, then by kind, so that two audits of one schema are equal.
 *
 * @param findings what was found; empty: nothing is open
 * @param coordinates what holds at each coordinate, and where it comes from; empty where only costs
 *     were asked about
 */
public record SchemaAudit(List<Finding> findings, List<AccessAudit.Coordinate> coordinates) {
  /** What kinds of findings there are. */
  public enum Kind {
    /** A field that no rule opens, its own or inherited: a guard refuses it. */
    UNPROTECTED,
    /** A mutation that returns objects with rules and does not say which it acts on. */
    UNASKED_MUTATION,
    /** A type or a field whose rule differs from its interface's; both hold. */
    ACCESS_MISMATCH,
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
    coordinates = List.copyOf(coordinates);
  }

  /** Audits what a schema leaves open for operations to cost; who may is left out. */
  public static SchemaAudit of(GraphQLSchema schema, CostWeights weights, Limits limits) {
    return new SchemaAudit(new CostAudit(schema, weights, limits).findings(), List.of());
  }

  /**
   * Audits a schema with its weights, the limits that its operations will meet, and the rules that
   * hold beside its directives.
   *
   * @throws dev.gatehouse.core.Problems.InvalidException if the rules do not fit the schema
   */
  public static SchemaAudit of(
      GraphQLSchema schema, CostWeights weights, Limits limits, AccessRules rules) {
    AccessAudit access = AccessAudit.of(schema, rules);
    List<Finding> all = new ArrayList<>(new CostAudit(schema, weights, limits).findings());
    for (AccessAudit.Coordinate each : access.coordinates()) {
      if (!each.isProtected()) {
        String message = "no rule says who may: nobody does; if anyone may, say @public";
        all.add(new Finding(Kind.UNPROTECTED, each.name(), message));
      }
    }
    access
        .unasked()
        .forEach(
            (mutation, type) ->
                all.add(
                    new Finding(
                        Kind.UNASKED_MUTATION,
                        mutation,
                        "returns "
                            + type
                            + ", whose objects have rules: say which it acts on, by"
                            + " AccessRules.actsOn")));
    access
        .mismatches()
        .forEach(
            (own, inherited) ->
                all.add(
                    new Finding(
                        Kind.ACCESS_MISMATCH,
                        own,
                        "says something else than " + inherited + ": both hold")));
    all.sort(Comparator.comparing(Finding::coordinate).thenComparing(Finding::kind));
    return new SchemaAudit(all, access.coordinates());
  }

  /** Whether each field has a rule; true too where only costs were asked about. */
  public boolean isProtected() {
    return findings.stream().noneMatch(each -> each.kind() == Kind.UNPROTECTED);
  }

  /** Whether nothing was found. */
  public boolean isClean() {
    return findings.isEmpty();
  }

  /**
   * As JSON has it: {@code {"findings":[{"kind","coordinate","message"}…],
   * "coordinates":[{"coordinate","rule","source"}…]}}, the latter where rules were asked about.
   */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("findings", findings.stream().map(Finding::toJson).toList());
    if (!coordinates.isEmpty()) {
      json.put("coordinates", coordinates.stream().map(SchemaAudit::json).toList());
    }
    return json;
  }

  private static Map<String, Object> json(AccessAudit.Coordinate coordinate) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("coordinate", coordinate.name());
    json.put("rule", coordinate.rule());
    json.put("source", coordinate.source());
    return json;
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
