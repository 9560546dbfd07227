package dev.gatehouse.graphql.cost;

import graphql.language.Argument;
import graphql.language.Field;
import graphql.language.Value;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one field of one type costs by its schema, ready for what selections give it. */
public final class FieldPricing {
  private final CostWeights weights;
  private final double weight;
  private final Optional<ListSize> listSize;
  private final GraphQLArgument[] arguments;
  private final double[] argumentWeights;
  private final List<List<String>> slicingPaths;
  private final @Nullable FieldPrice withoutArguments;

  private FieldPricing(
      CostWeights weights, GraphQLFieldsContainer parent, GraphQLFieldDefinition field) {
    this.weights = weights;
    this.weight = weights.field(parent, field);
    this.listSize = weights.listSize(parent, field);
    this.arguments = field.getArguments().toArray(GraphQLArgument[]::new);
    this.argumentWeights = new double[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      argumentWeights[i] = weights.argument(parent, field, arguments[i]);
    }
    this.slicingPaths =
        listSize.map(ListSize::slicingArguments).orElse(List.of()).stream()
            .map(path -> List.of(path.split("\\.")))
            .toList();
    this.withoutArguments =
        arguments.length > 0
            ? null
            : new FieldPrice(weights, listSize, weight, List.of(), List.of());
  }

  /** The pricing of a field. */
  public static FieldPricing of(
      CostWeights weights, GraphQLFieldsContainer parent, GraphQLFieldDefinition field) {
    return new FieldPricing(weights, parent, field);
  }

  /** Whether every selection has the same price. */
  public boolean isUniform() {
    return withoutArguments != null;
  }

  /** The price for what a selection gives. */
  public FieldPrice price(Field selection) {
    if (withoutArguments != null) {
      return withoutArguments;
    }
    double constant = weight;
    FieldPrice.Given[] all = new FieldPrice.Given[arguments.length];
    List<FieldPrice.Given> dynamic = new ArrayList<>(1);
    for (int i = 0; i < arguments.length; i++) {
      FieldPrice.Given given =
          new FieldPrice.Given(
              arguments[i], argumentWeights[i], given(arguments[i].getName(), selection));
      all[i] = given;
      if (isConstant(given)) {
        constant += given.call(weights, Map.of(), new InputSteps());
      } else if (given.weight() != 0 || InputPrice.holdsObjects(arguments[i].getType())) {
        dynamic.add(given);
      }
    }
    return new FieldPrice(weights, listSize, constant, dynamic, slices(all));
  }

  private static Object given(String argument, Field selection) {
    for (Argument literal : selection.getArguments()) {
      if (literal.getName().equals(argument)) {
        return literal.getValue();
      }
    }
    return InputPrice.ABSENT;
  }

  private static boolean isConstant(FieldPrice.Given given) {
    return !(given.value() instanceof Value<?> literal) || InputPrice.isConstant(literal);
  }

  private List<FieldPrice.Slice> slices(FieldPrice.Given[] all) {
    if (slicingPaths.isEmpty()) {
      return List.of();
    }
    List<FieldPrice.Slice> slices = new ArrayList<>(slicingPaths.size());
    for (List<String> path : slicingPaths) {
      for (FieldPrice.Given given : all) {
        if (given.argument().getName().equals(path.get(0))) {
          slices.add(FieldPrice.Slice.of(given, path, isConstant(given)));
        }
      }
    }
    return slices;
  }
}
