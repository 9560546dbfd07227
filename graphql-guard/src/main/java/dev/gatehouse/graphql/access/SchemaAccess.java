package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import graphql.introspection.Introspection;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One schema held against one version of all rules: what holds at each of its coordinates. */
final class SchemaAccess {
  /** The number of what asks nothing. */
  static final int OPEN = 0;

  final GraphQLSchema schema;
  final String version;
  final RuleSet rules;
  private final List<Requirement> requirements;
  private final Map<String, Map<String, FieldAccess>> fields;
  private final Map<String, TypeAccess> types;
  private final Map<String, Integer> inputs;
  private final Set<String> inputTypes;
  private final List<String> unprotected;
  private final Map<String, String> unasked;
  private final IdentityHashMap<GraphQLFieldDefinition, FieldAccess> byDefinition =
      new IdentityHashMap<>();
  private final Set<GraphQLFieldDefinition> shared =
      Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<GraphQLFieldDefinition> open =
      Collections.newSetFromMap(new IdentityHashMap<>());

  SchemaAccess(SchemaAccessBuilder builder, String version) {
    this.schema = builder.schema;
    this.rules = builder.rules;
    this.version = version;
    this.requirements = List.copyOf(builder.requirements);
    this.fields = builder.fields;
    this.types = builder.types;
    this.inputs = builder.inputs;
    this.inputTypes = builder.inputTypes;
    this.unprotected = List.copyOf(builder.unprotected);
    this.unasked = builder.unasked;
    fields.values().forEach(all -> all.values().forEach(this::index));
    open.add(schema.getIntrospectionSchemaFieldDefinition());
    open.add(schema.getIntrospectionTypeFieldDefinition());
    for (GraphQLNamedType type : schema.getAllTypesAsList()) {
      if (Introspection.isIntrospectionTypes(type) && type instanceof GraphQLObjectType meta) {
        open.addAll(meta.getFieldDefinitions());
      }
    }
    // one definition stands on every type, and means another thing on each
    shared.forEach(byDefinition::remove);
  }

  private void index(FieldAccess field) {
    if (byDefinition.put(field.field(), field) != null) {
      shared.add(field.field());
    }
  }

  Requirement requirement(int number) {
    return requirements.get(number);
  }

  int requirements() {
    return requirements.size();
  }

  /** What holds where a field runs; null where only its parent's type tells. */
  @Nullable FieldAccess field(GraphQLFieldDefinition definition) {
    return byDefinition.get(definition);
  }

  /** Whether a field describes the schema. */
  boolean isMeta(GraphQLFieldDefinition definition) {
    return open.contains(definition);
  }

  /** What holds for a field of a type; null for what describes the schema, and what is unknown. */
  @Nullable FieldAccess field(String type, String field) {
    Map<String, FieldAccess> all = fields.get(type);
    return all == null ? null : all.get(field);
  }

  /** The number of what a selection asks of a caller. */
  int requirement(GraphQLObjectType type, String field) {
    FieldAccess known = field(type.getName(), field);
    if (known != null) {
      return known.requirement();
    }
    if (field.equals(Introspection.TypeNameMetaFieldDef.getName())) {
      TypeAccess access = types.get(type.getName());
      return access == null ? OPEN : access.requirement();
    }
    boolean isMeta =
        Introspection.isIntrospectionTypes(type)
            || field.equals(Introspection.SchemaMetaFieldDef.getName())
            || field.equals(Introspection.TypeMetaFieldDef.getName());
    return isMeta ? OPEN : SchemaAccessBuilder.UNPROTECTED;
  }

  /** What holds for the objects of a type. */
  @Nullable TypeAccess type(String name) {
    return types.get(name);
  }

  /**
   * The number of what a type of inputs, a field of one or an enum's value asks of who gives it.
   */
  int input(String coordinate) {
    return inputs.getOrDefault(coordinate, OPEN);
  }

  /** Whether values of a type of inputs may hold what carries rules. */
  boolean holdsRules(String inputType) {
    return inputTypes.contains(inputType);
  }

  /** The fields without a rule, sorted. */
  List<String> unprotected() {
    return unprotected;
  }

  /** Mutations that return objects with rules, each with what it returns, and say no object. */
  Map<String, String> unasked() {
    return unasked;
  }

  /** All fields of all object types, by type. */
  Map<String, Map<String, FieldAccess>> fields() {
    return fields;
  }
}
