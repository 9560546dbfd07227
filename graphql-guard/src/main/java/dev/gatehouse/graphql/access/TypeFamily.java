package dev.gatehouse.graphql.access;

import graphql.schema.GraphQLImplementingType;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLNamedOutputType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLUnionType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How types of a schema belong together. */
final class TypeFamily {
  private TypeFamily() {}

  /** The interfaces of a type, those of its interfaces included; itself aside. */
  static Set<GraphQLInterfaceType> interfaces(GraphQLNamedType type) {
    Set<GraphQLInterfaceType> found = new LinkedHashSet<>();
    List<GraphQLNamedType> open = new ArrayList<>(List.of(type));
    while (!open.isEmpty()) {
      if (!(open.remove(open.size() - 1) instanceof GraphQLImplementingType implementing)) {
        continue;
      }
      for (GraphQLNamedOutputType one : implementing.getInterfaces()) {
        if (one instanceof GraphQLInterfaceType ancestor && found.add(ancestor)) {
          open.add(ancestor);
        }
      }
    }
    return found;
  }

  /** The object types that a type stands for; none for a leaf. */
  static List<GraphQLObjectType> possible(GraphQLSchema schema, GraphQLNamedType type) {
    if (type instanceof GraphQLObjectType object) {
      return List.of(object);
    }
    if (type instanceof GraphQLInterfaceType one) {
      List<GraphQLObjectType> all = schema.getImplementations(one);
      return all == null ? List.of() : all;
    }
    return type instanceof GraphQLUnionType union
        ? union.getTypes().stream().map(GraphQLObjectType.class::cast).toList()
        : List.of();
  }
}
