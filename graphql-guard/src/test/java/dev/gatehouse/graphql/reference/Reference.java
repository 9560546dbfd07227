package dev.gatehouse.graphql.reference;

import static graphql.schema.GraphQLTypeUtil.unwrapAll;

import graphql.introspection.Introspection;
import graphql.language.Directive;
import graphql.language.DirectivesContainer;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.language.VariableDefinition;
import graphql.language.VariableReference;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLUnionType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an operation costs and how large it is, by the rules alone and with no thought of speed:
 * every runtime type of every abstract position is tried, every value of every undecided condition,
 * and fields are collected as an executing server collects them.
 */
final class Reference {
  /**
   * What was found.
   *
   * @param typeCost the type cost
   * @param fieldCost the field cost
   * @param depth the longest response path
   * @param fields the response paths
   * @param aliases the response paths that an alias gives
   * @param rootFields the response keys of the root
   * @param directives the executable directives, at each spread
   * @param calls response paths by coordinate
   * @param recursion occurrences on one path, by coordinate
   * @param unsliced the coordinates that lack their one slicing argument
   * @param oversliced the coordinates that have several values for one, defaults included
   */
  record Found(
      double typeCost,
      double fieldCost,
      int depth,
      int fields,
      int aliases,
      int rootFields,
      int directives,
      Map<String, Integer> calls,
      Map<String, Integer> recursion,
      Set<String> unsliced,
      Set<String> oversliced) {}

  private record Sum(double type, double field) {
    static final Sum ZERO = new Sum(0, 0);

    Sum max(Sum other) {
      return new Sum(Math.max(type, other.type), Math.max(field, other.field));
    }
  }

  private final GraphQLSchema schema;
  private final Prices prices;
  private final Map<String, FragmentDefinition> fragments = new LinkedHashMap<>();
  private final Map<String, Set<String>> calls = new TreeMap<>();
  private final Map<String, Integer> recursion = new TreeMap<>();
  private final Set<String> unsliced = new TreeSet<>();
  private final Set<String> oversliced = new TreeSet<>();
  private final Set<String> paths = new HashSet<>();
  private final Set<String> aliased = new HashSet<>();
  private InputValues values;
  private int depth;

  private Reference(GraphQLSchema schema, Document document, double defaultListSize) {
    this.schema = schema;
    this.prices = new Prices(defaultListSize);
    document
        .getDefinitionsOfType(FragmentDefinition.class)
        .forEach(fragment -> fragments.put(fragment.getName(), fragment));
  }

  /**
   * What a request costs; where no variables are given, the most that any values of its conditions
   * make it cost.
   *
   * @param variables as sent; null to leave them open
   */
  static Found of(
      GraphQLSchema schema,
      Document document,
      String operationName,
      Map<String, Object> variables,
      double defaultListSize) {
    OperationDefinition operation = operation(document, operationName);
    InputValues known = InputValues.of(schema, operation, variables == null ? Map.of() : variables);
    Reference reference = new Reference(schema, document, defaultListSize);
    List<InputValues> choices = List.of(known);
    if (variables == null) {
      for (String open : reference.conditions(operation)) {
        choices = known.has(open) ? choices : bothWays(choices, open);
      }
    }
    Sum most = Sum.ZERO;
    for (InputValues choice : choices) {
      reference.values = choice;
      most = most.max(reference.root(operation));
    }
    return reference.found(operation, most);
  }

  private static OperationDefinition operation(Document document, String name) {
    return document.getDefinitionsOfType(OperationDefinition.class).stream()
        .filter(operation -> name == null || name.equals(operation.getName()))
        .findFirst()
        .orElseThrow();
  }

  private static List<InputValues> bothWays(List<InputValues> choices, String variable) {
    List<InputValues> twice = new ArrayList<>();
    for (InputValues choice : choices) {
      twice.add(choice.with(variable, true));
      twice.add(choice.with(variable, false));
    }
    return twice;
  }

  private Found found(OperationDefinition operation, Sum cost) {
    Map<String, Integer> counts = new TreeMap<>();
    calls.forEach((coordinate, where) -> counts.put(coordinate, where.size()));
    int roots = (int) paths.stream().filter(path -> path.indexOf('/', 1) < 0).count();
    int directives = operation.getDirectives().size();
    for (VariableDefinition variable : operation.getVariableDefinitions()) {
      directives += variable.getDirectives().size();
    }
    directives += directives(operation.getSelectionSet());
    return new Found(
        cost.type,
        cost.field,
        depth,
        paths.size(),
        aliased.size(),
        roots,
        directives,
        counts,
        recursion,
        unsliced,
        oversliced);
  }

  private Sum root(OperationDefinition operation) {
    GraphQLObjectType type =
        switch (operation.getOperation()) {
          case QUERY -> schema.getQueryType();
          case MUTATION -> schema.getMutationType();
          case SUBSCRIPTION -> schema.getSubscriptionType();
        };
    Sum sum = object(type, List.of(operation.getSelectionSet()), "", Map.of(), List.of());
    return new Sum(Math.max(0, Prices.weight(type) + sum.type), sum.field);
  }

  private Sum object(
      GraphQLObjectType type,
      List<SelectionSet> selections,
      String path,
      Map<String, Double> sizes,
      List<String> above) {
    Map<String, List<Field>> collected = new LinkedHashMap<>();
    Set<String> visited = new HashSet<>();
    selections.forEach(set -> collect(type, set, collected, visited));
    double typeCost = 0;
    double fieldCost = 0;
    for (Map.Entry<String, List<Field>> entry : collected.entrySet()) {
      Sum sum = field(type, entry.getValue(), path + "/" + entry.getKey(), sizes, above);
      typeCost += sum.type;
      fieldCost += sum.field;
    }
    return new Sum(typeCost, fieldCost);
  }

  private void collect(
      GraphQLObjectType type,
      SelectionSet set,
      Map<String, List<Field>> collected,
      Set<String> visited) {
    for (Selection<?> selection : set.getSelections()) {
      if (isSkipped((DirectivesContainer<?>) selection)) {
        continue;
      }
      if (selection instanceof Field field) {
        collected.computeIfAbsent(field.getResultKey(), key -> new ArrayList<>()).add(field);
      } else if (selection instanceof InlineFragment inline) {
        if (inline.getTypeCondition() == null
            || applies(inline.getTypeCondition().getName(), type)) {
          collect(type, inline.getSelectionSet(), collected, visited);
        }
      } else if (selection instanceof FragmentSpread spread && visited.add(spread.getName())) {
        FragmentDefinition fragment = fragments.get(spread.getName());
        if (applies(fragment.getTypeCondition().getName(), type)) {
          collect(type, fragment.getSelectionSet(), collected, visited);
        }
      }
    }
  }

  private boolean isSkipped(DirectivesContainer<?> node) {
    for (Directive directive : node.getDirectives()) {
      if (directive.getName().equals("skip")
          && values.isTrue(directive.getArgument("if").getValue())) {
        return true;
      }
      if (directive.getName().equals("include")
          && !values.isTrue(directive.getArgument("if").getValue())) {
        return true;
      }
    }
    return false;
  }

  private boolean applies(String condition, GraphQLObjectType type) {
    return possible(schema.getType(condition)).contains(type);
  }

  private List<GraphQLObjectType> possible(GraphQLType type) {
    if (type instanceof GraphQLObjectType object) {
      return List.of(object);
    }
    if (type instanceof GraphQLInterfaceType abstractType) {
      return schema.getImplementations(abstractType);
    }
    return ((GraphQLUnionType) type)
        .getTypes().stream().map(GraphQLObjectType.class::cast).toList();
  }

  private Sum field(
      GraphQLObjectType parent,
      List<Field> nodes,
      String path,
      Map<String, Double> sizes,
      List<String> above) {
    Field first = nodes.get(0);
    if (nodes.stream().anyMatch(node -> node.getAlias() != null)) {
      aliased.add(path);
    }
    if (first.getName().equals("__schema") || first.getName().equals("__type")) {
      introspection(parent, nodes, path);
      return Sum.ZERO;
    }
    paths.add(path);
    depth = Math.max(depth, (int) path.chars().filter(c -> c == '/').count());
    if (first.getName().equals("__typename")) {
      return Sum.ZERO;
    }
    List<String> chain = new ArrayList<>(above);
    for (String coordinate : coordinates(parent, first.getName())) {
      chain.add(coordinate);
      calls.computeIfAbsent(coordinate, c -> new HashSet<>()).add(path);
      recursion.merge(
          coordinate, (int) chain.stream().filter(coordinate::equals).count(), Math::max);
    }
    GraphQLFieldDefinition field = parent.getFieldDefinition(first.getName());
    int slices = Prices.slicesOfOne(field, first, values);
    if (slices != 1) {
      (slices == 0 ? unsliced : oversliced).add(parent.getName() + "." + field.getName());
    }
    double call = Prices.call(schema, field, nodes, values);
    Prices.Size size = prices.size(field, first, sizes.get(field.getName()), values);
    GraphQLType type = unwrapAll(field.getType());
    List<SelectionSet> below =
        nodes.stream().map(Field::getSelectionSet).filter(set -> set != null).toList();
    if (below.isEmpty()) {
      return new Sum(Math.max(0, Prices.times(size.count(), Prices.weight(type))), call);
    }
    Sum dearest = null;
    for (GraphQLObjectType runtime : possible(type)) {
      Sum children = object(runtime, below, path, size.moved(), chain);
      Sum whole = new Sum(Prices.weight(runtime) + children.type, children.field);
      dearest = dearest == null ? whole : dearest.max(whole);
    }
    Sum child = dearest == null ? Sum.ZERO : dearest;
    return new Sum(
        Math.max(0, Prices.times(size.count(), child.type)),
        call + Prices.times(size.count(), child.field));
  }

  // A coordinate of an object is one of its interfaces too, and the reverse by their objects.
  private static List<String> coordinates(GraphQLObjectType parent, String field) {
    List<String> all = new ArrayList<>(List.of(parent.getName() + "." + field));
    for (GraphQLNamedType each : parent.getInterfaces()) {
      GraphQLInterfaceType wider = (GraphQLInterfaceType) each;
      if (wider.getFieldDefinition(field) != null) {
        all.add(wider.getName() + "." + field);
      }
    }
    return all;
  }

  private void introspection(GraphQLObjectType parent, List<Field> nodes, String path) {
    GraphQLFieldDefinition field =
        Introspection.getFieldDefinition(schema, parent, nodes.get(0).getName());
    if (!(unwrapAll(field.getType()) instanceof GraphQLObjectType type)) {
      return;
    }
    Map<String, List<Field>> collected = new LinkedHashMap<>();
    Set<String> visited = new HashSet<>();
    nodes.forEach(node -> collect(type, node.getSelectionSet(), collected, visited));
    collected.forEach(
        (key, below) -> {
          String at = path + "/" + key;
          if (below.stream().anyMatch(node -> node.getAlias() != null)) {
            aliased.add(at);
          }
          introspection(type, below, at);
        });
  }

  private int directives(SelectionSet set) {
    if (set == null) {
      return 0;
    }
    int count = 0;
    for (Selection<?> selection : set.getSelections()) {
      count += ((DirectivesContainer<?>) selection).getDirectives().size();
      if (selection instanceof Field field) {
        count += directives(field.getSelectionSet());
      } else if (selection instanceof InlineFragment inline) {
        count += directives(inline.getSelectionSet());
      } else if (selection instanceof FragmentSpread spread) {
        FragmentDefinition fragment = fragments.get(spread.getName());
        count += fragment.getDirectives().size() + directives(fragment.getSelectionSet());
      }
    }
    return count;
  }

  private Set<String> conditions(OperationDefinition operation) {
    Set<String> found = new TreeSet<>();
    conditions(operation.getSelectionSet(), found);
    fragments.values().forEach(fragment -> conditions(fragment.getSelectionSet(), found));
    return found;
  }

  private static void conditions(SelectionSet set, Set<String> found) {
    if (set == null) {
      return;
    }
    for (Selection<?> selection : set.getSelections()) {
      for (Directive directive : ((DirectivesContainer<?>) selection).getDirectives()) {
        boolean condition =
            directive.getName().equals("skip") || directive.getName().equals("include");
        if (condition
            && directive.getArgument("if").getValue() instanceof VariableReference variable) {
          found.add(variable.getName());
        }
      }
      if (selection instanceof Field field) {
        conditions(field.getSelectionSet(), found);
      } else if (selection instanceof InlineFragment inline) {
        conditions(inline.getSelectionSet(), found);
      }
    }
  }
}
