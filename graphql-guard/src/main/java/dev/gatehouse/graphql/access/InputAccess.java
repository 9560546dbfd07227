package dev.gatehouse.graphql.access;

import static graphql.schema.GraphQLTypeUtil.unwrapAll;

import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLInputObjectField;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/** What holds for values that callers give: of input objects' fields, of enums and scalars. */
final class InputAccess {
  /** What each type, field and value asks, by coordinate; what asks nothing is not there. */
  final Map<String, Integer> requirements = new HashMap<>();

  /** The types whose values may hold something that asks. */
  final Set<String> holding = new HashSet<>();

  private final GraphQLSchema schema;
  private final ToIntFunction<Iterable<String>> requirement;
  private final Set<String> stated;

  InputAccess(
      GraphQLSchema schema, ToIntFunction<Iterable<String>> requirement, Set<String> stated) {
    this.schema = schema;
    this.requirement = requirement;
    this.stated = stated;
    schema.getAllTypesAsList().forEach(this::type);
    while (spread()) {
      // until no type is found to hold one that was
    }
  }

  private void type(GraphQLNamedType type) {
    if (type instanceof GraphQLInputObjectType input) {
      ask(type.getName(), type.getName());
      for (GraphQLInputObjectField field : input.getFieldDefinitions()) {
        ask(type.getName(), type.getName() + "." + field.getName());
      }
    } else if (type instanceof GraphQLEnumType values) {
      ask(type.getName(), type.getName());
      values
          .getValues()
          .forEach(each -> ask(type.getName(), type.getName() + "." + each.getName()));
    } else if (type instanceof GraphQLScalarType) {
      ask(type.getName(), type.getName());
    }
  }

  private void ask(String type, String coordinate) {
    if (!stated.contains(coordinate)) {
      return;
    }
    int number = requirement.applyAsInt(List.of(coordinate));
    if (number != SchemaAccess.OPEN) {
      requirements.put(coordinate, number);
      holding.add(type);
    }
  }

  private boolean spread() {
    boolean found = false;
    for (GraphQLNamedType type : schema.getAllTypesAsList()) {
      if (type instanceof GraphQLInputObjectType input && !holding.contains(type.getName())) {
        boolean holds =
            input.getFieldDefinitions().stream()
                .anyMatch(field -> holding.contains(unwrapAll(field.getType()).getName()));
        found |= holds && holding.add(type.getName());
      }
    }
    return found;
  }
}
