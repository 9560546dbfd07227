package dev.gatehouse.graphql.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.ParseAndValidate;
import graphql.language.Document;
import graphql.parser.Parser;
import graphql.schema.GraphQLSchema;
import graphql.schema.TypeResolver;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The guard gives exactly what a plain reading of the rules gives: nothing that is denied reaches a
 * caller, and nothing that is granted is kept from one.
 */
class AccessReferenceTest {
  private static final int SCHEMAS = 60;
  private static final int OPERATIONS = 120;

  @Test
  void data_ofRandomSchemasRulesAndOperations_isWhatTheReferenceGives() {
    int compared = 0;
    int refused = 0;
    int refusedInPart = 0;
    for (int seed = 0; seed < SCHEMAS; seed++) {
      Random random = new Random(seed);
      ReferenceWorld world = new ReferenceWorld(random);
      GraphQLSchema schema = schema(world);
      GraphQL graphql = guarded(schema);
      for (int i = 0; i < OPERATIONS; i++) {
        Made made = new Writer(world, random).write();
        Document document = new Parser().parseDocument(made.text);
        if (!ParseAndValidate.validate(schema, document).isEmpty()) {
          continue;
        }
        Principal caller = caller(random);
        ReferenceEvaluator reference =
            new ReferenceEvaluator(world, caller, document, made.variables);
        ExecutionResult result = execute(world, graphql, caller, made);
        String what =
            "seed " + seed + ": " + made.text + made.variables + " by " + caller + "\n" + world.sdl;
        compared++;
        try {
          Object expected = reference.data();
          assertThat(result.isDataPresent()).as("%s%n%s", what, result.getErrors()).isTrue();
          assertThat(result.<Object>getData()).as(what).isEqualTo(expected);
          if (reference.refusedSomething) {
            assertThat(result.getErrors()).as(what).isNotEmpty();
            refusedInPart++;
          }
        } catch (ReferenceEvaluator.Refused whole) {
          assertThat(result.isDataPresent()).as(what).isFalse();
          assertThat(result.getErrors()).as(what).isNotEmpty();
          refused++;
        }
      }
    }
    // a test that compares nothing proves nothing
    assertThat(compared).isGreaterThan(3_000);
    assertThat(refused).isGreaterThan(200);
    assertThat(refusedInPart).isGreaterThan(500);
  }

  private static GraphQLSchema schema(ReferenceWorld world) {
    TypeResolver resolver =
        env -> env.getSchema().getObjectType((String) ((Map<?, ?>) env.getObject()).get("is"));
    RuntimeWiring.Builder wiring = RuntimeWiring.newRuntimeWiring();
    for (String name : List.of("I0", "I1", "U")) {
      wiring.type(name, type -> type.typeResolver(resolver));
    }
    return new SchemaGenerator()
        .makeExecutableSchema(AccessDirectives.read(world.sdl), wiring.build());
  }

  private static GraphQL guarded(GraphQLSchema schema) {
    return GraphQLGuard.builder(schema)
        .limits(Limits.none())
        .access(
            AccessRules.builder()
                .dangerouslyActsUnasked("Mutation.m0")
                .dangerouslyActsUnasked("Mutation.m1")
                .build())
        .build()
        .applyTo(GraphQL.newGraphQL(schema))
        .build();
  }

  private static ExecutionResult execute(
      ReferenceWorld world, GraphQL graphql, Principal caller, Made made) {
    ExecutionInput.Builder input =
        ExecutionInput.newExecutionInput(made.text)
            .variables(made.variables)
            .root(world.data.get(made.text.startsWith("mutation") ? "Mutation" : "Query"));
    if (caller != null) {
      input.graphQLContext(Map.of(Principal.class, caller));
    }
    return graphql.execute(input);
  }

  private static Principal caller(Random random) {
    if (random.nextInt(4) == 0) {
      return null;
    }
    Set<String> scopes = new HashSet<>();
    for (String scope : List.of("a", "b", "c")) {
      if (random.nextInt(3) > 0) {
        scopes.add(scope);
      }
    }
    return Principal.vouchedBy("test", Principal.Kind.USER, random.nextBoolean() ? "ann" : "bob")
        .tenant(TenantId.of(random.nextBoolean() ? "acme" : "globex"))
        .scopes(scopes)
        .build();
  }

  private record Made(String text, Map<String, Object> variables) {}

  /** Writes an operation, with fragments, conditions, aliases and inputs of every form. */
  private static final class Writer {
    private final ReferenceWorld world;
    private final Random random;
    private final List<String> fragments = new ArrayList<>();
    private final Map<String, Object> variables = new HashMap<>();
    private final Set<String> used = new HashSet<>();
    private int aliases;

    Writer(ReferenceWorld world, Random random) {
      this.world = world;
      this.random = random;
    }

    Made write() {
      boolean isMutation = random.nextInt(4) == 0;
      String body = selections(isMutation ? "Mutation" : "Query", 3);
      List<String> declared = new ArrayList<>();
      declare(declared, "b", "$b: Boolean!", random.nextBoolean());
      declare(declared, "s", random.nextBoolean() ? "$s: String = \"d\"" : "$s: String", "x");
      declare(
          declared, "in", random.nextBoolean() ? "$in: In = {e: V1}" : "$in: In", Map.of("q", "x"));
      declare(
          declared, "e", random.nextBoolean() ? "$e: E = V1" : "$e: E", "V" + random.nextInt(3));
      String head = declared.isEmpty() ? "" : "(" + String.join(", ", declared) + ")";
      return new Made(
          (isMutation ? "mutation M" : "query Q") + head + body + String.join("", fragments),
          variables);
    }

    private void declare(List<String> declared, String name, String text, Object value) {
      if (!used.contains(name)) {
        return;
      }
      declared.add(text);
      if (name.equals("b") || random.nextInt(3) == 0) {
        variables.put(name, value);
      }
    }

    private String selections(String type, int levels) {
      StringBuilder text = new StringBuilder(" {");
      int count = 1 + random.nextInt(4);
      for (int i = 0; i < count; i++) {
        text.append(' ').append(selection(type, levels));
      }
      return text.append(" }").toString();
    }

    private String selection(String type, int levels) {
      int choice = random.nextInt(10);
      boolean isUnion = !world.fields.containsKey(type);
      if (choice == 0 || (isUnion && (levels == 0 || choice < 3))) {
        return "__typename" + condition();
      }
      if (isUnion || choice < 4) {
        return fragment(type, levels);
      }
      List<String> names = new ArrayList<>(world.fields.get(type).keySet());
      names.removeIf(name -> levels == 0 && !isLeaf(world.fields.get(type).get(name)));
      if (names.isEmpty()) {
        return "__typename";
      }
      String name = names.get(random.nextInt(names.size()));
      String declared = world.fields.get(type).get(name);
      String alias = name.startsWith("f") || random.nextInt(3) == 0 ? "k" + aliases++ + ": " : "";
      return alias
          + name
          + (name.startsWith("f") ? arguments() : "")
          + condition()
          + (isLeaf(declared) ? "" : selections(declared.replaceAll("[\\[\\]!]", ""), levels - 1));
    }

    private static boolean isLeaf(String declared) {
      String bare = declared.replaceAll("[\\[\\]!]", "");
      return bare.equals("String") || bare.equals("E");
    }

    private String fragment(String type, int levels) {
      List<String> fitting = new ArrayList<>();
      List<String> own = world.possible(type);
      for (String other : List.of("O0", "O1", "O2", "O3", "I0", "I1", "U", "Query", "Mutation")) {
        if (world.possible(other).stream().anyMatch(own::contains)) {
          fitting.add(other);
        }
      }
      String on = fitting.get(random.nextInt(fitting.size()));
      if (random.nextBoolean()) {
        return "... on " + on + condition() + selections(on, Math.max(0, levels - 1));
      }
      String body = selections(on, Math.max(0, levels - 1));
      String name = "F" + fragments.size();
      fragments.add(" fragment " + name + " on " + on + body);
      return "..." + name + condition();
    }

    private String condition() {
      if (random.nextInt(6) > 0) {
        return "";
      }
      String value = random.nextBoolean() ? "$b" : String.valueOf(random.nextBoolean());
      if (value.equals("$b")) {
        used.add("b");
      }
      return (random.nextBoolean() ? " @skip" : " @include") + "(if: " + value + ")";
    }

    private String arguments() {
      return switch (random.nextInt(6)) {
        case 0 -> "(g: \"x\")";
        case 1 -> "(g: " + variable("s") + ")";
        case 2 -> "(in: " + variable("in") + ")";
        case 3 -> "(in: " + input(2) + ")";
        default -> "";
      };
    }

    private String input(int levels) {
      List<String> members = new ArrayList<>(List.of("p: \"x\""));
      if (random.nextInt(3) == 0) {
        members.add("q: " + (random.nextBoolean() ? variable("s") : "\"x\""));
      }
      if (random.nextInt(3) == 0) {
        members.add("e: " + (random.nextBoolean() ? variable("e") : "V" + random.nextInt(3)));
      }
      if (levels > 0 && random.nextInt(3) == 0) {
        members.add("in: " + (random.nextBoolean() ? variable("in") : input(levels - 1)));
      }
      return "{" + String.join(", ", members) + "}";
    }

    private String variable(String name) {
      used.add(name);
      return "$" + name;
    }
  }
}
