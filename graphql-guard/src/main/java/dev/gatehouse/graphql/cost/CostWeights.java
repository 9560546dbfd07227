package dev.gatehouse.graphql.cost;

import graphql.language.Argument;
import graphql.language.ArrayValue;
import graphql.language.BooleanValue;
import graphql.language.Directive;
import graphql.language.FloatValue;
import graphql.language.IntValue;
import graphql.language.StringValue;
import graphql.language.Value;
import graphql.schema.GraphQLAppliedDirective;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLDirective;
import graphql.schema.GraphQLDirectiveContainer;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLImplementingType;
import graphql.schema.GraphQLInputObjectField;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLInputType;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.GraphQLUnionType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The weights and list sizes of one schema: those of its {@code @cost} and {@code @listSize}
 * directives, and those set from Java, which win; immutable.
 *
 * <p>Defaults are the IBM cost specification's: an object weighs 1, a scalar or enum 0; a field
 * that returns an object, interface or union weighs 1, any other 0; an argument or input field
 * weighs 1 if it takes an input object, else 0. A weight may be negative, never infinite.
 *
 * <p>The specification knows no weights on interfaces' fields. Where a schema has them, a field
 * without a weight or a size of its own takes those of the interface that it implements (the
 * largest weight where there are several), so that nothing gets cheaper by being reached as its own
 * type.
 */
public final class CostWeights {
  private final double defaultListSize;
  private final Map<String, Double> set;
  private final Map<String, ListSize> sizes;

  private CostWeights(Builder builder) {
    this.defaultListSize = builder.defaultListSize;
    this.set = Map.copyOf(builder.weights);
    this.sizes = Map.copyOf(builder.sizes);
  }

  /** What the schema's directives say; a list that nothing sizes has one element. */
  public static CostWeights ofDirectives() {
    return builder().build();
  }

  /** Begins with what the schema's directives say. */
  public static Builder builder() {
    return new Builder();
  }

  /** The size of a list that nothing sizes; may be infinite. */
  public double defaultListSize() {
    return defaultListSize;
  }

  /** The weight of an object, scalar or enum; an interface or union has none of its own. */
  public double type(GraphQLNamedType type) {
    return explicit(type.getName(), type).orElse(type instanceof GraphQLObjectType ? 1 : 0);
  }

  /** The weight of a field on the type that has it. */
  public double field(GraphQLFieldsContainer parent, GraphQLFieldDefinition field) {
    return ownField(parent, field)
        .orElseGet(
            () ->
                inherited(parent, field, (type, same) -> ownField(type, same))
                    .orElse(isComposite(field) ? 1 : 0));
  }

  /** The weight that a field was given, if it was. */
  public OptionalDouble ownField(GraphQLFieldsContainer parent, GraphQLFieldDefinition field) {
    return explicit(parent.getName() + "." + field.getName(), field);
  }

  /** The weight of a field's argument. */
  public double argument(
      GraphQLFieldsContainer parent, GraphQLFieldDefinition field, GraphQLArgument argument) {
    return ownArgument(parent, field, argument)
        .orElseGet(
            () ->
                inherited(parent, field, (type, same) -> inheritedArgument(type, same, argument))
                    .orElse(inputDefault(argument.getType())));
  }

  private OptionalDouble inheritedArgument(
      GraphQLFieldsContainer type, GraphQLFieldDefinition field, GraphQLArgument argument) {
    GraphQLArgument same = field.getArgument(argument.getName());
    return same == null ? OptionalDouble.empty() : ownArgument(type, field, same);
  }

  private OptionalDouble ownArgument(
      GraphQLFieldsContainer parent, GraphQLFieldDefinition field, GraphQLArgument argument) {
    String name = parent.getName() + "." + field.getName() + "(" + argument.getName() + ":)";
    return explicit(name, argument);
  }

  /** The weight of an input object's field. */
  public double inputField(GraphQLInputObjectType type, GraphQLInputObjectField field) {
    return explicit(type.getName() + "." + field.getName(), field)
        .orElse(inputDefault(field.getType()));
  }

  /** The weight of an executable directive's argument. */
  public double directiveArgument(GraphQLDirective directive, GraphQLArgument argument) {
    return explicit("@" + directive.getName() + "(" + argument.getName() + ":)", argument)
        .orElse(inputDefault(argument.getType()));
  }

  /** How long a field's list may become, where something says it. */
  public Optional<ListSize> listSize(GraphQLFieldsContainer parent, GraphQLFieldDefinition field) {
    Optional<ListSize> own = ownListSize(parent, field);
    if (own.isPresent()) {
      return own;
    }
    for (GraphQLInterfaceType type : interfaces(parent)) {
      GraphQLFieldDefinition same = type.getFieldDefinition(field.getName());
      Optional<ListSize> size = same == null ? Optional.empty() : ownListSize(type, same);
      if (size.isPresent()) {
        return size;
      }
    }
    return Optional.empty();
  }

  /** The size that a field itself was given, if it was. */
  public Optional<ListSize> ownListSize(
      GraphQLFieldsContainer parent, GraphQLFieldDefinition field) {
    ListSize fromJava = sizes.get(parent.getName() + "." + field.getName());
    if (fromJava != null) {
      return Optional.of(fromJava);
    }
    GraphQLAppliedDirective directive = applied(field, CostDirectives.LIST_SIZE);
    if (directive == null) {
      return Optional.empty();
    }
    Object assumed = argument(directive, "assumedSize");
    return Optional.of(
        new ListSize(
            assumed instanceof Number size
                ? OptionalDouble.of(size.doubleValue())
                : OptionalDouble.empty(),
            texts(argument(directive, "slicingArguments")),
            texts(argument(directive, "sizedFields")),
            !Boolean.FALSE.equals(argument(directive, "requireOneSlicingArgument"))));
  }

  private OptionalDouble inherited(
      GraphQLFieldsContainer parent, GraphQLFieldDefinition field, Inherited weight) {
    OptionalDouble largest = OptionalDouble.empty();
    for (GraphQLInterfaceType type : interfaces(parent)) {
      GraphQLFieldDefinition same = type.getFieldDefinition(field.getName());
      OptionalDouble one = same == null ? OptionalDouble.empty() : weight.of(type, same);
      if (one.isPresent()) {
        largest = OptionalDouble.of(Math.max(largest.orElse(one.getAsDouble()), one.getAsDouble()));
      }
    }
    return largest;
  }

  private interface Inherited {
    OptionalDouble of(GraphQLFieldsContainer type, GraphQLFieldDefinition field);
  }

  /** The interfaces of a type, those of its interfaces included. */
  static Set<GraphQLInterfaceType> interfaces(GraphQLFieldsContainer type) {
    Set<GraphQLInterfaceType> found = new LinkedHashSet<>();
    List<GraphQLFieldsContainer> open = new ArrayList<>(List.of(type));
    while (!open.isEmpty()) {
      GraphQLFieldsContainer next = open.remove(open.size() - 1);
      if (!(next instanceof GraphQLImplementingType implementing)) {
        continue;
      }
      for (var one : implementing.getInterfaces()) {
        if (one instanceof GraphQLInterfaceType ancestor && found.add(ancestor)) {
          open.add(ancestor);
        }
      }
    }
    return found;
  }

  private OptionalDouble explicit(String name, GraphQLNamedType type) {
    return explicit(name, (Object) type);
  }

  private OptionalDouble explicit(String name, Object element) {
    Double fromJava = set.get(name);
    if (fromJava != null) {
      return OptionalDouble.of(fromJava);
    }
    Object weight = null;
    if (element instanceof GraphQLDirectiveContainer container) {
      GraphQLAppliedDirective directive = applied(container, CostDirectives.COST);
      weight = directive == null ? null : argument(directive, "weight");
    }
    // graphql-java does not carry what is applied to the arguments of directive definitions
    if (weight == null && element instanceof GraphQLArgument argument) {
      weight = inDefinition(argument);
    }
    return weight == null ? OptionalDouble.empty() : OptionalDouble.of(parse(name, weight));
  }

  // a schema that is put together in Java may carry directives in the older form alone
  @SuppressWarnings("deprecation")
  private static @Nullable GraphQLAppliedDirective applied(
      GraphQLDirectiveContainer element, String name) {
    GraphQLAppliedDirective applied = element.getAppliedDirective(name);
    if (applied != null) {
      return applied;
    }
    GraphQLDirective older = element.getDirective(name);
    return older == null ? null : older.toAppliedDirective();
  }

  private static @Nullable Object inDefinition(GraphQLArgument argument) {
    if (argument.getDefinition() == null) {
      return null;
    }
    List<Directive> costs = argument.getDefinition().getDirectives(CostDirectives.COST);
    Argument weight = costs.isEmpty() ? null : costs.get(0).getArgument("weight");
    return weight == null ? null : plain(weight.getValue());
  }

  private static @Nullable Object argument(GraphQLAppliedDirective directive, String name) {
    var argument = directive.getArgument(name);
    return argument == null || argument.getArgumentValue().isNotSet() ? null : argument.getValue();
  }

  private static @Nullable Object plain(Value<?> literal) {
    if (literal instanceof StringValue text) {
      return text.getValue();
    }
    if (literal instanceof IntValue number) {
      return number.getValue();
    }
    if (literal instanceof FloatValue number) {
      return number.getValue();
    }
    if (literal instanceof BooleanValue flag) {
      return flag.isValue();
    }
    if (literal instanceof ArrayValue) {
      return null;
    }
    return null;
  }

  // a single text is a list of one, as list coercion has it
  private static List<String> texts(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(String::valueOf).toList();
    }
    return value == null ? List.of() : List.of(String.valueOf(value));
  }

  private static double parse(String name, Object weight) {
    double number;
    try {
      number =
          weight instanceof Number given
              ? given.doubleValue()
              : Double.parseDouble(String.valueOf(weight).strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the weight of " + name + " is not a number", e);
    }
    return finite(name, number);
  }

  private static double finite(String name, double weight) {
    if (Double.isInfinite(weight) || Double.isNaN(weight)) {
      throw new IllegalArgumentException("the weight of " + name + " must be finite");
    }
    return weight;
  }

  private static boolean isComposite(GraphQLFieldDefinition field) {
    var type = GraphQLTypeUtil.unwrapAll(field.getType());
    return type instanceof GraphQLFieldsContainer || type instanceof GraphQLUnionType;
  }

  private static double inputDefault(GraphQLInputType type) {
    return GraphQLTypeUtil.unwrapAll(type) instanceof GraphQLInputObjectType ? 1 : 0;
  }

  /** Collects weights that a schema does not carry. */
  public static final class Builder {
    private final Map<String, Double> weights = new HashMap<>();
    private final Map<String, ListSize> sizes = new HashMap<>();
    private double defaultListSize = 1;

    private Builder() {}

    /** The size of a list that nothing sizes; may be infinite. Default 1. */
    public Builder defaultListSize(double size) {
      if (!(size >= 0)) {
        throw new IllegalArgumentException("a list's size is 0 or more");
      }
      defaultListSize = size;
      return this;
    }

    /** The weight of an object, scalar or enum. */
    public Builder type(String type, double weight) {
      return put(type, weight);
    }

    /** The weight of a field, such as {@code Query.users}. */
    public Builder field(String coordinate, double weight) {
      return put(coordinate, weight);
    }

    /** The weight of an argument, such as {@code filter} of {@code Query.users}. */
    public Builder argument(String coordinate, String argument, double weight) {
      return put(coordinate + "(" + argument + ":)", weight);
    }

    /** The weight of an input object's field, such as {@code UserFilter.name}. */
    public Builder inputField(String coordinate, double weight) {
      return put(coordinate, weight);
    }

    /** The weight of a directive's argument. */
    public Builder directiveArgument(String directive, String argument, double weight) {
      return put("@" + directive + "(" + argument + ":)", weight);
    }

    /** How long the list of a field such as {@code Query.users} may become. */
    public Builder listSize(String coordinate, ListSize size) {
      sizes.put(coordinate, size);
      return this;
    }

    private Builder put(String name, double weight) {
      weights.put(name, finite(name, weight));
      return this;
    }

    /** The weights. */
    public CostWeights build() {
      return new CostWeights(this);
    }
  }
}
