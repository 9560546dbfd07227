package dev.gatehouse.graphql.cost;

import graphql.language.IntValue;
import graphql.language.VariableReference;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLInputObjectField;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLInputType;
import graphql.schema.GraphQLTypeUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What calling one field of one type costs, and how long its list becomes, with the arguments that
 * one selection gives it.
 *
 * <p>Everything that no variable decides is worked out when the price is made.
 */
public final class FieldPrice {
  /** What {@link #slice} gives where no slicing argument has a value. */
  public static final double UNSLICED = Double.NaN;

  private final CostWeights weights;
  private final Optional<ListSize> listSize;
  private final double constantCall;
  private final Given[] dynamic;
  private final Slice[] slices;
  private final boolean requiresOne;

  FieldPrice(
      CostWeights weights,
      Optional<ListSize> listSize,
      double constantCall,
      List<Given> dynamic,
      List<Slice> slices) {
    this.weights = weights;
    this.listSize = listSize;
    this.constantCall = constantCall;
    this.dynamic = dynamic.toArray(Given[]::new);
    this.slices = slices.toArray(Slice[]::new);
    this.requiresOne =
        !slices.isEmpty() && listSize.map(ListSize::requireOneSlicingArgument).orElse(false);
  }

  /** One argument as a selection gives it. */
  record Given(GraphQLArgument argument, double weight, @Nullable Object value) {
    double call(CostWeights weights, Map<String, ?> variables, InputSteps steps) {
      Object found = InputPrice.resolve(value, variables);
      if (found == InputPrice.ABSENT) {
        found = InputPrice.byDefault(argument.getArgumentDefaultValue());
      }
      if (found == InputPrice.ABSENT) {
        return 0;
      }
      return weight + InputPrice.inside(weights, argument.getType(), found, variables, steps);
    }
  }

  /**
   * One slicing argument.
   *
   * @param inside the fields inside the argument that lead to the value; mostly none
   * @param constant its value where no variable decides, else null
   */
  record Slice(Given given, String[] inside, @Nullable Double constant) {
    static Slice of(Given given, List<String> path, boolean isConstant) {
      String[] inside = path.subList(1, path.size()).toArray(String[]::new);
      Slice slice = new Slice(given, inside, null);
      return isConstant ? new Slice(given, inside, number(slice, Map.of())) : slice;
    }

    // a variable's name, or a constant and whether the selection gives it; null for what is neither
    private @Nullable Object decidedBy() {
      if (constant != null) {
        return new Constant(constant, isExplicit(this, Map.of()));
      }
      return given.value instanceof VariableReference variable ? variable.getName() : null;
    }
  }

  private record Constant(double size, boolean isExplicit) {}

  /** Whether no variable decides what the call costs. */
  public boolean isCallConstant() {
    return dynamic.length == 0;
  }

  /** What the call costs: field and arguments, its directives aside; may be negative. */
  public double call(Map<String, ?> variables) {
    return call(variables, new InputSteps());
  }

  /** The same as part of an evaluation; infinite where that has walked too much. */
  public double call(Map<String, ?> variables, InputSteps steps) {
    double sum = constantCall;
    for (Given given : dynamic) {
      sum += given.call(weights, variables, steps);
    }
    return sum;
  }

  /** What the field's type says of its list's length. */
  public Optional<ListSize> listSize() {
    return listSize;
  }

  /** Whether no variable decides how long the list becomes. */
  public boolean isSliceConstant() {
    for (Slice slice : slices) {
      if (slice.constant == null) {
        return false;
      }
    }
    return true;
  }

  /**
   * The largest value of the slicing arguments, else the assumed size, else {@link #UNSLICED}; a
   * negative value, wherever it stands, is returned instead, for it refuses the request.
   */
  public double slice(Map<String, ?> variables) {
    double largest = UNSLICED;
    for (Slice slice : slices) {
      double value = value(slice, variables);
      if (value < 0) {
        return value;
      }
      // a comparison with NaN is false: the first number wins over none
      if (!Double.isNaN(value) && !(largest >= value)) {
        largest = value;
      }
    }
    if (!Double.isNaN(largest) || listSize.isEmpty()) {
      return largest;
    }
    return listSize.get().assumedSize().orElse(UNSLICED);
  }

  /**
   * What decides {@link #slice} and {@link #slicesGiven}: two prices of one field for which it is
   * equal give the same with the same variables.
   */
  public Object slicedBy() {
    List<Object> parts = new ArrayList<>(slices.length);
    for (Slice slice : slices) {
      Object part = slice.decidedBy();
      if (part == null) {
        return this;
      }
      parts.add(part);
    }
    return parts;
  }

  private static double value(Slice slice, Map<String, ?> variables) {
    return slice.constant == null ? number(slice, variables) : slice.constant;
  }

  /**
   * How many slicing arguments the request gives, where exactly one is required; 1 where none is.
   * Defaults of the schema count only where the request gives none, for they are the server's
   * choice.
   */
  public int slicesGiven(Map<String, ?> variables) {
    if (!requiresOne) {
      return 1;
    }
    int given = 0;
    boolean byDefault = false;
    for (Slice slice : slices) {
      boolean has = !Double.isNaN(value(slice, variables));
      boolean explicit = isExplicit(slice, variables);
      given += has && explicit ? 1 : 0;
      byDefault |= has && !explicit;
    }
    return given == 0 && byDefault ? 1 : given;
  }

  private static boolean isExplicit(Slice slice, Map<String, ?> variables) {
    Object value = InputPrice.resolve(slice.given.value, variables);
    GraphQLInputType type = slice.given.argument.getType();
    for (String name : slice.inside) {
      GraphQLInputObjectField field = field(type, name);
      if (field == null || value == null || value == InputPrice.ABSENT) {
        return false;
      }
      value = InputPrice.ownMember(value, name, variables);
      type = field.getType();
    }
    return value != InputPrice.ABSENT && value != null;
  }

  // the size that an argument gives; NaN where it gives none
  private static double number(Slice slice, Map<String, ?> variables) {
    Object value = InputPrice.resolve(slice.given.value, variables);
    if (value == InputPrice.ABSENT) {
      value = InputPrice.byDefault(slice.given.argument.getArgumentDefaultValue());
    }
    GraphQLInputType type = slice.given.argument.getType();
    for (String name : slice.inside) {
      GraphQLInputObjectField field = field(type, name);
      if (field == null || value == null || value == InputPrice.ABSENT) {
        return UNSLICED;
      }
      value = InputPrice.member(value, field, variables);
      type = field.getType();
    }
    if (value == null || value == InputPrice.ABSENT) {
      return UNSLICED;
    }
    return size(type, value);
  }

  private static @Nullable GraphQLInputObjectField field(GraphQLInputType type, String name) {
    return GraphQLTypeUtil.unwrapNonNull(type) instanceof GraphQLInputObjectType object
        ? object.getFieldDefinition(name)
        : null;
  }

  private static double size(GraphQLInputType type, Object value) {
    if (GraphQLTypeUtil.isList(GraphQLTypeUtil.unwrapNonNull(type))) {
      int length = InputPrice.length(value);
      return length < 0 ? 1 : length;
    }
    if (value instanceof IntValue literal) {
      return literal.getValue().doubleValue();
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    // a scalar of the schema's own that is no number: nothing bounds the list
    return Double.POSITIVE_INFINITY;
  }
}
