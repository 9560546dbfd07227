package dev.gatehouse.graphql.cost;

import graphql.language.Argument;
import graphql.language.Directive;
import graphql.language.Field;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLDirective;
import graphql.schema.GraphQLSchema;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the directives on a field's selections cost.
 *
 * <p>A directive's arguments add to its field, signed and not clamped by themselves. Where merged
 * selections carry directives, a repetition never makes the field cheaper: what costs adds up, and
 * what discounts counts once, the smallest discount of all.
 */
public final class DirectivePrice {
  private final GraphQLSchema schema;
  private final CostWeights weights;
  private final Set<String> priced = new HashSet<>();

  /** Prices the directives of one schema. */
  public DirectivePrice(GraphQLSchema schema, CostWeights weights) {
    this.schema = schema;
    this.weights = weights;
    for (GraphQLDirective definition : schema.getDirectives()) {
      if (isPriced(definition)) {
        priced.add(definition.getName());
      }
    }
  }

  GraphQLSchema schema() {
    return schema;
  }

  CostWeights weights() {
    return weights;
  }

  /** Whether a selection has directives that could cost something. */
  public boolean isPriced(Field selection) {
    for (Directive directive : selection.getDirectives()) {
      if (priced.contains(directive.getName())) {
        return true;
      }
    }
    return false;
  }

  private boolean isPriced(GraphQLDirective definition) {
    for (GraphQLArgument argument : definition.getArguments()) {
      if (weights.directiveArgument(definition, argument) != 0
          || InputPrice.holdsObjects(argument.getType())) {
        return true;
      }
    }
    return false;
  }

  /** What one selection's directives cost together; may be negative. */
  public double of(Field selection, Map<String, ?> variables) {
    return of(selection, variables, new InputSteps());
  }

  /** The same as part of an evaluation; infinite where that has walked too much. */
  public double of(Field selection, Map<String, ?> variables, InputSteps steps) {
    double sum = 0;
    for (Directive directive : selection.getDirectives()) {
      GraphQLDirective definition = schema.getDirective(directive.getName());
      sum += definition == null ? 0 : of(directive, definition, variables, steps);
    }
    return sum;
  }

  private double of(
      Directive directive,
      GraphQLDirective definition,
      Map<String, ?> variables,
      InputSteps steps) {
    double sum = 0;
    for (GraphQLArgument argument : definition.getArguments()) {
      Argument literal = directive.getArgument(argument.getName());
      Object value =
          literal == null ? InputPrice.ABSENT : InputPrice.resolve(literal.getValue(), variables);
      if (value == InputPrice.ABSENT) {
        value = InputPrice.byDefault(argument.getArgumentDefaultValue());
      }
      if (value != InputPrice.ABSENT) {
        sum +=
            weights.directiveArgument(definition, argument)
                + InputPrice.inside(weights, argument.getType(), value, variables, steps);
      }
    }
    return sum;
  }

  /** The price of merged selections, given what each of those that count costs. */
  public static double merged(double[] prices, int count) {
    double positive = 0;
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      positive += Math.max(0, prices[i]);
      largest = Math.max(largest, prices[i]);
    }
    return largest > 0 ? positive : count == 0 ? 0 : largest;
  }
}
