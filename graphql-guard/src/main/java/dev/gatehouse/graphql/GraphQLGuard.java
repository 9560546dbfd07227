package dev.gatehouse.graphql;

import dev.gatehouse.graphql.cost.CostWeights;
import graphql.GraphQL;
import graphql.GraphQLContext;
import graphql.execution.instrumentation.Instrumentation;
import graphql.schema.GraphQLSchema;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides of each operation, before any resolver runs, whether this caller may run it and at what
 * price; with and without a cache of parsed documents, for queries, mutations and subscriptions.
 *
 * <pre>{@code
 * GraphQLGuard guard = GraphQLGuard.builder(schema).limits(Limits.strict()).build();
 * GraphQL graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
 * }</pre>
 */
public final class GraphQLGuard {
  private GraphQLGuard() {}

  /** Begins a guard of a schema. */
  public static Builder builder(GraphQLSchema schema) {
    return new Builder(schema);
  }

  /** Puts the guard into a GraphQL under construction, beside the instrumentation it has. */
  public GraphQL.Builder applyTo(GraphQL.Builder graphql) {
    return java.util.Objects.requireNonNull(null);
  }

  /** A GraphQL like the given one, guarded. */
  public GraphQL guard(GraphQL graphql) {
    return java.util.Objects.requireNonNull(null);
  }

  /** The guard as an instrumentation, where something else builds the GraphQL. */
  public Instrumentation instrumentation() {
    return java.util.Objects.requireNonNull(null);
  }

  /** What an operation would cost and exceed; runs nothing and charges nothing. */
  public Analysis dryRun(
      String document, @Nullable String operationName, Map<String, ?> variables, Limits limits) {
    return java.util.Objects.requireNonNull(null);
  }

  /** Collects a guard's parts. */
  public static final class Builder {
    private final GraphQLSchema schema;

    private Builder(GraphQLSchema schema) {
      this.schema = schema;
    }

    GraphQLSchema schema() {
      return schema;
    }

    /** The limits of every caller. */
    public Builder limits(Limits limits) {
      return limits(context -> limits);
    }

    /** The limits of each caller, asked for with each request. */
    public Builder limits(Function<GraphQLContext, Limits> limits) {
      return this;
    }

    /** Weights; without them, those of the schema's directives. */
    public Builder weights(CostWeights weights) {
      return this;
    }

    /**
     * Counts what operations really cost and ends those that pass their estimate so many times
     * over.
     */
    public Builder actualCost(double factor) {
      return this;
    }

    /** Whether answers carry {@code extensions.cost}. */
    public Builder reportCost(boolean report) {
      return this;
    }

    /** The guard. */
    public GraphQLGuard build() {
      return new GraphQLGuard();
    }
  }
}
