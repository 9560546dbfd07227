package dev.gatehouse.graphql;

import dev.gatehouse.graphql.SchemaAudit.Finding;
import dev.gatehouse.graphql.SchemaAudit.Kind;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.cost.ListSize;
import dev.gatehouse.graphql.cost.MetaSchema;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLInputObjectField;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.GraphQLUnionType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The part of an audit that is about cost. */
final class CostAudit {
  private final GraphQLSchema schema;
  private final CostWeights weights;
  private final Limits limits;
  private final List<GraphQLFieldsContainer> types = new ArrayList<>();
  private final Set<String> sizedByParent = new HashSet<>();
  private final List<Finding> findings = new ArrayList<>();

  CostAudit(GraphQLSchema schema, CostWeights weights, Limits limits) {
    this.schema = schema;
    this.weights = weights;
    this.limits = limits;
    for (GraphQLNamedType type : schema.getAllTypesAsList()) {
      boolean isMeta = MetaSchema.TYPES.contains(type.getName());
      if (type instanceof GraphQLFieldsContainer container && !isMeta) {
        types.add(container);
      }
    }
  }

  List<Finding> findings() {
    types.forEach(type -> type.getFieldDefinitions().forEach(field -> names(type, field)));
    Cycles cycles = new Cycles();
    for (GraphQLFieldsContainer type : types) {
      for (GraphQLFieldDefinition field : type.getFieldDefinitions()) {
        list(type, field);
        cost(type, field);
        recursion(type, field, cycles);
        mismatch(type, field);
      }
    }
    findings.sort(Comparator.comparing(Finding::coordinate).thenComparing(Finding::kind));
    return findings;
  }

  private void add(Kind kind, String coordinate, String message) {
    findings.add(new Finding(kind, coordinate, message));
  }

  private static String coordinate(GraphQLFieldsContainer type, GraphQLFieldDefinition field) {
    return type.getName() + "." + field.getName();
  }

  /**
   * The names in list sizes that are not there: their lists are not sized as their owners think.
   */
  List<Finding> unknownNames() {
    types.forEach(type -> type.getFieldDefinitions().forEach(field -> names(type, field)));
    findings.sort(Comparator.comparing(Finding::coordinate).thenComparing(Finding::message));
    return findings;
  }

  // what @listSize names must be there; the fields that it sizes are bounded by it
  private void names(GraphQLFieldsContainer type, GraphQLFieldDefinition field) {
    ListSize size = weights.listSize(type, field).orElse(null);
    if (size == null) {
      return;
    }
    for (String argument : size.slicingArguments()) {
      if (!isThere(field, argument)) {
        String message = "@listSize slices by " + argument + ", which is no argument of the field";
        add(Kind.UNKNOWN_NAME, coordinate(type, field), message);
      }
    }
    GraphQLType below = GraphQLTypeUtil.unwrapAll(field.getType());
    for (String sized : size.sizedFields()) {
      Set<GraphQLFieldsContainer> owners = possible(below);
      boolean isThere = false;
      for (GraphQLFieldsContainer owner : owners) {
        isThere |= owner.getFieldDefinition(sized) != null;
        sizedByParent.add(owner.getName() + "." + sized);
      }
      if (!isThere) {
        String message = "@listSize sizes " + sized + ", which is no field of what it returns";
        add(Kind.UNKNOWN_NAME, coordinate(type, field), message);
      }
    }
  }

  // input.first reaches into an input object
  private static boolean isThere(GraphQLFieldDefinition field, String path) {
    List<String> names = List.of(path.split("\\.", -1));
    GraphQLArgument argument = field.getArgument(names.get(0));
    if (argument == null) {
      return false;
    }
    GraphQLType type = argument.getType();
    for (String name : names.subList(1, names.size())) {
      GraphQLInputObjectField inside =
          GraphQLTypeUtil.unwrapNonNull(type) instanceof GraphQLInputObjectType object
              ? object.getFieldDefinition(name)
              : null;
      if (inside == null) {
        return false;
      }
      type = inside.getType();
    }
    return true;
  }

  private Set<GraphQLFieldsContainer> possible(GraphQLType type) {
    Set<GraphQLFieldsContainer> all = new LinkedHashSet<>();
    if (type instanceof GraphQLFieldsContainer container) {
      all.add(container);
    }
    if (type instanceof GraphQLInterfaceType one) {
      List<GraphQLObjectType> members = schema.getImplementations(one);
      all.addAll(members == null ? List.of() : members);
    }
    if (type instanceof GraphQLUnionType union) {
      union.getTypes().forEach(member -> all.add((GraphQLFieldsContainer) member));
    }
    return all;
  }

  private void list(GraphQLFieldsContainer type, GraphQLFieldDefinition field) {
    boolean isList = GraphQLTypeUtil.isList(GraphQLTypeUtil.unwrapNonNull(field.getType()));
    if (!isList || sizedByParent.contains(coordinate(type, field))) {
      return;
    }
    ListSize size = weights.listSize(type, field).orElse(null);
    boolean isSized =
        size != null
            && size.sizedFields().isEmpty()
            && (size.assumedSize().isPresent()
                || (size.requireOneSlicingArgument() && !size.slicingArguments().isEmpty()));
    if (!isSized) {
      add(
          Kind.UNBOUNDED_LIST,
          coordinate(type, field),
          "nothing bounds the list: give it @listSize with a slicing argument or an assumedSize");
    }
  }

  private void cost(GraphQLFieldsContainer type, GraphQLFieldDefinition field) {
    // a default weight of 1 is a cost; a leaf's is 0, which is right only where nothing is fetched
    boolean resolves = !field.getArguments().isEmpty() || isRoot(type);
    boolean isLeaf =
        !(GraphQLTypeUtil.unwrapAll(field.getType()) instanceof GraphQLFieldsContainer)
            && !(GraphQLTypeUtil.unwrapAll(field.getType()) instanceof GraphQLUnionType);
    if (resolves && isLeaf && weights.field(type, field) == 0 && !isWeighed(type, field)) {
      add(
          Kind.UNCOSTED_FIELD,
          coordinate(type, field),
          "the field is called for nothing: give it @cost, if only of weight 0");
    }
  }

  private boolean isWeighed(GraphQLFieldsContainer type, GraphQLFieldDefinition field) {
    return weights.ownField(type, field).isPresent();
  }

  private boolean isRoot(GraphQLFieldsContainer type) {
    return type.equals(schema.getQueryType())
        || type.equals(schema.getMutationType())
        || type.equals(schema.getSubscriptionType());
  }

  private void recursion(GraphQLFieldsContainer type, GraphQLFieldDefinition field, Cycles cycles) {
    String coordinate = coordinate(type, field);
    boolean isLimited =
        !Double.isInfinite(limits.depth()) || limits.recursion().containsKey(coordinate);
    if (!isLimited && cycles.leadsBack(type, field)) {
      add(
          Kind.UNLIMITED_RECURSION,
          coordinate,
          "the field leads back to its own type: limit the depth, or the field's recursion");
    }
  }

  private void mismatch(GraphQLFieldsContainer type, GraphQLFieldDefinition field) {
    if (!(type instanceof GraphQLInterfaceType one)) {
      return;
    }
    List<GraphQLObjectType> members = schema.getImplementations(one);
    for (GraphQLObjectType member : members == null ? List.<GraphQLObjectType>of() : members) {
      GraphQLFieldDefinition same = member.getFieldDefinition(field.getName());
      boolean agrees =
          same == null
              || (weights.field(type, field) == weights.field(member, same)
                  && weights.listSize(type, field).equals(weights.listSize(member, same)));
      if (!agrees) {
        add(
            Kind.INTERFACE_MISMATCH,
            coordinate(member, same),
            "costs or sizes differ from those of " + coordinate(type, field));
      }
    }
  }

  /** Which types lead to which, found once. */
  private final class Cycles {
    private final Map<String, Set<String>> reachable = new HashMap<>();

    boolean leadsBack(GraphQLFieldsContainer type, GraphQLFieldDefinition field) {
      GraphQLNamedType target = GraphQLTypeUtil.unwrapAll(field.getType());
      return reachable
          .computeIfAbsent(target.getName(), key -> from(target))
          .contains(type.getName());
    }

    private Set<String> from(GraphQLNamedType start) {
      Set<String> seen = new HashSet<>();
      List<GraphQLType> open = new ArrayList<>(List.of(start));
      while (!open.isEmpty()) {
        for (GraphQLFieldsContainer each : possible(open.remove(open.size() - 1))) {
          if (seen.add(each.getName())) {
            each.getFieldDefinitions()
                .forEach(field -> open.add(GraphQLTypeUtil.unwrapAll(field.getType())));
          }
        }
      }
      return seen;
    }
  }
}
