package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.cost.CostWeights;
import graphql.language.Document;
import graphql.schema.GraphQLSchema;
import org.jspecify.annotations.Nullable;

/** Compiles the operations of one schema, version and weights into plans. */
public final class PlanCompiler {
  private final GraphQLSchema schema;
  private final CostWeights weights;

  private PlanCompiler(GraphQLSchema schema, CostWeights weights) {
    this.schema = schema;
    this.weights = weights;
  }

  /** With the weights that the schema's directives give. */
  public static PlanCompiler of(GraphQLSchema schema) {
    return of(schema, CostWeights.of(schema));
  }

  /** With weights of its own. */
  public static PlanCompiler of(GraphQLSchema schema, CostWeights weights) {
    return new PlanCompiler(schema, weights);
  }

  /** The schema. */
  public GraphQLSchema schema() {
    return schema;
  }

  /** The weights. */
  public CostWeights weights() {
    return weights;
  }

  /** Compiles one operation of a valid document. */
  public DocumentPlan compile(Document document, @Nullable String operationName) {
    return java.util.Objects.requireNonNull(null);
  }
}
