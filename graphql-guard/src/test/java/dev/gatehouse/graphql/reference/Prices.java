package dev.gatehouse.graphql.reference;

import static graphql.schema.GraphQLTypeUtil.unwrapAll;

import graphql.language.Argument;
import graphql.language.ArrayValue;
import graphql.language.BooleanValue;
import graphql.language.Directive;
import graphql.language.DirectivesContainer;
import graphql.language.Field;
import graphql.language.FloatValue;
import graphql.language.IntValue;
import graphql.language.StringValue;
import graphql.language.Value;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLCompositeType;
import graphql.schema.GraphQLDirective;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLInputObjectField;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLInputType;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLNonNull;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a schema's definition, read from its SDL alone, and what one field costs by them.
 */
final class Prices {
  private final double defaultListSize;

  Prices(double defaultListSize) {
    this.defaultListSize = defaultListSize;
  }

  /** A type's weight: 1 for an object, 0 for a leaf, unless its definition says otherwise. */
  static double weight(GraphQLType type) {
    if (type instanceof GraphQLObjectType object) {
      return weight(object.getDefinition(), 1);
    }
    if (type instanceof GraphQLScalarType scalar) {
      return weight(scalar.getDefinition(), 0);
    }
    return weight(((GraphQLEnumType) type).getDefinition(), 0);
  }

  /**
   * What calling a field costs: its own weight, its arguments' and its directives' arguments',
   * never below 0. Of several nodes that are merged the dearest counts.
   */
  static double call(
      GraphQLSchema schema, GraphQLFieldDefinition field, List<Field> nodes, InputValues values) {
    double own =
        weight(
            field.getDefinition(),
            unwrapAll(field.getType()) instanceof GraphQLCompositeType ? 1 : 0);
    double dearest = Double.NEGATIVE_INFINITY;
    for (Field node : nodes) {
      double sum = own;
      for (GraphQLArgument argument : field.getArguments()) {
        sum += argument(argument, node.getArguments(), values);
      }
      for (Directive directive : node.getDirectives()) {
        GraphQLDirective definition = schema.getDirective(directive.getName());
        for (GraphQLArgument argument : definition.getArguments()) {
          sum += argument(argument, directive.getArguments(), values);
        }
      }
      dearest = Math.max(dearest, sum);
    }
    return Math.max(0, dearest);
  }

  private static double argument(
      GraphQLArgument argument, List<Argument> written, InputValues values) {
    Object value = value(argument, written, values);
    return input(argument.getDefinition(), argument.getType(), value);
  }

  private static Object value(
      GraphQLArgument argument, List<Argument> written, InputValues values) {
    Value<?> own =
        written.stream()
            .filter(a -> a.getName().equals(argument.getName()))
            .map(Argument::getValue)
            .findFirst()
            .orElse(null);
    return values.at(own, argument.getType(), argument.getArgumentDefaultValue());
  }

  private static double input(
      DirectivesContainer<?> definition, GraphQLInputType type, Object value) {
    if (value == InputValues.ABSENT) {
      return 0;
    }
    double standard = unwrapAll(type) instanceof GraphQLInputObjectType ? 1 : 0;
    return weight(definition, standard) + within(type, value);
  }

  private static double within(GraphQLInputType type, Object value) {
    GraphQLInputType nullable = InputValues.nullable(type);
    if (nullable instanceof GraphQLList list && value instanceof List<?> items) {
      GraphQLInputType element = (GraphQLInputType) list.getWrappedType();
      return items.stream().mapToDouble(item -> within(element, item)).sum();
    }
    if (!(nullable instanceof GraphQLInputObjectType object) || value == null) {
      return 0;
    }
    Map<?, ?> fields = (Map<?, ?>) value;
    double sum = 0;
    for (GraphQLInputObjectField field : object.getFieldDefinitions()) {
      Object own =
          fields.containsKey(field.getName()) ? fields.get(field.getName()) : InputValues.ABSENT;
      sum += input(field.getDefinition(), field.getType(), own);
    }
    return sum;
  }

  /**
   * How many values a field gives.
   *
   * @param count for how many its children are counted; 1 where it is no list
   * @param outer how long the outermost list is; 1 where it is no list
   * @param moved what its directive moves to children, by their names
   */
  record Size(double count, double outer, Map<String, Double> moved) {}

  /** A field's size, and the sizes that it moves to children. */
  Size size(GraphQLFieldDefinition field, Field node, Double fromParent, InputValues values) {
    Directive listSize = directive(field.getDefinition(), "listSize");
    Double declared = null;
    Map<String, Double> moved = new LinkedHashMap<>();
    if (listSize != null) {
      declared = declared(field, listSize, node, values);
      List<String> sizedFields = strings(listSize.getArgument("sizedFields"));
      if (!sizedFields.isEmpty()) {
        for (String name : sizedFields) {
          moved.put(name, declared);
        }
        declared = null;
      }
    }
    moved.values().removeIf(size -> size == null);
    int nesting = nesting(field.getType());
    if (nesting == 0) {
      return new Size(1, 1, moved);
    }
    double outer = fromParent != null ? fromParent : declared != null ? declared : defaultListSize;
    double count = outer;
    for (int i = 1; i < nesting; i++) {
      count = times(count, defaultListSize);
    }
    return new Size(count, outer, moved);
  }

  private static Double declared(
      GraphQLFieldDefinition field, Directive listSize, Field node, InputValues values) {
    Double largest = null;
    for (Object value : slices(field, listSize, node, values)) {
      double size =
          value instanceof List<?> list ? list.size() : ((BigInteger) value).doubleValue();
      if (size < 0) {
        throw new ReferenceRefusal("slicing_argument", field.getName() + ": " + size);
      }
      largest = largest == null ? size : Math.max(largest, size);
    }
    Argument assumed = listSize.getArgument("assumedSize");
    if (largest == null && assumed != null && assumed.getValue() instanceof IntValue size) {
      return size.getValue().doubleValue();
    }
    return largest;
  }

  /** How many slicing arguments have a value, where the field wants exactly one; else 1. */
  static int slicesOfOne(GraphQLFieldDefinition field, Field node, InputValues values) {
    Directive listSize = directive(field.getDefinition(), "listSize");
    if (listSize == null || strings(listSize.getArgument("slicingArguments")).isEmpty()) {
      return 1;
    }
    Argument required = listSize.getArgument("requireOneSlicingArgument");
    boolean requires = required == null || ((BooleanValue) required.getValue()).isValue();
    return requires ? slices(field, listSize, node, values).size() : 1;
  }

  private static List<Object> slices(
      GraphQLFieldDefinition field, Directive listSize, Field node, InputValues values) {
    List<Object> found = new ArrayList<>();
    for (String path : strings(listSize.getArgument("slicingArguments"))) {
      String[] steps = path.split("\\.");
      GraphQLArgument argument = field.getArgument(steps[0]);
      Object value = value(argument, node.getArguments(), values);
      for (int i = 1; i < steps.length; i++) {
        value =
            value instanceof Map<?, ?> map && map.containsKey(steps[i]) ? map.get(steps[i]) : null;
      }
      if (value != null && value != InputValues.ABSENT) {
        found.add(value);
      }
    }
    return found;
  }

  /** A product in which nothing, however often, stays nothing. */
  static double times(double a, double b) {
    return a == 0 || b == 0 ? 0 : a * b;
  }

  static int nesting(GraphQLType type) {
    if (type instanceof GraphQLNonNull nonNull) {
      return nesting(nonNull.getWrappedType());
    }
    return type instanceof GraphQLList list ? 1 + nesting(list.getWrappedType()) : 0;
  }

  private static Directive directive(DirectivesContainer<?> definition, String name) {
    if (definition == null) {
      return null;
    }
    List<Directive> all = definition.getDirectives(name);
    return all.isEmpty() ? null : all.get(0);
  }

  private static double weight(DirectivesContainer<?> definition, double otherwise) {
    Directive cost = directive(definition, "cost");
    if (cost == null) {
      return otherwise;
    }
    Value<?> weight = cost.getArgument("weight").getValue();
    if (weight instanceof StringValue text) {
      return Double.parseDouble(text.getValue());
    }
    return weight instanceof IntValue number
        ? number.getValue().doubleValue()
        : ((FloatValue) weight).getValue().doubleValue();
  }

  private static List<String> strings(Argument argument) {
    if (argument == null) {
      return List.of();
    }
    List<Value<?>> values = new ArrayList<>();
    if (argument.getValue() instanceof ArrayValue array) {
      array.getValues().forEach(values::add);
    } else {
      values.add(argument.getValue());
    }
    return values.stream()
        .filter(StringValue.class::isInstance)
        .map(value -> ((StringValue) value).getValue())
        .toList();
  }
}
