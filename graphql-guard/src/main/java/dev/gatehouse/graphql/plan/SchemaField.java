package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.cost.FieldPricing;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLObjectType;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A field of an object type, as plans need it.
 *
 * @param parent the type that has it
 * @param definition the field
 * @param listLevels how many lists are around what it returns
 * @param below the object types that it may return; null for a leaf
 * @param leafWeight the weight of one value, 0 where it returns objects
 * @param isTypename whether it is {@code __typename}
 * @param isMeta whether what it returns describes the schema
 * @param pricing what it costs
 */
record SchemaField(
    GraphQLObjectType parent,
    GraphQLFieldDefinition definition,
    int listLevels,
    @Nullable BitSet below,
    double leafWeight,
    boolean isTypename,
    boolean isMeta,
    FieldPricing pricing) {

  String name() {
    return definition.getName();
  }

  String coordinate() {
    return parent.getName() + "." + definition.getName();
  }
}
