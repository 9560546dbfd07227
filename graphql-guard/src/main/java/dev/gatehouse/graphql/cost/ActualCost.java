package dev.gatehouse.graphql.cost;

import graphql.execution.MergedField;
import graphql.language.Field;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import org.jspecify.annotations.Nullable;

/**
 * What an operation has really cost so far: each object that was returned and each field that was
 * called, at the same weights as the estimate. While lists keep to their declared sizes it stays at
 * or below the estimate.
 *
 * <p>One for each execution; safe for use by the threads on which it runs.
 */
public final class ActualCost {
  private final GraphQLSchema schema;
  private final CostWeights weights;
  private final DirectivePrice directives;
  private final Pricing pricing;
  private final Map<String, ?> variables;
  private final DoubleAdder typeCost = new DoubleAdder();
  private final DoubleAdder fieldCost = new DoubleAdder();
  private final Map<Called, Double> calls = new ConcurrentHashMap<>();

  /** Where prices by schema are kept. */
  public interface Pricing {
    /** The pricing of a field of a type. */
    FieldPricing of(GraphQLObjectType parent, GraphQLFieldDefinition field);
  }

  /** Begins with the root object. */
  public ActualCost(
      DirectivePrice directives,
      Pricing pricing,
      GraphQLObjectType root,
      Map<String, ?> variables) {
    this.schema = directives.schema();
    this.weights = directives.weights();
    this.pricing = pricing;
    this.directives = directives;
    this.variables = variables;
    object(root);
  }

  private record Called(Field field, GraphQLObjectType parent) {
    @Override
    @SuppressWarnings("ReferenceEquality") // the same text elsewhere may have other arguments
    public boolean equals(Object other) {
      return other instanceof Called call && field == call.field && parent == call.parent;
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(field) + System.identityHashCode(parent);
    }
  }

  /** An object is there. */
  public void object(GraphQLObjectType type) {
    if (!MetaSchema.TYPES.contains(type.getName())) {
      typeCost.add(weights.type(type));
    }
  }

  /** A field is called. */
  public void call(GraphQLObjectType parent, GraphQLFieldDefinition field, MergedField selections) {
    if (MetaSchema.TYPES.contains(parent.getName()) || MetaSchema.isField(schema, field)) {
      return;
    }
    Field first = selections.getSingleField();
    double call =
        calls.computeIfAbsent(
            new Called(first, parent),
            key -> pricing.of(parent, field).price(first).call(variables));
    fieldCost.add(Math.max(0, call + directives(selections)));
  }

  private double directives(MergedField selections) {
    List<Field> fields = selections.getFields();
    boolean priced = false;
    for (Field field : fields) {
      priced |= !field.getDirectives().isEmpty() && directives.isPriced(field);
    }
    if (!priced) {
      return 0;
    }
    double[] each = fields.stream().mapToDouble(field -> directives.of(field, variables)).toArray();
    return DirectivePrice.merged(each, each.length);
  }

  /** Whether the values of a field, scalars or enums, weigh anything. */
  public boolean weighsLeaves(GraphQLFieldDefinition field) {
    GraphQLNamedType type = GraphQLTypeUtil.unwrapAll(field.getType());
    boolean isLeaf = GraphQLTypeUtil.isScalar(type) || GraphQLTypeUtil.isEnum(type);
    return isLeaf && !MetaSchema.isField(schema, field) && weights.type(type) != 0;
  }

  /**
   * Values of a scalar or enum are there, in lists or alone.
   *
   * @param completed as the engine completed them, whatever they were fetched as; a scalar's value
   *     may be a list itself
   */
  public void leaves(GraphQLFieldDefinition field, @Nullable Object completed) {
    if (weighsLeaves(field)) {
      double weight = weights.type(GraphQLTypeUtil.unwrapAll(field.getType()));
      typeCost.add(weight * count(field.getType(), completed));
    }
  }

  // as deep as the type's lists nest
  private static long count(GraphQLType type, @Nullable Object value) {
    if (value == null) {
      return 0;
    }
    if (!(GraphQLTypeUtil.unwrapNonNull(type) instanceof GraphQLList list)) {
      return 1;
    }
    long count = 0;
    for (Object element : (Iterable<?>) value) {
      count += count(list.getWrappedType(), element);
    }
    return count;
  }

  /** How many objects came back, weighted. */
  public double typeCost() {
    return Math.max(0, typeCost.sum());
  }

  /** How much was called, weighted. */
  public double fieldCost() {
    return fieldCost.sum();
  }

  /** The larger of the two. */
  public double charge() {
    return Math.max(typeCost(), fieldCost());
  }
}
