package dev.gatehouse.graphql.reference;

import graphql.language.ArrayValue;
import graphql.language.BooleanValue;
import graphql.language.IntValue;
import graphql.language.NullValue;
import graphql.language.ObjectField;
import graphql.language.ObjectValue;
import graphql.language.OperationDefinition;
import graphql.language.Value;
import graphql.language.VariableDefinition;
import graphql.language.VariableReference;
import graphql.schema.GraphQLInputObjectField;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLInputType;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLNonNull;
import graphql.schema.GraphQLSchema;
import graphql.schema.InputValueWithState;
import graphql.schema.idl.TypeUtil;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What arguments and input fields hold, by the GraphQL specification's own rules: a map, a list, a
 * scalar, null, or {@link #ABSENT}. Defaults are filled in at every level.
 */
final class InputValues {
  /** Nothing: neither a value nor null. */
  static final Object ABSENT =
      new Object() {
        @Override
        public String toString() {
          return "absent";
        }
      };

  private final Map<String, Object> variables;

  private InputValues(Map<String, Object> variables) {
    this.variables = variables;
  }

  /** The values of an operation's variables: what was supplied, else the default, else nothing. */
  static InputValues of(
      GraphQLSchema schema, OperationDefinition operation, Map<String, Object> supplied) {
    Map<String, Object> variables = new HashMap<>();
    InputValues none = new InputValues(Map.of());
    for (VariableDefinition variable : operation.getVariableDefinitions()) {
      GraphQLInputType type = inputType(schema, variable);
      if (supplied.containsKey(variable.getName())) {
        variables.put(variable.getName(), none.external(supplied.get(variable.getName()), type));
      } else if (variable.getDefaultValue() != null) {
        variables.put(variable.getName(), none.literal(variable.getDefaultValue(), type));
      }
    }
    return new InputValues(variables);
  }

  private static GraphQLInputType inputType(GraphQLSchema schema, VariableDefinition variable) {
    return inputType(schema, variable.getType());
  }

  private static GraphQLInputType inputType(GraphQLSchema schema, graphql.language.Type<?> type) {
    if (type instanceof graphql.language.NonNullType nonNull) {
      return GraphQLNonNull.nonNull(inputType(schema, nonNull.getType()));
    }
    if (type instanceof graphql.language.ListType list) {
      return GraphQLList.list(inputType(schema, list.getType()));
    }
    return (GraphQLInputType) schema.getType(TypeUtil.unwrapAll(type).getName());
  }

  /** These values and one more variable's. */
  InputValues with(String variable, boolean value) {
    Map<String, Object> more = new HashMap<>(variables);
    more.put(variable, value);
    return new InputValues(more);
  }

  boolean has(String variable) {
    return variables.containsKey(variable);
  }

  /** A condition's value; a variable without one is false. */
  boolean isTrue(Value<?> condition) {
    if (condition instanceof VariableReference variable) {
      return Boolean.TRUE.equals(variables.get(variable.getName()));
    }
    return ((BooleanValue) condition).isValue();
  }

  /** What stands at a place: the written value, else the place's default, else nothing. */
  Object at(Value<?> written, GraphQLInputType type, InputValueWithState otherwise) {
    Object value = written == null ? ABSENT : literal(written, type);
    if (value != ABSENT || otherwise.isNotSet()) {
      return value;
    }
    return literal((Value<?>) otherwise.getValue(), type);
  }

  private Object literal(Value<?> written, GraphQLInputType type) {
    if (written instanceof VariableReference variable) {
      return variables.getOrDefault(variable.getName(), ABSENT);
    }
    if (written instanceof NullValue) {
      return null;
    }
    GraphQLInputType nullable = nullable(type);
    if (nullable instanceof GraphQLList list) {
      return listOf(written, (GraphQLInputType) list.getWrappedType());
    }
    if (nullable instanceof GraphQLInputObjectType object) {
      return objectOf((ObjectValue) written, object);
    }
    if (written instanceof IntValue number) {
      return number.getValue();
    }
    return written instanceof BooleanValue bool ? bool.isValue() : written.toString();
  }

  private List<Object> listOf(Value<?> written, GraphQLInputType element) {
    List<Value<?>> items = new ArrayList<>();
    if (written instanceof ArrayValue array) {
      array.getValues().forEach(items::add);
    } else {
      items.add(written);
    }
    List<Object> values = new ArrayList<>();
    for (Value<?> item : items) {
      Object value = literal(item, element);
      values.add(value == ABSENT ? null : value);
    }
    return values;
  }

  private Map<String, Object> objectOf(ObjectValue written, GraphQLInputObjectType type) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (GraphQLInputObjectField field : type.getFieldDefinitions()) {
      Value<?> own =
          written.getObjectFields().stream()
              .filter(f -> f.getName().equals(field.getName()))
              .map(ObjectField::getValue)
              .findFirst()
              .orElse(null);
      Object value = at(own, field.getType(), field.getInputFieldDefaultValue());
      if (value != ABSENT) {
        values.put(field.getName(), value);
      }
    }
    return values;
  }

  private Object external(Object supplied, GraphQLInputType type) {
    if (supplied == null) {
      return null;
    }
    GraphQLInputType nullable = nullable(type);
    if (nullable instanceof GraphQLList list) {
      GraphQLInputType element = (GraphQLInputType) list.getWrappedType();
      List<?> items = supplied instanceof List<?> many ? many : List.of(supplied);
      List<Object> values = new ArrayList<>();
      items.forEach(item -> values.add(external(item, element)));
      return values;
    }
    if (nullable instanceof GraphQLInputObjectType object) {
      Map<String, Object> values = new LinkedHashMap<>();
      for (GraphQLInputObjectField field : object.getFieldDefinitions()) {
        Object value =
            ((Map<?, ?>) supplied).containsKey(field.getName())
                ? external(((Map<?, ?>) supplied).get(field.getName()), field.getType())
                : at(null, field.getType(), field.getInputFieldDefaultValue());
        if (value != ABSENT) {
          values.put(field.getName(), value);
        }
      }
      return values;
    }
    if (supplied instanceof Number number && isInt(nullable)) {
      return new BigDecimal(number.toString()).toBigIntegerExact();
    }
    return supplied;
  }

  private static boolean isInt(GraphQLInputType type) {
    return type instanceof GraphQLNamedType named && named.getName().equals("Int");
  }

  static GraphQLInputType nullable(GraphQLInputType type) {
    return type instanceof GraphQLNonNull nonNull
        ? (GraphQLInputType) nonNull.getWrappedType()
        : type;
  }
}
