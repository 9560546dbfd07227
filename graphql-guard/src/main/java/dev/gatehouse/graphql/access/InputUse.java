package dev.gatehouse.graphql.access;

import static graphql.schema.GraphQLTypeUtil.unwrapAll;

import dev.gatehouse.graphql.access.FieldAccess.ArgumentAccess;
import graphql.language.Argument;
import graphql.language.ArrayValue;
import graphql.language.EnumValue;
import graphql.language.Field;
import graphql.language.NullValue;
import graphql.language.ObjectField;
import graphql.language.ObjectValue;
import graphql.language.VariableReference;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLInputObjectField;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.InputValueWithState;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the values that an operation gives ask of its caller: as literals, in variables, by
 * the operation's defaults and by the schema's. A null that is given is a use; so is a default,
 * even if the caller wrote nothing.
 *
 * <p>Values are walked without recursion; more parts than {@link #MAX_STEPS} in one operation are
 * not looked at, and ask what nobody may.
 */
final class InputUse {
  static final int MAX_STEPS = 100_000;

  private static final Object ABSENT = new Object();

  private final SchemaAccess access;
  private final Map<String, ?> variables;
  private int steps;

  InputUse(SchemaAccess access, Map<String, ?> variables) {
    this.access = access;
    this.variables = variables;
  }

  private record Part(GraphQLType type, @Nullable Object value) {}

  /** A default of the schema's, or a part of one, as JSON has it: a text names an enum's value. */
  private record External(@Nullable Object value) {}

  /**
   * Whether a selection gives any of the arguments that carry rules, or leaves them to defaults.
   */
  static boolean mayBeGiven(FieldAccess field, Field selection) {
    for (ArgumentAccess argument : field.arguments()) {
      if (argument.argument().hasSetDefaultValue()
          || selection.getArguments().stream()
              .anyMatch(each -> each.getName().equals(argument.argument().getName()))) {
        return true;
      }
    }
    return false;
  }

  /** The numbers of what a selection's arguments ask. */
  BitSet of(FieldAccess field, Field selection) {
    BitSet asked = new BitSet();
    for (ArgumentAccess argument : field.arguments()) {
      Object given = given(selection, argument);
      if (given != ABSENT) {
        asked.set(argument.requirement());
        walk(argument.argument().getType(), given, asked);
      }
    }
    asked.clear(SchemaAccess.OPEN);
    return asked;
  }

  private @Nullable Object given(Field selection, ArgumentAccess argument) {
    for (Argument literal : selection.getArguments()) {
      if (literal.getName().equals(argument.argument().getName())) {
        Object value = resolved(literal.getValue());
        return value == ABSENT ? byDefault(argument.argument().getArgumentDefaultValue()) : value;
      }
    }
    return byDefault(argument.argument().getArgumentDefaultValue());
  }

  private static @Nullable Object byDefault(InputValueWithState value) {
    if (value.isExternal()) {
      return new External(value.getValue());
    }
    return value.isNotSet() ? ABSENT : value.getValue();
  }

  private @Nullable Object resolved(@Nullable Object value) {
    if (value instanceof VariableReference variable) {
      Object given = variables.get(variable.getName());
      return given == null && !variables.containsKey(variable.getName()) ? ABSENT : given;
    }
    return value;
  }

  private void walk(GraphQLType type, @Nullable Object value, BitSet asked) {
    ArrayDeque<Part> open = new ArrayDeque<>();
    open.push(new Part(type, value));
    while (!open.isEmpty()) {
      if (++steps > MAX_STEPS) {
        asked.set(SchemaAccessBuilder.UNPROTECTED);
        return;
      }
      part(open.pop(), open, asked);
    }
  }

  private void part(Part part, ArrayDeque<Part> open, BitSet asked) {
    GraphQLType type = GraphQLTypeUtil.unwrapNonNull(part.type);
    Object value = resolved(part.value);
    GraphQLNamedType named = unwrapAll(type);
    if (value == ABSENT || !access.holdsRules(named.getName())) {
      return;
    }
    asked.set(access.input(named.getName()));
    boolean isExternal = value instanceof External;
    Object given = value instanceof External external ? external.value() : value;
    if (given == null || given instanceof NullValue) {
      return;
    }
    if (type instanceof GraphQLList list) {
      // a single value stands for a list of one
      elements(given)
          .forEach(each -> open.push(new Part(list.getWrappedType(), like(isExternal, each))));
    } else if (type instanceof GraphQLInputObjectType object) {
      object(object, given, isExternal, open, asked);
    } else if (type instanceof GraphQLEnumType values) {
      for (String name : names(values, given, isExternal)) {
        asked.set(access.input(values.getName() + "." + name));
      }
    }
  }

  private static @Nullable Object like(boolean isExternal, @Nullable Object part) {
    return isExternal ? new External(part) : part;
  }

  private void object(
      GraphQLInputObjectType type,
      Object value,
      boolean isExternal,
      ArrayDeque<Part> open,
      BitSet asked) {
    for (GraphQLInputObjectField field : type.getFieldDefinitions()) {
      int own = access.input(type.getName() + "." + field.getName());
      boolean isWatched =
          own != SchemaAccess.OPEN || access.holdsRules(unwrapAll(field.getType()).getName());
      if (!isWatched) {
        continue;
      }
      Object given = member(value, field, isExternal);
      if (given != ABSENT) {
        asked.set(own);
        open.push(new Part(field.getType(), given));
      }
    }
  }

  private @Nullable Object member(
      Object object, GraphQLInputObjectField field, boolean isExternal) {
    Object given = ABSENT;
    if (object instanceof ObjectValue literal) {
      for (ObjectField each : literal.getObjectFields()) {
        given = each.getName().equals(field.getName()) ? resolved(each.getValue()) : given;
      }
    } else if (object instanceof Map<?, ?> map && map.containsKey(field.getName())) {
      given = like(isExternal, map.get(field.getName()));
    }
    return given == ABSENT ? byDefault(field.getInputFieldDefaultValue()) : given;
  }

  private static Iterable<?> elements(Object value) {
    if (value instanceof ArrayValue literal) {
      return literal.getValues();
    }
    if (value instanceof Object[] array) {
      return java.util.Arrays.asList(array);
    }
    return value instanceof Iterable<?> many ? many : List.of(value);
  }

  // a literal is its name; of a coerced variable, what Java holds is left
  private static List<String> names(GraphQLEnumType type, Object value, boolean isExternal) {
    if (value instanceof EnumValue literal) {
      return List.of(String.valueOf(literal.getName()));
    }
    return isExternal ? List.of(String.valueOf(value)) : EnumNames.given(type, value);
  }
}
