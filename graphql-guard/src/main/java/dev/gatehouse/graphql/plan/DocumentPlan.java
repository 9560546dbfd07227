package dev.gatehouse.graphql.plan;

import graphql.execution.CoercedVariables;
import graphql.language.OperationDefinition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One operation of one document on one schema, worked out as far as that goes without a request:
 * fields merged by response key, types divided into regions, conditions kept as they are.
 *
 * <p>Immutable but for memory that evaluations lend each other; safe for use by many threads.
 */
public final class DocumentPlan {
  private static final int MAX_UNKNOWN = 12;

  // limits name a few coordinates; more are worked out again each time
  private static final int MAX_USES = 64;

  final SchemaTypes types;
  final OperationDefinition operation;
  final PathGraph paths;
  final CostGraph costs;
  final long directives;
  final DocumentShape shape;
  private final long weight;
  private final String[] conditionVariables;
  private final Map<String, CoordinateUse> uses = new ConcurrentHashMap<>();
  private volatile @Nullable Attached attached;
  private volatile @Nullable Set<String> rootCoordinates;

  DocumentPlan(
      SchemaTypes types,
      OperationDefinition operation,
      String[] conditionVariables,
      PathGraph paths,
      CostGraph costs,
      long directives,
      DocumentShape shape,
      long weight) {
    this.types = types;
    this.operation = operation;
    this.conditionVariables = conditionVariables;
    this.paths = paths;
    this.costs = costs;
    this.directives = directives;
    this.shape = shape;
    this.weight = weight;
  }

  /** Where a coordinate such as {@code User.friends} is selected. */
  CoordinateUse use(String coordinate) {
    CoordinateUse known = uses.get(coordinate);
    if (known != null) {
      return known;
    }
    int dot = coordinate.indexOf('.');
    BitSet possible = types.possible(coordinate.substring(0, dot));
    CoordinateUse made =
        CoordinateUse.of(
            paths, coordinate.substring(dot + 1), possible == null ? new BitSet() : possible);
    if (uses.size() < MAX_USES) {
      uses.put(coordinate, made);
    }
    return made;
  }

  private record Attached(Object owner, Object value) {}

  /**
   * What somebody else worked out of this plan, kept with it for one owner at a time, and worked
   * out anew for another.
   */
  @SuppressWarnings({"unchecked", "ReferenceEquality"}) // an owner is itself, and keeps one type
  public <T> T attached(Object owner, Function<DocumentPlan, T> make) {
    Attached known = attached;
    if (known != null && known.owner == owner) {
      return (T) known.value;
    }
    T made = make.apply(this);
    attached = new Attached(owner, made);
    return made;
  }

  /** Every selection of the operation, whatever variables say. */
  public void selections(Consumer<Selected> visit) {
    paths.each(visit);
  }

  /** The coordinates of its root fields, whatever variables say. */
  public Set<String> rootCoordinates() {
    Set<String> known = rootCoordinates;
    if (known == null) {
      Set<String> found = new TreeSet<>();
      for (PathGraph.Edge edge : paths.root.edges) {
        for (Selected root : edge.selected) {
          root.eachType(type -> found.add(type.getName() + "." + root.field().getName()));
        }
      }
      known = Set.copyOf(found);
      rootCoordinates = known;
    }
    return known;
  }

  /** The steps that it took to make this plan. */
  long weight() {
    return weight;
  }

  /** The operation. */
  public OperationDefinition operation() {
    return operation;
  }

  /** Lexical tokens of the whole document. */
  public long tokens() {
    return shape.tokens();
  }

  /** How deep lists and objects nest in a literal of the document. */
  public int literalDepth() {
    return shape.inputDepth();
  }

  /**
   * How many lists and objects there are around a variable, at most; of those that stand in any.
   */
  Map<String, Integer> enclosedVariables() {
    return shape.enclosed();
  }

  /** The elements of the longest list literal of the document. */
  public int literalListLength() {
    return shape.listLength();
  }

  /** Evaluates with a request's variables; a boolean without a value is false. */
  public Evaluation evaluate(CoercedVariables variables) {
    return evaluate(variables.toMap());
  }

  private Evaluation evaluate(Map<String, ?> variables) {
    long[] truths = new long[(conditionVariables.length + 63) / 64];
    for (int i = 0; i < conditionVariables.length; i++) {
      if (Boolean.TRUE.equals(variables.get(conditionVariables[i]))) {
        truths[i >> 6] |= 1L << i;
      }
    }
    return new Evaluation(this, variables, truths);
  }

  /**
   * Evaluates once for each way in which the booleans of {@code @skip} and {@code @include} that
   * have no value could turn out, each the same throughout the operation.
   *
   * @throws BudgetExceededException if more than 12 of them have no value
   */
  public void evaluateAll(CoercedVariables variables, Consumer<Evaluation> each) {
    Map<String, Object> values = new HashMap<>(variables.toMap());
    List<String> unknown = new ArrayList<>();
    for (String name : conditionVariables) {
      if (!values.containsKey(name)) {
        unknown.add(name);
      }
    }
    if (unknown.size() > MAX_UNKNOWN) {
      throw new BudgetExceededException(
          "more than " + MAX_UNKNOWN + " variables that decide what is selected have no value");
    }
    for (int choice = 0; choice < 1 << unknown.size(); choice++) {
      Map<String, Object> chosen = new HashMap<>(values);
      for (int i = 0; i < unknown.size(); i++) {
        chosen.put(unknown.get(i), (choice >> i & 1) == 1);
      }
      each.accept(evaluate(chosen));
    }
  }
}
