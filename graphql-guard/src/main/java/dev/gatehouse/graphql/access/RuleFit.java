package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Problems;
import dev.gatehouse.graphql.access.RuleSet.ActsOn;
import dev.gatehouse.graphql.access.RuleSet.StatedMask;
import graphql.GraphQLContext;
import graphql.schema.CoercingSerializeException;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLEnumValueDefinition;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whether rules name what a schema has: a rule for a misspelled field would protect nothing. */
final class RuleFit {
  private static final Pattern COORDINATE =
      Pattern.compile("(\\w+)(?:\\.(\\w+)(?:\\((\\w+):\\))?)?");

  private final GraphQLSchema schema;
  private final Problems problems;

  RuleFit(GraphQLSchema schema, Problems problems) {
    this.schema = schema;
    this.problems = problems;
  }

  void check(RuleSet rules) {
    rules.rules.forEach(rule -> known(rule.coordinate()));
    rules.wholeOperation.forEach(this::known);
    rules.observedDirectives.forEach(this::known);
    rules.masks.forEach(this::mask);
    rules.objects.forEach(
        objects -> {
          GraphQLType type = schema.getType(objects.type());
          if (!(type instanceof GraphQLObjectType) && !(type instanceof GraphQLInterfaceType)) {
            problems.add(objects.type(), "is no type of objects, and cannot have their rules");
          }
        });
    rules.acts.values().forEach(each -> each.forEach(this::acts));
    rules.unasked.forEach(this::mutation);
    rules.directiveNames.forEach(
        (name, ours) -> {
          if (!AccessDirectives.isKnown(ours)) {
            problems.add("@" + name, "cannot stand for @" + ours + ", which is none of ours");
          }
        });
  }

  private void known(String coordinate) {
    Matcher matcher = COORDINATE.matcher(coordinate);
    if (!matcher.matches() || !exists(matcher)) {
      problems.add(coordinate, "is nothing that the schema has");
    }
  }

  private boolean exists(Matcher coordinate) {
    GraphQLType type = schema.getType(coordinate.group(1));
    String member = coordinate.group(2);
    String argument = coordinate.group(3);
    if (type == null || member == null) {
      return type != null;
    }
    if (type instanceof GraphQLFieldsContainer fields) {
      GraphQLFieldDefinition field = fields.getFieldDefinition(member);
      return field != null && (argument == null || field.getArgument(argument) != null);
    }
    if (argument != null) {
      return false;
    }
    if (type instanceof GraphQLEnumType values) {
      GraphQLEnumValueDefinition value = values.getValue(member);
      return value != null;
    }
    return type instanceof GraphQLInputObjectType input && input.getField(member) != null;
  }

  private void mutation(String coordinate) {
    GraphQLObjectType root = schema.getMutationType();
    boolean isMutation = root != null && coordinate.startsWith(root.getName() + ".");
    if (!isMutation || field(coordinate).isEmpty()) {
      problems.add(coordinate, "is no mutation that the schema has");
    }
  }

  private void acts(ActsOn acts) {
    mutation(acts.coordinate());
    field(acts.coordinate())
        .filter(field -> field.getArgument(acts.argument().get(0)) == null)
        .ifPresent(
            field -> problems.add(acts.coordinate(), "has no argument " + acts.argument().get(0)));
    if (!(schema.getType(acts.type()) instanceof GraphQLObjectType)) {
      problems.add(acts.coordinate(), "acts on " + acts.type() + ", which is no type of objects");
    }
  }

  private Optional<GraphQLFieldDefinition> field(String coordinate) {
    Matcher matcher = COORDINATE.matcher(coordinate);
    if (!matcher.matches() || matcher.group(2) == null || matcher.group(3) != null) {
      return Optional.empty();
    }
    return schema.getType(matcher.group(1)) instanceof GraphQLFieldsContainer fields
        ? Optional.ofNullable(fields.getFieldDefinition(matcher.group(2)))
        : Optional.empty();
  }

  private void mask(StatedMask mask) {
    Optional<GraphQLFieldDefinition> field = field(mask.coordinate());
    if (field.isEmpty()) {
      problems.add(mask.coordinate(), "is no field, and cannot be masked");
    } else if (isRoot(mask.coordinate())) {
      problems.add(mask.coordinate(), "would not run behind a mask: give it another rule");
    } else if (mask.unlessScopes().isEmpty()) {
      problems.add(mask.coordinate(), "is masked, and no scope lifts the mask: name one");
    } else if (!fits(mask.with(), field.get().getType())) {
      problems.add(mask.coordinate(), "is masked with what its type cannot hold");
    }
  }

  // what a mask covers is not resolved; a mutation must run or be refused
  private boolean isRoot(String coordinate) {
    String type = coordinate.substring(0, coordinate.indexOf('.'));
    GraphQLObjectType mutation = schema.getMutationType();
    GraphQLObjectType subscription = schema.getSubscriptionType();
    return (mutation != null && type.equals(mutation.getName()))
        || (subscription != null && type.equals(subscription.getName()));
  }

  private static boolean fits(@Nullable Object with, GraphQLType type) {
    if (with == null) {
      return !GraphQLTypeUtil.isNonNull(type);
    }
    GraphQLType bare = GraphQLTypeUtil.unwrapNonNull(type);
    try {
      if (bare instanceof GraphQLScalarType scalar) {
        Object held =
            scalar.getCoercing().serialize(with, GraphQLContext.getDefault(), Locale.ROOT);
        return held != null;
      }
      return bare instanceof GraphQLEnumType values && values.getValue(with.toString()) != null;
    } catch (CoercingSerializeException e) {
      return false;
    } catch (UnsupportedOperationException e) {
      // a schema that is only looked at has no scalars that work
      return true;
    }
  }
}
