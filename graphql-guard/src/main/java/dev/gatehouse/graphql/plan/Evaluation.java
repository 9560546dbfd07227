package dev.gatehouse.graphql.plan;

import graphql.introspection.Introspection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a plan comes to with one request's variables. */
public final class Evaluation {
  private static final String[] META_LISTS = {
    "__Schema.types",
    "__Schema.directives",
    "__Type.fields",
    "__Type.interfaces",
    "__Type.possibleTypes",
    "__Type.enumValues",
    "__Type.inputFields",
    "__Field.args",
    "__Directive.args",
    "__Directive.locations",
  };
  private static final int MAX_META_LISTS = 3;
  private static final int MAX_OF_TYPE = 16;

  private final DocumentPlan plan;
  private final Map<String, ?> variables;
  private final long[] truths;
  private final CostGraph.Costs costs;
  private final PathGraph.Counts counts;

  Evaluation(DocumentPlan plan, Map<String, ?> variables, long[] truths) {
    this.plan = plan;
    this.variables = variables;
    this.truths = truths;
    this.costs = plan.costs.evaluate(variables, truths);
    this.counts = plan.paths.count(truths);
  }

  /** The plan. */
  public DocumentPlan plan() {
    return plan;
  }

  /** The coerced variables. */
  public Map<String, ?> variables() {
    return variables;
  }

  /** The selections that count with the variables, those above first. */
  public void selections(Selected.Visitor visit) {
    plan.paths.live(truths, visit);
  }

  /** How many objects may come back, weighted. */
  public double typeCost() {
    return costs.typeCost();
  }

  /** How much work the fields may be, weighted. */
  public double fieldCost() {
    return costs.fieldCost();
  }

  /** The longest path, in fields. */
  public long depth() {
    return counts.depth();
  }

  /** Response paths. */
  public long fields() {
    return counts.fields();
  }

  /** Response paths with an explicit alias. */
  public long aliases() {
    return counts.aliases();
  }

  /** Response keys at the root. */
  public long rootFields() {
    return counts.rootFields();
  }

  /** Directives applied. */
  public long directives() {
    return plan.directives;
  }

  /** Lexical tokens of the document. */
  public long tokens() {
    return plan.tokens();
  }

  /** How deep lists and objects nest in a literal of the document. */
  public int literalDepth() {
    return plan.literalDepth();
  }

  /**
   * How many lists and objects there are around a variable, at most; of those that stand in any.
   */
  public Map<String, Integer> enclosedVariables() {
    return plan.enclosedVariables();
  }

  /** The elements of the longest list literal of the document. */
  public int literalListLength() {
    return plan.literalListLength();
  }

  /** How many paths select a coordinate such as {@code Mutation.login}. */
  public long calls(String coordinate) {
    return plan.use(coordinate).calls(truths);
  }

  /** How often a coordinate stands on one path, at most. */
  public long recursion(String coordinate) {
    return plan.use(coordinate).recursion(truths);
  }

  /** A bound that a coordinate exceeds. */
  public record Excess(String coordinate, long max, long actual) {}

  /** The lists that require one slicing argument and get none, or several. */
  public List<Excess> slicingArguments() {
    if (!plan.costs.mayLackSlices(variables)) {
      return List.of();
    }
    Map<String, Excess> found = new LinkedHashMap<>();
    for (CostGraph.Entry entry : plan.costs.reached(truths)) {
      int given = entry.price.slicesGiven(variables);
      if (given != 1) {
        String coordinate = entry.field.coordinate();
        found.putIfAbsent(coordinate + given, new Excess(coordinate, 1, given));
      }
    }
    return List.copyOf(found.values());
  }

  /** A field whose slicing argument is negative, which refuses the request, if there is one. */
  public Optional<String> negativeSlice() {
    if (!costs.hasNegativeSlice()) {
      return Optional.empty();
    }
    for (CostGraph.Entry entry : plan.costs.reached(truths)) {
      if (entry.price.slice(variables) < 0) {
        return Optional.of(entry.field.coordinate());
      }
    }
    return Optional.empty();
  }

  /**
   * Where the operation looks further into the schema than it may.
   *
   * @param allowed false: not at all
   */
  public List<Excess> introspection(boolean allowed) {
    String query = plan.types.schema.getQueryType().getName();
    String[] roots = {
      Introspection.SchemaMetaFieldDef.getName(), Introspection.TypeMetaFieldDef.getName()
    };
    List<Excess> found = new ArrayList<>();
    if (!plan.paths.looksIntoSchema()) {
      return List.of();
    }
    for (String root : roots) {
      long calls = calls(query + "." + root);
      add(found, query + "." + root, allowed ? 1 : 0, calls);
    }
    if (allowed && plan.paths.looksIntoSchemaFromAList(truths)) {
      // as often as the list is long, and twice at least
      add(found, query + "." + roots[0], 1, 2);
    }
    for (String list : META_LISTS) {
      add(found, list, 1, recursion(list));
    }
    add(found, "__Type.ofType", MAX_OF_TYPE, recursion("__Type.ofType"));
    add(found, query + "." + roots[0], MAX_META_LISTS, plan.paths.metaLists(truths));
    return List.copyOf(found);
  }

  private static void add(List<Excess> found, String coordinate, long max, long actual) {
    if (actual > max) {
      found.add(new Excess(coordinate, max, actual));
    }
  }
}
