package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.RuleSet.ActsOn;
import dev.gatehouse.graphql.access.RuleSet.Stated;
import dev.gatehouse.graphql.access.RuleSet.StatedMask;
import dev.gatehouse.graphql.access.RuleSet.StatedObjects;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLObjectType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one field of an object type.
 *
 * @param stated the rules that hold there, its own and inherited ones; those of what it returns
 *     aside
 * @param requirement what all of them, and what it returns, ask: its number in the schema
 * @param arguments those that carry rules, or may hold what does
 * @param masks what stands in its place
 * @param objects how what it returns is checked, if it is
 * @param values the enum that it returns, if some of its values carry rules
 * @param acts which objects it acts on, as far as that was said
 */
record FieldAccess(
    GraphQLObjectType type,
    GraphQLFieldDefinition field,
    List<Stated> stated,
    int requirement,
    List<ArgumentAccess> arguments,
    List<StatedMask> masks,
    @Nullable ObjectAccess objects,
    @Nullable GraphQLEnumType values,
    List<ActsOn> acts) {

  /** An argument that carries rules or may hold what does. */
  record ArgumentAccess(GraphQLArgument argument, int requirement) {}

  /**
   * How objects that a field returns are checked.
   *
   * @param isAbstract whether their type is only known when they are there
   * @param byType what holds for each type that they may have
   * @param isChecked whether some of them are checked whoever the caller is
   */
  record ObjectAccess(boolean isAbstract, Map<String, TypeAccess> byType, boolean isChecked) {}

  /** What holds for the objects of one type, whatever returned them. */
  record TypeAccess(String name, int requirement, List<StatedObjects> checks) {}

  String coordinate() {
    return type.getName() + "." + field.getName();
  }

  /** Whether something is done where the field runs, though it is granted. */
  boolean isGated() {
    return objects != null || values != null || !acts.isEmpty() || !masks.isEmpty();
  }
}
