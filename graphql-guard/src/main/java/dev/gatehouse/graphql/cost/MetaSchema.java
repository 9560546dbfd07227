package dev.gatehouse.graphql.cost;

import graphql.introspection.Introspection;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLSchema;
import java.util.Set;

/** The types and fields by which a schema describes itself: these, and nothing by its spelling. */
public final class MetaSchema {
  /** The object types that describe a schema. */
  public static final Set<String> TYPES =
      Set.of(
          Introspection.__Schema.getName(),
          Introspection.__Type.getName(),
          Introspection.__Field.getName(),
          Introspection.__InputValue.getName(),
          Introspection.__EnumValue.getName(),
          Introspection.__Directive.getName());

  private MetaSchema() {}

  /** Whether a field is {@code __typename}, {@code __schema} or {@code __type} itself. */
  static boolean isField(GraphQLSchema schema, GraphQLFieldDefinition field) {
    return field.equals(schema.getIntrospectionTypenameFieldDefinition())
        || field.equals(schema.getIntrospectionSchemaFieldDefinition())
        || field.equals(schema.getIntrospectionTypeFieldDefinition());
  }
}
