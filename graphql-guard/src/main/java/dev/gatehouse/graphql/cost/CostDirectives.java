package dev.gatehouse.graphql.cost;

import graphql.schema.GraphQLSchema;
import graphql.schema.idl.TypeDefinitionRegistry;

/** The definitions of {@code @cost} and {@code @listSize}, supplied where an SDL lacks them. */
public final class CostDirectives {
  private CostDirectives() {}

  /** Reads an SDL and supplies the definitions that it uses or could use and does not have. */
  public static TypeDefinitionRegistry read(String sdl) {
    return java.util.Objects.requireNonNull(null);
  }

  /** A schema of an SDL that can be analysed, not executed. */
  public static GraphQLSchema schema(String sdl) {
    return java.util.Objects.requireNonNull(null);
  }
}
