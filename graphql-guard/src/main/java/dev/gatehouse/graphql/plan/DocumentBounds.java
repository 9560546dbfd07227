package dev.gatehouse.graphql.plan;

import graphql.language.Definition;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.Node;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.validation.OperationValidationRule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Whether a parsed document may be handed to graphql-java's validation, which recurses through
 * fragments and whose work on some documents grows much faster than they do.
 *
 * <p>Its rules, measured in 26.0: the traversal recurses once for each fragment of a chain; each
 * operation visits its fragments again; fields of one response key are merged anew on each path,
 * and once more for each object type among their parents. A document that would make one of these
 * expensive is answered before it is validated.
 *
 * <p>Its search for cycles, which starts anew at each fragment and at each step updates every
 * fragment before it, is left out by {@link #RULES}: cycles are found here, in linear time.
 */
public final class DocumentBounds {
  /** How deep selections may nest, through inline fragments and spreads. */
  private static final int MAX_NESTING = 500;

  private static final long MAX_OPERATION_STEPS = 3_000_000;
  private static final long MAX_EXPANDED = 20_000;
  private static final long MAX_MERGE_STEPS = 300_000;

  /** The rules of validation that a document which was checked here still needs. */
  public static final Predicate<OperationValidationRule> RULES = new Rules(rule -> true);

  private final GraphQLSchema schema;
  private final Document document;
  private final Map<String, Part> fragments = new HashMap<>();
  private final List<Part> operations = new ArrayList<>();
  private final Set<String> objectConditions = new HashSet<>();
  private long nodes;

  private DocumentBounds(GraphQLSchema schema, Document document) {
    this.schema = schema;
    this.document = document;
  }

  /** Of these rules, those that a document which was checked here still needs. */
  public static Predicate<OperationValidationRule> rules(
      Predicate<OperationValidationRule> wanted) {
    return wanted instanceof Rules ? wanted : new Rules(wanted);
  }

  private record Rules(Predicate<OperationValidationRule> wanted)
      implements Predicate<OperationValidationRule> {
    @Override
    public boolean test(OperationValidationRule rule) {
      return rule != OperationValidationRule.NO_FRAGMENT_CYCLES && wanted.test(rule);
    }
  }

  /** What kinds of problems there are. */
  public enum Kind {
    /** A fragment spreads itself: the document is not valid. */
    CYCLE,
    /** Selections nest too deep. */
    NESTING,
    /** Validation would take too many steps. */
    ENTANGLED
  }

  /** Why a document must not be validated. */
  public record Problem(Kind kind, String message) {}

  /** Looks at a document; without recursion, in time that its size bounds. */
  public static Optional<Problem> check(GraphQLSchema schema, Document document) {
    return new DocumentBounds(schema, document).check();
  }

  /** An operation or a fragment. */
  private static final class Part extends ChildrenFirst.Ordered {
    final List<Spread> spreads = new ArrayList<>();
    final Set<String> distinct = new HashSet<>();
    int ownNesting;
    long ownFields;
    long nesting;
    long fields;
  }

  private record Spread(String fragment, int nesting) {}

  private record Open(SelectionSet set, Part part, int nesting) {}

  private Optional<Problem> check() {
    read();
    try {
      measure();
    } catch (InvalidDocumentException e) {
      return Optional.of(new Problem(Kind.CYCLE, String.valueOf(e.getMessage())));
    }
    long deepest = 0;
    long expanded = 0;
    for (Part part : parts()) {
      deepest = Math.max(deepest, part.nesting);
      expanded = PathGraph.plus(expanded, part.fields);
    }
    if (deepest > MAX_NESTING) {
      return problem(Kind.NESTING, "selections nest deeper than " + MAX_NESTING);
    }
    if (operations.size() > 1 && operations.size() * nodes > MAX_OPERATION_STEPS) {
      return problem(Kind.ENTANGLED, "too many operations in a document of that size");
    }
    boolean isPlain = expanded <= MAX_EXPANDED && objectConditions.size() <= 1;
    return isPlain ? Optional.empty() : merges();
  }

  private Optional<Problem> merges() {
    try {
      new MergeWork(schema, document, new Budget(MAX_MERGE_STEPS)).run();
      return Optional.empty();
    } catch (BudgetExceededException e) {
      return problem(Kind.ENTANGLED, "too many fields meet at too many places");
    }
  }

  private static Optional<Problem> problem(Kind kind, String message) {
    return Optional.of(new Problem(kind, message));
  }

  private List<Part> parts() {
    List<Part> all = new ArrayList<>(operations);
    all.addAll(fragments.values());
    return all;
  }

  private void read() {
    ArrayDeque<Open> open = new ArrayDeque<>();
    for (Definition<?> definition : document.getDefinitions()) {
      if (definition instanceof FragmentDefinition fragment) {
        condition(fragment.getTypeCondition().getName());
        // validation says that a name is there twice only once it has walked the last of them
        Part part = fragments.computeIfAbsent(fragment.getName(), name -> new Part());
        open.push(new Open(fragment.getSelectionSet(), part, 0));
      } else if (definition instanceof OperationDefinition operation) {
        Part part = new Part();
        operations.add(part);
        open.push(new Open(operation.getSelectionSet(), part, 0));
      }
    }
    while (!open.isEmpty()) {
      Open next = open.pop();
      for (Selection<?> selection : next.set.getSelections()) {
        read(selection, next.part, next.nesting + 1, open);
      }
    }
    nodes = operations.size() > 1 ? nodes() : 0;
  }

  // values and directives too: validation walks them with each operation that reaches them
  private long nodes() {
    long count = 0;
    ArrayDeque<Node<?>> left = new ArrayDeque<>();
    Consumer<Node<?>> push = left::push;
    left.push(document);
    while (!left.isEmpty()) {
      count++;
      Children.each(left.pop(), push);
    }
    return count;
  }

  private void read(Selection<?> selection, Part part, int nesting, ArrayDeque<Open> open) {
    part.ownNesting = Math.max(part.ownNesting, nesting);
    if (selection instanceof Field field) {
      part.ownFields++;
      if (field.getSelectionSet() != null) {
        open.push(new Open(field.getSelectionSet(), part, nesting));
      }
    } else if (selection instanceof InlineFragment inline) {
      if (inline.getTypeCondition() != null) {
        condition(inline.getTypeCondition().getName());
      }
      open.push(new Open(inline.getSelectionSet(), part, nesting));
    } else if (selection instanceof FragmentSpread spread) {
      part.spreads.add(new Spread(spread.getName(), nesting));
      part.distinct.add(spread.getName());
    }
  }

  private void condition(String type) {
    if (schema.getType(type) instanceof GraphQLObjectType) {
      objectConditions.add(type);
    }
  }

  private void measure() {
    Part all = new Part();
    List<Part> parts = parts();
    for (Part part : ChildrenFirst.order(all, (each, visit) -> below(each, all, parts, visit))) {
      part.nesting = part.ownNesting;
      part.fields = part.ownFields;
      for (Spread spread : part.spreads) {
        Part target = fragments.get(spread.fragment);
        if (target != null) {
          part.nesting = Math.max(part.nesting, spread.nesting + target.nesting);
          part.fields = PathGraph.plus(part.fields, target.fields);
        }
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // the one above all is itself
  private void below(Part part, Part all, List<Part> parts, Consumer<Part> visit) {
    if (part == all) {
      parts.forEach(visit);
      return;
    }
    for (String name : part.distinct) {
      Part target = fragments.get(name);
      if (target != null) {
        visit.accept(target);
      }
    }
  }
}
