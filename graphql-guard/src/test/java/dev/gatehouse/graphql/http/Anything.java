package dev.gatehouse.graphql.http;

import graphql.GraphQLContext;
import graphql.execution.CoercedVariables;
import graphql.language.NullValue;
import graphql.language.StringValue;
import graphql.language.Value;
import graphql.schema.Coercing;
import graphql.schema.GraphQLScalarType;
import java.util.Locale;

/** A scalar that passes whatever JSON it is given. */
final class Anything implements Coercing<Object, Object> {
  static final GraphQLScalarType SCALAR =
      GraphQLScalarType.newScalar().name("Anything").coercing(new Anything()).build();

  private Anything() {}

  @Override
  public Object serialize(Object result, GraphQLContext context, Locale locale) {
    return result;
  }

  @Override
  public Object parseValue(Object input, GraphQLContext context, Locale locale) {
    return input;
  }

  @Override
  public Object parseLiteral(
      Value<?> input, CoercedVariables variables, GraphQLContext context, Locale locale) {
    return input instanceof StringValue text ? text.getValue() : NullValue.of();
  }
}
