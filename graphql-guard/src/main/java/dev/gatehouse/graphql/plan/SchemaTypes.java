package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.cost.DirectivePrice;
import dev.gatehouse.graphql.cost.FieldPricing;
import dev.gatehouse.graphql.cost.ListSize;
import dev.gatehouse.graphql.cost.MetaSchema;
import graphql.introspection.Introspection;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.GraphQLUnionType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A schema's object types by number, and what each field of them means for a plan.
 *
 * <p>Safe for use by many threads. What is remembered is bounded by the schema, except for sets of
 * types that documents make by nesting type conditions; each compilation keeps those to itself.
 */
final class SchemaTypes {
  final GraphQLSchema schema;
  final CostWeights weights;
  final DirectivePrice directives;
  private final List<GraphQLObjectType> objects = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<String, BitSet> possible = new HashMap<>();
  private final double[] typeWeights;
  private final boolean[] meta;
  private final List<Map<String, SchemaField>> fields = new ArrayList<>();
  private final Map<SchemaField, Integer> profileOf = new ConcurrentHashMap<>();
  private final Map<Profile, Integer> profiles = new ConcurrentHashMap<>();

  // not the map's size, which two threads that add to it may both read
  private final AtomicInteger nextProfile = new AtomicInteger();

  SchemaTypes(GraphQLSchema schema, CostWeights weights) {
    this.schema = schema;
    this.weights = weights;
    this.directives = new DirectivePrice(schema, weights);
    for (GraphQLNamedType type : schema.getAllTypesAsList()) {
      if (type instanceof GraphQLObjectType object) {
        numbers.put(object.getName(), objects.size());
        objects.add(object);
        fields.add(new ConcurrentHashMap<>());
      }
    }
    schema.getAllTypesAsList().forEach(this::addPossible);
    typeWeights = objects.stream().mapToDouble(weights::type).toArray();
    meta = new boolean[objects.size()];
    MetaSchema.TYPES.forEach(name -> meta[number(name)] = true);
  }

  private void addPossible(GraphQLNamedType type) {
    BitSet members = new BitSet();
    if (type instanceof GraphQLObjectType object) {
      members.set(number(object.getName()));
    } else if (type instanceof GraphQLInterfaceType one) {
      List<GraphQLObjectType> all = schema.getImplementations(one);
      if (all != null) {
        all.forEach(object -> members.set(number(object.getName())));
      }
    } else if (type instanceof GraphQLUnionType union) {
      union.getTypes().forEach(member -> members.set(number(member.getName())));
    } else {
      return;
    }
    possible.put(type.getName(), members);
  }

  private int number(String object) {
    Integer number = numbers.get(object);
    if (number == null) {
      throw new IllegalArgumentException("the schema has no object type " + object);
    }
    return number;
  }

  int count() {
    return objects.size();
  }

  GraphQLObjectType object(int type) {
    return objects.get(type);
  }

  double weight(int type) {
    return typeWeights[type];
  }

  /** Whether a type is one of those that describe the schema itself. */
  boolean isMeta(int type) {
    return meta[type];
  }

  /** The object types that a name stands for; null where it stands for none. */
  @Nullable BitSet possible(String type) {
    return possible.get(type);
  }

  /** What a field that is being executed costs. */
  FieldPricing pricing(GraphQLObjectType parent, GraphQLFieldDefinition definition) {
    Integer type = numbers.get(parent.getName());
    SchemaField known = type == null ? null : field(type, definition.getName());
    return known == null ? FieldPricing.of(weights, parent, definition) : known.pricing();
  }

  /** A field of an object type; null where it has none of that name. */
  @Nullable SchemaField field(int type, String name) {
    Map<String, SchemaField> known = fields.get(type);
    SchemaField found = known.get(name);
    if (found != null) {
      return found;
    }
    GraphQLObjectType object = objects.get(type);
    GraphQLFieldDefinition definition = definition(object, name);
    if (definition == null) {
      return null;
    }
    SchemaField made = field(object, definition);
    known.put(name, made);
    return made;
  }

  /** A number that two fields share where they cost and return the same with any arguments. */
  int profile(int type, String name) {
    SchemaField field = field(type, name);
    if (field == null) {
      throw new InvalidDocumentException(
          "type " + objects.get(type).getName() + " has no field " + name);
    }
    return profileOf.computeIfAbsent(
        field,
        key -> profiles.computeIfAbsent(profile(key), made -> nextProfile.getAndIncrement()));
  }

  private Profile profile(SchemaField field) {
    List<List<Object>> arguments = new ArrayList<>();
    for (GraphQLArgument argument : field.definition().getArguments()) {
      arguments.add(
          List.of(
              argument.getName(),
              GraphQLTypeUtil.simplePrint(argument.getType()),
              weights.argument(field.parent(), field.definition(), argument),
              String.valueOf(argument.getArgumentDefaultValue())));
    }
    return new Profile(
        weights.field(field.parent(), field.definition()),
        arguments,
        weights.listSize(field.parent(), field.definition()),
        field.listLevels(),
        Optional.ofNullable(field.below()),
        field.leafWeight());
  }

  private record Profile(
      double weight,
      List<List<Object>> arguments,
      Optional<ListSize> size,
      int levels,
      Optional<BitSet> below,
      double leafWeight) {}

  private @Nullable GraphQLFieldDefinition definition(GraphQLObjectType object, String name) {
    if (name.equals(Introspection.TypeNameMetaFieldDef.getName())) {
      return schema.getIntrospectionTypenameFieldDefinition();
    }
    if (object.equals(schema.getQueryType())) {
      if (name.equals(Introspection.SchemaMetaFieldDef.getName())) {
        return schema.getIntrospectionSchemaFieldDefinition();
      }
      if (name.equals(Introspection.TypeMetaFieldDef.getName())) {
        return schema.getIntrospectionTypeFieldDefinition();
      }
    }
    return object.getFieldDefinition(name);
  }

  // an interface that nothing implements describes nothing
  private boolean isMeta(@Nullable BitSet objects) {
    return objects != null
        && !objects.isEmpty()
        && objects.stream().allMatch(number -> meta[number]);
  }

  private SchemaField field(GraphQLObjectType parent, GraphQLFieldDefinition definition) {
    int levels = 0;
    GraphQLType type = definition.getType();
    for (; GraphQLTypeUtil.isWrapped(type); type = GraphQLTypeUtil.unwrapOne(type)) {
      levels += GraphQLTypeUtil.isList(type) ? 1 : 0;
    }
    GraphQLNamedType named = (GraphQLNamedType) type;
    BitSet objectsBelow = possible.get(named.getName());
    boolean isTypename = definition.getName().equals(Introspection.TypeNameMetaFieldDef.getName());
    return new SchemaField(
        parent,
        definition,
        levels,
        objectsBelow == null ? null : (BitSet) objectsBelow.clone(),
        objectsBelow == null && !isTypename ? weights.type(named) : 0,
        isTypename,
        isMeta(objectsBelow),
        FieldPricing.of(weights, parent, definition));
  }
}
