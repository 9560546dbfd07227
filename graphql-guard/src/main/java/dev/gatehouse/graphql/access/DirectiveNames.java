package dev.gatehouse.graphql.access;

import graphql.language.ArrayValue;
import graphql.language.ObjectField;
import graphql.language.ObjectValue;
import graphql.language.StringValue;
import graphql.language.Value;
import graphql.schema.GraphQLAppliedDirective;
import graphql.schema.GraphQLAppliedDirectiveArgument;
import graphql.schema.GraphQLSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Under which names a schema has our directives: their own, those that a {@code @link} to Apollo
 * Federation gives them, and those that somebody told.
 *
 * <p>A rule that is renamed must not fall silent: what looks like one under another name is known
 * to be one, and a guard refuses the schema until somebody says what it is.
 */
final class DirectiveNames {
  private static final Set<String> SHARED =
      Set.of(
          AccessDirectives.AUTHENTICATED,
          AccessDirectives.REQUIRES_SCOPES,
          AccessDirectives.POLICY);
  private static final Set<String> TELLING_ARGUMENTS =
      Set.of("scopes", "policies", "roles", "permissions", "unlessScopes", "orScopes");

  private final Map<String, String> ours = new HashMap<>();
  private final Set<String> ignored;

  DirectiveNames(GraphQLSchema schema, Map<String, String> told, Set<String> ignored) {
    this.ignored = ignored;
    AccessDirectives.names().forEach(name -> ours.put(name, name));
    for (GraphQLAppliedDirective directive : schema.getSchemaAppliedDirectives()) {
      if (directive.getName().equals("link") && text(directive, "url").contains("federation")) {
        link(directive);
      }
    }
    ours.putAll(told);
  }

  private void link(GraphQLAppliedDirective link) {
    String as = text(link, "as");
    String prefix = as.isEmpty() ? "federation" : as;
    SHARED.forEach(name -> ours.put(prefix + "__" + name, name));
    if (!(literal(link, "import") instanceof ArrayValue imports)) {
      return;
    }
    for (Value<?> each : imports.getValues()) {
      if (each instanceof ObjectValue renamed) {
        renamed(member(renamed, "name"), member(renamed, "as"));
      }
    }
  }

  private void renamed(String name, String as) {
    if (name.startsWith("@") && SHARED.contains(name.substring(1)) && as.startsWith("@")) {
      ours.put(as.substring(1), name.substring(1));
    }
  }

  private static String member(ObjectValue object, String name) {
    for (ObjectField field : object.getObjectFields()) {
      if (field.getName().equals(name) && field.getValue() instanceof StringValue text) {
        return String.valueOf(text.getValue());
      }
    }
    return "";
  }

  private static String text(GraphQLAppliedDirective directive, String argument) {
    return literal(directive, argument) instanceof StringValue text
        ? String.valueOf(text.getValue())
        : "";
  }

  private static @Nullable Object literal(GraphQLAppliedDirective directive, String argument) {
    GraphQLAppliedDirectiveArgument found = directive.getArgument(argument);
    return found == null ? null : found.getArgumentValue().getValue();
  }

  /** What a directive is called here, if it is one of ours. */
  Optional<String> ours(String name) {
    return Optional.ofNullable(ours.get(name));
  }

  /** Whether a directive that is none of ours looks like one. */
  boolean looksLikeOurs(GraphQLAppliedDirective directive) {
    String name = directive.getName();
    if (ours.containsKey(name) || ignored.contains(name)) {
      return false;
    }
    List<GraphQLAppliedDirectiveArgument> arguments = directive.getArguments();
    if (arguments.stream().anyMatch(each -> TELLING_ARGUMENTS.contains(each.getName()))) {
      return true;
    }
    String plain = name.replace("_", "").toLowerCase(Locale.ROOT);
    for (String known : AccessDirectives.names()) {
      if (plain.endsWith(known.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }
}
