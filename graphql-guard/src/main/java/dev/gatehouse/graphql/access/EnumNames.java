package dev.gatehouse.graphql.access;

import graphql.GraphQLContext;
import graphql.schema.CoercingSerializeException;
import graphql.schema.GraphQLEnumType;
import java.util.Locale;

/** What the values of an enum are called, whichever way Java holds them. */
final class EnumNames {
  private EnumNames() {}

  /** The name of a literal or of a value; the value as text where it is none of the enum's. */
  static String of(GraphQLEnumType type, Object value) {
    if (value instanceof String text && type.getValue(text) != null) {
      return text;
    }
    try {
      return String.valueOf(type.serialize(value, GraphQLContext.getDefault(), Locale.ROOT));
    } catch (CoercingSerializeException e) {
      return String.valueOf(value);
    }
  }
}
