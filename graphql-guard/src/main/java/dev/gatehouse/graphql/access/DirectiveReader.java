package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Problems;
import dev.gatehouse.graphql.access.RuleSet.Stated;
import dev.gatehouse.graphql.access.RuleSet.StatedMask;
import dev.gatehouse.graphql.access.RuleSet.StatedObjects;
import graphql.introspection.Introspection;
import graphql.schema.GraphQLAppliedDirective;
import graphql.schema.GraphQLAppliedDirectiveArgument;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLDirective;
import graphql.schema.GraphQLDirectiveContainer;
import graphql.schema.GraphQLEnumType;
import graphql.schema.GraphQLEnumValueDefinition;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLInputObjectField;
import graphql.schema.GraphQLInputObjectType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLSchema;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rules that a schema's directives state; extensions and repetitions add to each other.
 */
final class DirectiveReader {
  private final DirectiveNames names;
  private final Set<String> observed;
  private final Problems problems;
  private final RuleSet found = new RuleSet();

  private DirectiveReader(GraphQLSchema schema, RuleSet told, Problems problems) {
    this.names = new DirectiveNames(schema, told.directiveNames, told.ignoredDirectives);
    this.observed = told.observedDirectives;
    this.problems = problems;
  }

  static RuleSet read(GraphQLSchema schema, RuleSet told, Problems problems) {
    DirectiveReader reader = new DirectiveReader(schema, told, problems);
    for (GraphQLNamedType type : schema.getAllTypesAsList()) {
      if (!Introspection.isIntrospectionTypes(type)) {
        reader.type(type);
      }
    }
    return reader.found;
  }

  private void type(GraphQLNamedType type) {
    String name = type.getName();
    if (type instanceof GraphQLDirectiveContainer container) {
      element(name, container);
    }
    if (type instanceof GraphQLFieldsContainer fields) {
      fields.getFieldDefinitions().forEach(field -> field(name, field));
    } else if (type instanceof GraphQLInputObjectType input) {
      for (GraphQLInputObjectField field : input.getFieldDefinitions()) {
        element(name + "." + field.getName(), field);
      }
    } else if (type instanceof GraphQLEnumType values) {
      for (GraphQLEnumValueDefinition value : values.getValues()) {
        element(name + "." + value.getName(), value);
      }
    }
  }

  private void field(String type, GraphQLFieldDefinition field) {
    String coordinate = type + "." + field.getName();
    element(coordinate, field);
    for (GraphQLArgument argument : field.getArguments()) {
      element(coordinate + "(" + argument.getName() + ":)", argument);
    }
  }

  private void element(String coordinate, GraphQLDirectiveContainer element) {
    for (GraphQLAppliedDirective directive : applied(element)) {
      String name = names.ours(directive.getName()).orElse("");
      if (name.isEmpty() && names.looksLikeOurs(directive)) {
        problems.add(
            coordinate,
            "@"
                + directive.getName()
                + " looks like a rule of access and is none: say what it is by"
                + " AccessRules.directiveNamed");
        continue;
      }
      try {
        state(name, coordinate, directive);
      } catch (IllegalArgumentException e) {
        problems.add(coordinate, "@" + directive.getName() + " " + e.getMessage());
      }
    }
  }

  // a schema that is put together in Java may carry directives in the older form alone
  @SuppressWarnings("deprecation")
  private static List<GraphQLAppliedDirective> applied(GraphQLDirectiveContainer element) {
    List<GraphQLAppliedDirective> all = new ArrayList<>(element.getAppliedDirectives());
    for (GraphQLDirective directive : element.getDirectives()) {
      if (!element.hasAppliedDirective(directive.getName())) {
        all.add(directive.toAppliedDirective());
      }
    }
    return all;
  }

  private void state(String name, String coordinate, GraphQLAppliedDirective directive) {
    String source = "@" + directive.getName();
    Mode mode = observed.contains(coordinate) ? Mode.OBSERVE : Mode.ENFORCE;
    switch (name) {
      case AccessDirectives.PUBLIC ->
          found.rules.add(new Stated(coordinate, new Condition.Open(), mode, source));
      case AccessDirectives.AUTHENTICATED ->
          found.rules.add(new Stated(coordinate, new Condition.Authenticated(), mode, source));
      case AccessDirectives.REQUIRES_SCOPES ->
          found.rules.add(
              new Stated(coordinate, Condition.scopes(groups(directive, "scopes")), mode, source));
      case AccessDirectives.POLICY ->
          found.rules.add(
              new Stated(
                  coordinate, Condition.policies(groups(directive, "policies")), mode, source));
      case AccessDirectives.TENANT -> {
        String by = text(directive, "by", "tenantId");
        ObjectCheck check = ObjectCheck.tenant(ObjectCheck.property(by));
        found.objects.add(new StatedObjects(coordinate, check, "tenant by " + by, mode, source));
      }
      case AccessDirectives.OWNER -> {
        String by = text(directive, "by", "");
        Set<String> orScopes = new LinkedHashSet<>(texts(value(directive, "orScopes")));
        ObjectCheck check = ObjectCheck.owner(ObjectCheck.property(by), orScopes);
        found.objects.add(new StatedObjects(coordinate, check, "owner by " + by, mode, source));
      }
      case AccessDirectives.MASKED -> {
        Set<String> scopes = new LinkedHashSet<>(texts(value(directive, "unlessScopes")));
        found.masks.add(new StatedMask(coordinate, scopes, value(directive, "with"), mode, source));
      }
      default -> {
        // somebody else's
      }
    }
  }

  // one list of texts, where the schema's own definition has no list of lists, is one group
  private static List<List<String>> groups(GraphQLAppliedDirective directive, String argument) {
    if (!(value(directive, argument) instanceof List<?> all)) {
      return List.of();
    }
    boolean isFlat = all.stream().noneMatch(List.class::isInstance);
    return isFlat ? List.of(texts(all)) : all.stream().map(DirectiveReader::texts).toList();
  }

  private static List<String> texts(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(String::valueOf).toList();
    }
    return value == null ? List.of() : List.of(String.valueOf(value));
  }

  private static String text(GraphQLAppliedDirective directive, String name, String otherwise) {
    Object value = value(directive, name);
    String text = value == null ? otherwise : String.valueOf(value);
    if (text.isBlank()) {
      throw new IllegalArgumentException("has no " + name);
    }
    return text;
  }

  private static @Nullable Object value(GraphQLAppliedDirective directive, String name) {
    GraphQLAppliedDirectiveArgument argument = directive.getArgument(name);
    return argument == null || argument.getArgumentValue().isNotSet() ? null : argument.getValue();
  }
}
