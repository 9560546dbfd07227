package dev.gatehouse.graphql.reference;

import static graphql.schema.GraphQLTypeUtil.unwrapAll;

import graphql.ParseAndValidate;
import graphql.language.Document;
import graphql.schema.GraphQLArgument;
import graphql.schema.GraphQLCompositeType;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLUnionType;
import graphql.validation.GoodFaithIntrospectionExceeded;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Makes an operation on a schema: fragments in and around each other, aliases, keys that stand
 * twice, conditions, variables with and without values. Not every one is valid.
 */
final class RandomOperation {
  /**
   * What was made.
   *
   * @param text the document
   * @param variables the values that are sent
   */
  record Made(String text, Map<String, Object> variables) {}

  private record Fragment(String name, String on, String body) {}

  private final GraphQLSchema schema;
  private final Random random;
  private final List<Fragment> fragments = new ArrayList<>();
  private final Map<String, String> arguments = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private final Map<String, String> declared = new TreeMap<>();
  private final Map<String, Object> variables = new LinkedHashMap<>();
  private final List<GraphQLNamedType> composites;
  private int budget;

  private RandomOperation(GraphQLSchema schema, Random random) {
    this.schema = schema;
    this.random = random;
    this.budget = 6 + random.nextInt(24);
    this.composites =
        schema.getAllTypesAsList().stream()
            .filter(
                type -> type instanceof GraphQLCompositeType && !type.getName().startsWith("__"))
            .filter(type -> !type.getName().equals("Query") && !type.getName().equals("Mutation"))
            .toList();
  }

  static Made make(GraphQLSchema schema, Random random) {
    return new RandomOperation(schema, random).make();
  }

  /** Whether graphql-java would run it: not every operation that is made is valid. */
  static boolean isValid(GraphQLSchema schema, Document document) {
    try {
      return ParseAndValidate.validate(schema, document).isEmpty();
    } catch (GoodFaithIntrospectionExceeded more) {
      return false;
    }
  }

  private Made make() {
    boolean mutation = random.nextInt(6) == 0;
    GraphQLObjectType root = mutation ? schema.getMutationType() : schema.getQueryType();
    String body = selections(root, 2 + random.nextInt(3));
    StringBuilder text = new StringBuilder(mutation ? "mutation M" : "query Q");
    if (!declared.isEmpty()) {
      text.append('(').append(String.join(", ", declared.values())).append(')');
    }
    text.append(random.nextInt(20) == 0 && !mutation ? " " : "").append(body).append('\n');
    for (Fragment fragment : fragments) {
      text.append("fragment ").append(fragment.name).append(" on ").append(fragment.on);
      text.append(fragment.body).append('\n');
    }
    if (random.nextInt(20) == 0) {
      variables.put("undeclared", random.nextBoolean() ? null : 1);
    }
    return new Made(text.toString(), variables);
  }

  private String selections(GraphQLCompositeType type, int levels) {
    List<String> made = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count && (budget > 0 || made.isEmpty()); i++) {
      budget--;
      made.add(selection(type, levels));
      if (random.nextInt(12) == 0) {
        made.add(made.get(0));
      }
    }
    return " { " + String.join(" ", made) + " }";
  }

  private String selection(GraphQLCompositeType type, int levels) {
    int choice = random.nextInt(100);
    if (choice < 4 || (levels == 0 && !hasLeaf(type))) {
      return (random.nextInt(4) == 0 ? "t: " : "") + "__typename" + condition();
    }
    if (choice < 5 && type == schema.getQueryType()) {
      return "__schema { queryType { n: name name } }";
    }
    if (choice < 27 && levels > 0) {
      return inline(type, levels);
    }
    if (choice < 42 && levels > 0) {
      return spread(type, levels);
    }
    return type instanceof GraphQLFieldsContainer container
        ? field(container, levels)
        : inline(type, Math.max(levels, 1));
  }

  private static boolean hasLeaf(GraphQLCompositeType type) {
    return type instanceof GraphQLFieldsContainer container
        && container.getFieldDefinitions().stream().anyMatch(RandomOperation::isLeaf);
  }

  private static boolean isLeaf(GraphQLFieldDefinition field) {
    return !(unwrapAll(field.getType()) instanceof GraphQLCompositeType);
  }

  private String inline(GraphQLCompositeType type, int levels) {
    if (random.nextInt(6) == 0) {
      return "..." + condition() + selections(type, levels);
    }
    GraphQLCompositeType on = overlapping(type);
    return "... on " + on.getName() + condition() + selections(on, levels - random.nextInt(2));
  }

  private String spread(GraphQLCompositeType type, int levels) {
    GraphQLCompositeType on = overlapping(type);
    for (Fragment known : fragments) {
      if (known.on.equals(on.getName()) && random.nextInt(2) == 0) {
        return "..." + known.name + condition();
      }
    }
    String body = selections(on, levels - 1);
    String name = "F" + fragments.size();
    fragments.add(new Fragment(name, on.getName(), body));
    return "..." + name + condition();
  }

  private GraphQLCompositeType overlapping(GraphQLCompositeType type) {
    List<GraphQLObjectType> own = possible(type);
    if (own.contains(schema.getQueryType()) || own.contains(schema.getMutationType())) {
      return type;
    }
    List<GraphQLNamedType> fitting =
        composites.stream()
            .filter(
                other -> possible((GraphQLCompositeType) other).stream().anyMatch(own::contains))
            .toList();
    return (GraphQLCompositeType) fitting.get(random.nextInt(fitting.size()));
  }

  private List<GraphQLObjectType> possible(GraphQLCompositeType type) {
    if (type instanceof GraphQLObjectType object) {
      return List.of(object);
    }
    return type instanceof GraphQLInterfaceType abstractType
        ? schema.getImplementations(abstractType)
        : ((GraphQLUnionType) type).getTypes().stream().map(GraphQLObjectType.class::cast).toList();
  }

  private String field(GraphQLFieldsContainer parent, int levels) {
    List<GraphQLFieldDefinition> fields =
        parent.getFieldDefinitions().stream().filter(f -> levels > 0 || isLeaf(f)).toList();
    GraphQLFieldDefinition field = fields.get(random.nextInt(fields.size()));
    String alias = alias(field);
    String key = alias.isEmpty() ? field.getName() : alias;
    // One key, one set of arguments: else most operations would be invalid.
    String written =
        arguments.computeIfAbsent(
            key + field.getArguments().stream().map(a -> a.getName() + a.getType()).toList(),
            k -> arguments(field));
    return (alias.isEmpty() ? "" : alias + ": ")
        + field.getName()
        + written
        + note()
        + condition()
        + (isLeaf(field)
            ? ""
            : selections((GraphQLCompositeType) unwrapAll(field.getType()), levels - 1));
  }

  private String alias(GraphQLFieldDefinition field) {
    if (random.nextInt(100) >= 30) {
      return "";
    }
    if (random.nextInt(8) == 0) {
      return field.getName();
    }
    String alias = "a" + random.nextInt(5);
    String bound = aliases.putIfAbsent(alias, field.getName());
    return bound == null || bound.equals(field.getName()) || random.nextInt(6) == 0 ? alias : "";
  }

  private String note() {
    if (random.nextInt(14) > 0) {
      return "";
    }
    return random.nextBoolean() ? " @note" : " @note(level: 2, page: " + page() + ")";
  }

  private String condition() {
    if (random.nextInt(100) >= 22) {
      return "";
    }
    String one = condition(random.nextBoolean() ? "skip" : "include");
    return random.nextInt(9) == 0 && one.contains("skip") ? one + condition("include") : one;
  }

  private String condition(String name) {
    String value =
        switch (random.nextInt(6)) {
          case 0 -> "true";
          case 1 -> "false";
          default -> bool(random.nextInt(3));
        };
    return " @" + name + "(if: " + value + ")";
  }

  private String bool(int index) {
    String name = "b" + index;
    if (!declared.containsKey(name)) {
      boolean withDefault = random.nextInt(3) == 0;
      declared.put(name, "$" + name + ": Boolean" + (withDefault ? " = true" : "!"));
      if (!withDefault || random.nextBoolean()) {
        variables.put(name, random.nextBoolean());
      }
    }
    return "$" + name;
  }

  private String arguments(GraphQLFieldDefinition field) {
    List<String> written = new ArrayList<>();
    for (GraphQLArgument argument : field.getArguments()) {
      if (random.nextInt(100) < 70) {
        written.add(argument.getName() + ": " + argument(argument.getName()));
      }
    }
    return written.isEmpty() ? "" : "(" + String.join(", ", written) + ")";
  }

  private String argument(String name) {
    return switch (name) {
      case "in" -> filter(2);
      case "ids" -> ids();
      case "many" -> "[" + page() + (random.nextBoolean() ? ", " + page() : "") + "]";
      case "flag" -> flag();
      default -> number();
    };
  }

  private String number() {
    return switch (random.nextInt(9)) {
      case 0 -> "null";
      case 1 -> "0";
      case 2, 3, 4 -> variable("n" + random.nextInt(3), "Int", " = 2", random.nextInt(5));
      case 5 -> random.nextInt(40) == 0 ? "-1" : "2147483647";
      default -> String.valueOf(random.nextInt(7));
    };
  }

  private String flag() {
    return switch (random.nextInt(4)) {
      case 0 -> "null";
      case 1 -> variable("flag", "Boolean", " = false", true);
      default -> "true";
    };
  }

  private String ids() {
    return switch (random.nextInt(5)) {
      case 0 -> "null";
      case 1 -> "7";
      case 2 -> variable("ids", "[ID]", " = [1, 2, 3]", List.of("a", "b"));
      case 3 -> "[" + variable("id", "ID", " = 1", "x") + ", 2]";
      default -> "[1, 2, 3, 4]";
    };
  }

  private String page() {
    return switch (random.nextInt(5)) {
      case 0 -> "{}";
      case 1 -> "{n: " + number() + "}";
      default -> "{n: " + number() + ", flag: " + flag() + "}";
    };
  }

  private String filter(int levels) {
    if (random.nextInt(6) == 0) {
      Map<String, Object> value = new LinkedHashMap<>();
      if (random.nextBoolean()) {
        value.put("n", random.nextBoolean() ? null : random.nextInt(5));
      }
      if (random.nextBoolean()) {
        value.put("page", random.nextBoolean() ? null : new LinkedHashMap<>(Map.of("flag", true)));
      }
      if (random.nextInt(3) == 0) {
        value.put("self", new LinkedHashMap<>());
      }
      return variable("in" + random.nextInt(2), "Filter", " = {page: {n: 3}}", value);
    }
    List<String> fields = new ArrayList<>();
    if (random.nextBoolean()) {
      fields.add("n: " + number());
    }
    if (random.nextBoolean()) {
      fields.add("page: " + (random.nextInt(5) == 0 ? "null" : page()));
    }
    if (random.nextInt(3) == 0) {
      fields.add("ids: " + ids());
    }
    if (random.nextInt(4) == 0) {
      fields.add("pages: [" + page() + ", null, " + page() + "]");
    }
    if (levels > 0 && random.nextInt(3) == 0) {
      fields.add("self: " + filter(levels - 1));
    }
    return "{" + String.join(", ", fields) + "}";
  }

  private String variable(String name, String type, String otherwise, Object value) {
    if (!declared.containsKey(name)) {
      declared.put(name, "$" + name + ": " + type + (random.nextInt(3) == 0 ? otherwise : ""));
      if (random.nextInt(100) < 60) {
        variables.put(name, random.nextInt(6) == 0 ? null : value);
      }
    }
    return "$" + name;
  }
}
