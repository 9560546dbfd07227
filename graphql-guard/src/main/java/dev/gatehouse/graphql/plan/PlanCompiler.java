package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.cost.DirectivePrice;
import dev.gatehouse.graphql.cost.FieldPricing;
import graphql.language.Document;
import graphql.language.OperationDefinition;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compiles operations of one schema into plans, in time that the document's size bounds: what
 * fragments lead to many times is worked out once, and a document so entangled that this does not
 * help is refused.
 *
 * <p>Nothing here recurses over the document. Safe for use by many threads.
 */
public final class PlanCompiler {
  private static final long MAX_STEPS = 1_000_000;

  private final SchemaTypes types;
  private final long maxSteps;

  private PlanCompiler(SchemaTypes types, long maxSteps) {
    this.types = types;
    this.maxSteps = maxSteps;
  }

  /** With the weights that the schema's directives give. */
  public static PlanCompiler of(GraphQLSchema schema) {
    return of(schema, CostWeights.ofDirectives());
  }

  /** With weights of its own. */
  public static PlanCompiler of(GraphQLSchema schema, CostWeights weights) {
    return new PlanCompiler(new SchemaTypes(schema, weights), MAX_STEPS);
  }

  /** The same with another bound on the steps of one compilation; a step is a visited selection. */
  public PlanCompiler maxSteps(long steps) {
    return new PlanCompiler(types, steps);
  }

  /** The schema. */
  public GraphQLSchema schema() {
    return types.schema;
  }

  /** What a field that is being executed costs. */
  public FieldPricing pricing(GraphQLObjectType parent, GraphQLFieldDefinition field) {
    return types.pricing(parent, field);
  }

  /** What directives cost. */
  public DirectivePrice directives() {
    return types.directives;
  }

  /** The weights. */
  public CostWeights weights() {
    return types.weights;
  }

  /**
   * Compiles one operation of a valid document.
   *
   * @param operationName which; null or empty where the document has only one
   * @throws BudgetExceededException if that takes too many steps
   * @throws InvalidDocumentException if there is no such operation, or the document is not valid
   */
  public DocumentPlan compile(Document document, @Nullable String operationName) {
    OperationDefinition operation = operation(document, operationName);
    return compile(document, operation, DocumentCounts.of(document, operation));
  }

  DocumentPlan compile(Document document, OperationDefinition operation, DocumentCounts counts) {
    GraphQLObjectType root = root(operation);
    Budget budget = new Budget(maxSteps);
    TypeSets sets = new TypeSets(types);
    Conditions conditions = new Conditions(budget);
    Selections selections = new Selections(document, types, sets, conditions);
    int rootSet = selections.read(operation.getSelectionSet()).id;
    TypeSet rootTypes = sets.of(Objects.requireNonNull(types.possible(root.getName())));
    PathGraph paths =
        new PathGraphBuilder(types, sets, conditions, selections, budget).build(rootTypes, rootSet);
    FieldGroups groups = new FieldGroups(selections, conditions, budget);
    CostGraph costs =
        new CostGraphBuilder(types, sets, conditions, groups, budget).build(rootTypes, rootSet);
    return new DocumentPlan(
        types,
        operation,
        conditions.names(),
        paths,
        costs,
        counts.directives(),
        counts.shape,
        budget.spent());
  }

  /**
   * The operation that a request selects.
   *
   * @throws InvalidDocumentException if there is none, or more than one and no name
   */
  public static OperationDefinition operation(Document document, @Nullable String operationName) {
    List<OperationDefinition> all = document.getDefinitionsOfType(OperationDefinition.class);
    if (operationName == null || operationName.isEmpty()) {
      if (all.size() != 1) {
        throw new InvalidDocumentException(
            all.isEmpty()
                ? "the document has no operation"
                : "the document has several operations: name the one to run");
      }
      return all.get(0);
    }
    for (OperationDefinition operation : all) {
      if (operationName.equals(operation.getName())) {
        return operation;
      }
    }
    throw new InvalidDocumentException("the document has no operation of that name");
  }

  /**
   * The type at the root of an operation.
   *
   * @throws InvalidDocumentException if the schema has none
   */
  public GraphQLObjectType root(OperationDefinition operation) {
    GraphQLObjectType root =
        switch (operation.getOperation()) {
          case QUERY -> schema().getQueryType();
          case MUTATION -> schema().getMutationType();
          case SUBSCRIPTION -> schema().getSubscriptionType();
        };
    if (root == null) {
      throw new InvalidDocumentException("the schema has no such kind of operation");
    }
    return root;
  }
}
