package dev.gatehouse.graphql.cost;

import graphql.schema.GraphQLSchema;

/**
 * The weights and list sizes of one schema: those of its {@code @cost} and {@code @listSize}
 * directives, and others set from Java, which win.
 */
public final class CostWeights {
  private CostWeights() {}

  /** What the schema's directives say; an unsized list has one element. */
  public static CostWeights of(GraphQLSchema schema) {
    return builder(schema).build();
  }

  /** Begins with what the schema's directives say. */
  public static Builder builder(GraphQLSchema schema) {
    return new Builder(schema);
  }

  /** Collects weights that a schema does not carry. */
  public static final class Builder {
    private Builder(GraphQLSchema schema) {}

    /** The size of a list that nothing sizes; may be infinite. Default 1. */
    public Builder defaultListSize(double size) {
      return this;
    }

    /** The weight of an object, scalar, enum type. */
    public Builder type(String type, double weight) {
      return this;
    }

    /** The weight of a field, such as {@code Query.users}. */
    public Builder field(String coordinate, double weight) {
      return this;
    }

    /** The weight of an argument, such as {@code Query.users} and {@code filter}. */
    public Builder argument(String coordinate, String argument, double weight) {
      return this;
    }

    /** The weight of an input object's field, such as {@code UserFilter.name}. */
    public Builder inputField(String coordinate, double weight) {
      return this;
    }

    /** The weight of a directive's argument. */
    public Builder directiveArgument(String directive, String argument, double weight) {
      return this;
    }

    /** How long a field's list is. */
    public Builder listSize(String coordinate, ListSize size) {
      return this;
    }

    /** The weights. */
    public CostWeights build() {
      return new CostWeights();
    }
  }
}
