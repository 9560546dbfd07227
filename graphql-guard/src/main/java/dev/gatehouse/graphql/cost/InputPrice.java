package dev.gatehouse.graphql.cost;

import graphql.language.ArrayValue;
import graphql.language.NullValue;
import graphql.language.ObjectField;
import graphql.language.ObjectValue;
import graphql.language.Value;
import graphql.language.VariableReference;
import graphql.schema.GraphQLInputObjectField;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLInputType;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLNonNull;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.InputValueWithState;
import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the values inside input objects cost, literals and coerced variables alike.
 *
 * <p>A field that is given pays its weight, null included; a default that applies pays like a value
 * that was given; a variable without a value is a field that was not given. Values are walked
 * without recursion, and what has more parts than {@link InputSteps} lets one evaluation walk (a
 * default that contains itself, say) costs infinitely much.
 */
final class InputPrice {
  private static final int FIELDS_A_STEP = 8;

  /** What stands for a value that was not given. */
  static final Object ABSENT = new Object();

  private InputPrice() {}

  /** The sum of the weights of all fields inside a value, the value's own weight aside. */
  static double inside(
      CostWeights weights,
      GraphQLInputType type,
      @Nullable Object value,
      Map<String, ?> variables,
      InputSteps steps) {
    if (!holdsObjects(type)) {
      return 0;
    }
    ArrayDeque<Part> open = new ArrayDeque<>();
    open.push(new Part(type, value));
    double sum = 0;
    while (!open.isEmpty()) {
      Part part = open.pop();
      if (!steps.take(1 + part.width() / FIELDS_A_STEP)) {
        return Double.POSITIVE_INFINITY;
      }
      sum += open(open, weights, part, variables);
    }
    return sum;
  }

  private record Part(GraphQLType type, @Nullable Object value) {
    // every field of an object's type is looked for in its value
    int width() {
      return GraphQLTypeUtil.unwrapNonNull(type) instanceof GraphQLInputObjectType object
          ? object.getFieldDefinitions().size()
          : 0;
    }
  }

  private static double open(
      ArrayDeque<Part> open, CostWeights weights, Part part, Map<String, ?> variables) {
    GraphQLType type =
        part.type instanceof GraphQLNonNull wrapped ? wrapped.getWrappedType() : part.type;
    Object value = resolve(part.value, variables);
    if (value == null || value == ABSENT) {
      return 0;
    }
    if (type instanceof GraphQLList list) {
      elements(value).forEach(element -> open.push(new Part(list.getWrappedType(), element)));
      return 0;
    }
    if (!(type instanceof GraphQLInputObjectType object)) {
      return 0;
    }
    double sum = 0;
    for (GraphQLInputObjectField field : object.getFieldDefinitions()) {
      Object given = member(value, field, variables);
      if (given == ABSENT) {
        continue;
      }
      sum += weights.inputField(object, field);
      if (given != null && holdsObjects(field.getType())) {
        open.push(new Part(field.getType(), given));
      }
    }
    return sum;
  }

  /**
   * A member of an input object's value, its default where it was not given, or {@link #ABSENT}.
   */
  static @Nullable Object member(
      @Nullable Object object, GraphQLInputObjectField field, Map<String, ?> variables) {
    Object given = ownMember(object, field.getName(), variables);
    return given == ABSENT ? byDefault(field.getInputFieldDefaultValue()) : given;
  }

  /** A member of an input object's value, or {@link #ABSENT} where it was not given. */
  static @Nullable Object ownMember(
      @Nullable Object object, String name, Map<String, ?> variables) {
    if (object instanceof ObjectValue literal) {
      return resolve(literal(literal, name), variables);
    }
    return object instanceof Map<?, ?> map && map.containsKey(name) ? map.get(name) : ABSENT;
  }

  private static Object literal(ObjectValue object, String name) {
    for (ObjectField field : object.getObjectFields()) {
      if (field.getName().equals(name)) {
        return field.getValue();
      }
    }
    return ABSENT;
  }

  /** A default's value, or {@link #ABSENT}. */
  static @Nullable Object byDefault(InputValueWithState value) {
    return value.isNotSet() ? ABSENT : resolve(value.getValue(), Map.of());
  }

  /** A variable's value in place of its reference, null in place of the literal. */
  static @Nullable Object resolve(@Nullable Object value, Map<String, ?> variables) {
    if (value instanceof VariableReference variable) {
      Object given = variables.get(variable.getName());
      return given == null && !variables.containsKey(variable.getName()) ? ABSENT : given;
    }
    return value instanceof NullValue ? null : value;
  }

  /** A list's elements; a single value stands for a list of one. */
  static Iterable<?> elements(Object value) {
    if (value instanceof ArrayValue literal) {
      return literal.getValues();
    }
    return value instanceof Iterable<?> many ? many : java.util.List.of(value);
  }

  /** How many elements a list has, or -1 if the value is none. */
  static int length(Object value) {
    if (value instanceof ArrayValue literal) {
      return literal.getValues().size();
    }
    if (value instanceof Collection<?> many) {
      return many.size();
    }
    return value.getClass().isArray() ? Array.getLength(value) : -1;
  }

  static boolean holdsObjects(GraphQLInputType type) {
    return GraphQLTypeUtil.unwrapAll(type) instanceof GraphQLInputObjectType;
  }

  /** Whether a literal depends on no variable; found without recursion. */
  static boolean isConstant(Value<?> literal) {
    if (literal instanceof VariableReference) {
      return false;
    }
    if (!(literal instanceof ArrayValue) && !(literal instanceof ObjectValue)) {
      return true;
    }
    ArrayDeque<graphql.language.Node<?>> open = new ArrayDeque<>();
    open.push(literal);
    while (!open.isEmpty()) {
      graphql.language.Node<?> next = open.pop();
      if (next instanceof VariableReference) {
        return false;
      }
      next.getChildren().forEach(open::push);
    }
    return true;
  }
}
