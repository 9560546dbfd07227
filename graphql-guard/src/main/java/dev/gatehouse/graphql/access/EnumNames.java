package dev.gatehouse.graphql.access;

import graphql.GraphQLContext;
import graphql.schema.CoercingSerializeException;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLEnumValueDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the values of an enum are called, whatever Java holds in their place: one value's name may
 * be what another is held as.
 */
final class EnumNames {
  private EnumNames() {}

  /** The name that the engine answers with; the value as text where it is none of the enum's. */
  static String shown(GraphQLEnumType type, Object held) {
    try {
      return String.valueOf(type.serialize(held, GraphQLContext.getDefault(), Locale.ROOT));
    } catch (CoercingSerializeException e) {
      return String.valueOf(held);
    }
  }

  /** The names under which a caller may have given what is held now; mostly one. */
  static List<String> given(GraphQLEnumType type, Object held) {
    List<String> names = new ArrayList<>(1);
    for (GraphQLEnumValueDefinition each : type.getValues()) {
      if (held.equals(each.getValue())) {
        names.add(each.getName());
      }
    }
    return names.isEmpty() ? List.of(shown(type, held)) : names;
  }
}
