package dev.gatehouse.graphql.access;

import static graphql.schema.GraphQLTypeUtil.unwrapAll;

import dev.gatehouse.core.Problems;
import dev.gatehouse.graphql.access.FieldAccess.ArgumentAccess;
import dev.gatehouse.graphql.access.FieldAccess.ObjectAccess;
import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import dev.gatehouse.graphql.access.Requirement.Grant;
import dev.gatehouse.graphql.access.RuleSet.Stated;
import dev.gatehouse.graphql.access.RuleSet.StatedMask;
import dev.gatehouse.graphql.access.RuleSet.StatedObjects;
import graphql.introspection.Introspection;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLUnionType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Works out what holds where: a type's rules for its fields and for what returns it, an interface's
 * for its implementations, all of them together.
 */
final class SchemaAccessBuilder {
  static final int UNPROTECTED = 1;

  final GraphQLSchema schema;
  final RuleSet rules;
  final List<Requirement> requirements = new ArrayList<>();
  final Map<String, Map<String, FieldAccess>> fields = new TreeMap<>();
  final Map<String, TypeAccess> types = new HashMap<>();
  final Map<String, Integer> inputs;
  final Set<String> inputTypes;
  final List<String> unprotected = new ArrayList<>();
  final Map<String, String> unasked = new TreeMap<>();
  private final Map<Requirement, Integer> numbers = new HashMap<>();
  private final Map<String, List<Stated>> stated;
  private final Map<String, List<StatedMask>> masks;
  private final Map<String, List<StatedObjects>> objects;

  private SchemaAccessBuilder(GraphQLSchema schema, RuleSet rules) {
    this.schema = schema;
    this.rules = rules;
    this.stated = byCoordinate(rules.rules, Stated::coordinate);
    this.masks = byCoordinate(rules.masks, StatedMask::coordinate);
    this.objects = byCoordinate(rules.objects, StatedObjects::type);
    number(Requirement.OPEN);
    number(Requirement.UNPROTECTED);
    InputAccess found = new InputAccess(schema, this::requirement, stated.keySet());
    this.inputs = found.requirements;
    this.inputTypes = found.holding;
  }

  /**
   * Holds rules against a schema.
   *
   * @throws Problems.InvalidException if they do not fit it
   */
  static SchemaAccess build(GraphQLSchema schema, RuleSet told, String version) {
    Problems problems = new Problems();
    RuleSet all = DirectiveReader.read(schema, told, problems);
    all.add(told);
    new RuleFit(schema, problems).check(all);
    problems.throwIfAny();
    SchemaAccessBuilder builder = new SchemaAccessBuilder(schema, all);
    builder.types();
    builder.fields();
    builder.mutations();
    Collections.sort(builder.unprotected);
    return new SchemaAccess(builder, version);
  }

  private static <T> Map<String, List<T>> byCoordinate(List<T> all, Function<T, String> at) {
    return all.stream().collect(Collectors.groupingBy(at));
  }

  private int number(Requirement requirement) {
    return numbers.computeIfAbsent(
        requirement,
        key -> {
          requirements.add(key);
          return requirements.size() - 1;
        });
  }

  private int requirement(List<Stated> all) {
    List<Grant> grants = new ArrayList<>();
    for (Stated one : all) {
      boolean whole = rules.wholeOperation.contains(one.coordinate());
      grants.add(new Grant(one.condition(), one.mode(), whole));
    }
    return number(Requirement.of(grants));
  }

  /** The number of what is stated at some coordinates together. */
  private int requirement(Iterable<String> coordinates) {
    List<Stated> all = new ArrayList<>();
    coordinates.forEach(each -> all.addAll(stated(each)));
    return requirement(all);
  }

  private List<Stated> stated(String coordinate) {
    return stated.getOrDefault(coordinate, List.of());
  }

  // an interface's rules are its implementations' too
  private List<Stated> ofType(GraphQLNamedType type) {
    List<Stated> all = new ArrayList<>(stated(type.getName()));
    for (GraphQLInterfaceType one : TypeFamily.interfaces(type)) {
      all.addAll(stated(one.getName()));
    }
    return all;
  }

  private void types() {
    for (GraphQLNamedType type : schema.getAllTypesAsList()) {
      if (!(type instanceof GraphQLObjectType object) || Introspection.isIntrospectionTypes(type)) {
        continue;
      }
      List<StatedObjects> checks = new ArrayList<>(objects.getOrDefault(type.getName(), List.of()));
      for (GraphQLInterfaceType one : TypeFamily.interfaces(object)) {
        checks.addAll(objects.getOrDefault(one.getName(), List.of()));
      }
      types.put(
          type.getName(),
          new TypeAccess(type.getName(), requirement(ofType(type)), List.copyOf(checks)));
    }
  }

  private void fields() {
    for (GraphQLNamedType type : schema.getAllTypesAsList()) {
      if (type instanceof GraphQLObjectType object && !Introspection.isIntrospectionTypes(type)) {
        Map<String, FieldAccess> all = new TreeMap<>();
        object.getFieldDefinitions().forEach(each -> all.put(each.getName(), field(object, each)));
        fields.put(type.getName(), all);
      }
    }
  }

  private FieldAccess field(GraphQLObjectType type, GraphQLFieldDefinition field) {
    List<String> coordinates = coordinates(type, field);
    List<Stated> own = new ArrayList<>(ofType(type));
    coordinates.forEach(each -> own.addAll(stated(each)));
    List<Stated> all = new ArrayList<>(own);
    GraphQLNamedType returned = unwrapAll(field.getType());
    all.addAll(ofType(returned));
    List<StatedMask> covering = new ArrayList<>();
    coordinates.forEach(each -> covering.addAll(masks.getOrDefault(each, List.of())));
    if (own.isEmpty()) {
      unprotected.add(type.getName() + "." + field.getName());
    }
    return new FieldAccess(
        type,
        field,
        List.copyOf(own),
        own.isEmpty() ? UNPROTECTED : requirement(all),
        arguments(coordinates, field),
        List.copyOf(covering),
        objects(returned),
        returned instanceof GraphQLEnumType values && hasValueRules(values) ? values : null,
        List.copyOf(rules.acts.getOrDefault(type.getName() + "." + field.getName(), List.of())));
  }

  // the field itself, and the same field of the type's interfaces
  private static List<String> coordinates(GraphQLObjectType type, GraphQLFieldDefinition field) {
    List<String> all = new ArrayList<>();
    all.add(type.getName() + "." + field.getName());
    for (GraphQLInterfaceType one : TypeFamily.interfaces(type)) {
      if (one.getFieldDefinition(field.getName()) != null) {
        all.add(one.getName() + "." + field.getName());
      }
    }
    return all;
  }

  private List<ArgumentAccess> arguments(List<String> coordinates, GraphQLFieldDefinition field) {
    List<ArgumentAccess> all = new ArrayList<>();
    for (GraphQLArgument argument : field.getArguments()) {
      List<Stated> own = new ArrayList<>();
      for (String coordinate : coordinates) {
        own.addAll(stated(coordinate + "(" + argument.getName() + ":)"));
      }
      int requirement = requirement(own);
      String type = unwrapAll(argument.getType()).getName();
      if (requirement != SchemaAccess.OPEN || inputTypes.contains(type)) {
        all.add(new ArgumentAccess(argument, requirement));
      }
    }
    return List.copyOf(all);
  }

  private boolean hasValueRules(GraphQLEnumType values) {
    return values.getValues().stream()
        .anyMatch(
            value ->
                inputs.getOrDefault(values.getName() + "." + value.getName(), SchemaAccess.OPEN)
                    != SchemaAccess.OPEN);
  }

  private @Nullable ObjectAccess objects(GraphQLNamedType returned) {
    Map<String, TypeAccess> byType = new LinkedHashMap<>();
    boolean isChecked = false;
    boolean isAsked = false;
    for (GraphQLObjectType each : TypeFamily.possible(schema, returned)) {
      TypeAccess access = types.get(each.getName());
      if (access != null) {
        byType.put(each.getName(), access);
        isChecked |= !access.checks().isEmpty();
        isAsked |= access.requirement() != SchemaAccess.OPEN;
      }
    }
    boolean isAbstract =
        returned instanceof GraphQLInterfaceType || returned instanceof GraphQLUnionType;
    boolean isNeeded = isChecked || (isAbstract && isAsked);
    return isNeeded ? new ObjectAccess(isAbstract, Map.copyOf(byType), isChecked) : null;
  }

  // what a mutation has done cannot be taken back when its result turns out to be a stranger's
  private void mutations() {
    GraphQLObjectType root = schema.getMutationType();
    if (root == null) {
      return;
    }
    for (GraphQLFieldDefinition field : root.getFieldDefinitions()) {
      String coordinate = root.getName() + "." + field.getName();
      boolean isSaid = rules.acts.containsKey(coordinate) || rules.unasked.contains(coordinate);
      String checked = isSaid ? null : checkedBelow(field);
      if (checked != null) {
        unasked.put(coordinate, checked);
      }
    }
  }

  /** A type with object rules that a field returns, itself or in what it wraps it in. */
  private @Nullable String checkedBelow(GraphQLFieldDefinition field) {
    Set<String> seen = new java.util.HashSet<>();
    List<GraphQLFieldDefinition> open = new ArrayList<>(List.of(field));
    while (!open.isEmpty()) {
      GraphQLNamedType returned = unwrapAll(open.remove(open.size() - 1).getType());
      for (GraphQLObjectType type : TypeFamily.possible(schema, returned)) {
        TypeAccess access = types.get(type.getName());
        if (access != null && !access.checks().isEmpty()) {
          return type.getName();
        }
        // a payload may lead back to the query type, and so to everything
        if (!type.equals(schema.getQueryType()) && seen.add(type.getName())) {
          open.addAll(((GraphQLFieldsContainer) type).getFieldDefinitions());
        }
      }
    }
    return null;
  }
}
