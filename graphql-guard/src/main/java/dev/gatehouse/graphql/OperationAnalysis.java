package dev.gatehouse.graphql;

import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.language.Document;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one operation asks for, without running any of it.
 *
 * <pre>{@code
 * PlanCompiler compiler = PlanCompiler.of(schema);
 * Analysis answer =
 *     OperationAnalysis.analyse(compiler, "{ users(first: 5) { name } }", null, Map.of(), limits);
 * }</pre>
 *
 * <p>The numbers are those of {@link Limits}, where each is defined.
 *
 * @param typeCost how many objects may come back, weighted
 * @param fieldCost how much work the fields may be, weighted
 * @param depth the longest path, in fields
 * @param fields response paths
 * @param aliases response paths with an explicit alias
 * @param rootFields response keys at the root
 * @param directives directives applied
 * @param tokens lexical tokens of the document
 * @param violations what exceeds the limits, in the order of the limits; empty: it may run
 */
public record OperationAnalysis(
    double typeCost,
    double fieldCost,
    long depth,
    long fields,
    long aliases,
    long rootFields,
    long directives,
    long tokens,
    List<Violation> violations)
    implements Analysis {

  /** Copies the violations. */
  public OperationAnalysis {
    violations = List.copyOf(violations);
  }

  /**
   * Parses, validates and analyses one operation of a document.
   *
   * @param operationName which; null where the document has only one
   * @param variables as they came, not yet coerced; a boolean without a value is false
   * @param limits what to judge; {@link Limits#none()} gives the numbers alone
   */
  public static Analysis analyse(
      PlanCompiler compiler,
      String document,
      @Nullable String operationName,
      Map<String, ?> variables,
      Limits limits) {
    return new Analyzer(compiler, limits, false).analyse(document, operationName, variables);
  }

  /** The same for a document that was parsed before; validates it. */
  public static Analysis analyse(
      PlanCompiler compiler,
      Document document,
      @Nullable String operationName,
      Map<String, ?> variables,
      Limits limits) {
    return new Analyzer(compiler, limits, false).analyse(document, operationName, variables);
  }

  /**
   * The most that the operation can cost with any values of those boolean variables in
   * {@code @skip} and {@code @include} that have neither value nor default: each is taken both
   * ways, once for the whole operation, and every number is the maximum.
   */
  public static Analysis bound(
      PlanCompiler compiler,
      String document,
      @Nullable String operationName,
      Map<String, ?> variables,
      Limits limits) {
    return new Analyzer(compiler, limits, true).analyse(document, operationName, variables);
  }

  /** Whether no limit is exceeded. */
  public boolean isAllowed() {
    return violations.isEmpty();
  }

  /** The larger of the two costs, which a bucket is charged. */
  public double charge() {
    return Math.max(typeCost, fieldCost);
  }

  @Override
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("typeCost", Numbers.json(typeCost));
    json.put("fieldCost", Numbers.json(fieldCost));
    json.put("depth", depth);
    json.put("fields", fields);
    json.put("aliases", aliases);
    json.put("rootFields", rootFields);
    json.put("directives", directives);
    json.put("tokens", tokens);
    json.put("violations", violations.stream().map(Violation::toJson).toList());
    return json;
  }
}
