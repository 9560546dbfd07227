package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.graphql.cost.CostDirectives;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.execution.preparsed.PreparsedDocumentEntry;
import graphql.execution.preparsed.PreparsedDocumentProvider;
import graphql.schema.DataFetcher;
import graphql.schema.DataFetcherFactories;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import graphql.schema.TypeResolver;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.validation.QueryComplexityLimits;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A guarded graphql-java server that counts the resolvers it runs, in each of the ways in which a
 * request can meet it: without a cache of parsed documents, with an empty one, and with one that
 * holds the document because a caller with wide limits sent it before.
 */
final class AttackedServer {
  private static final String SDL =
      """
      scalar _Any
      type Query {
        me: User
        name: String
        costly: String @cost(weight: "50")
        cheap(off: Int @cost(weight: "-50")): String @cost(weight: "5")
        users(first: Int, last: Int): [User] @listSize(slicingArguments: ["first", "last"])
        page(first: Int = 50): [User] @listSize(slicingArguments: ["first"])
        search(input: Search = {first: 20}): [User] @listSize(slicingArguments: ["input.first"])
        byIds(ids: [ID!]): [User] @listSize(slicingArguments: ["ids"])
        results: [Result] @listSize(assumedSize: 10)
        node: Node
        tree(tree: Tree, list: [[[[Int]]]]): Int
        _entities(representations: [_Any!]!): [_Entity]!
          @listSize(slicingArguments: ["representations"])
      }
      type Mutation { login(name: String): Boolean logout: Boolean }
      type Subscription { joined: User }
      interface Node { id: ID owner: User }
      type User implements Node {
        id: ID
        owner: User
        name: String
        friend: User
        friends(first: Int): [User] @listSize(slicingArguments: ["first"])
      }
      type Group implements Node { id: ID owner: User members: [User] @cost(weight: "30") }
      union Result = User | Group
      union _Entity = User | Group
      input Search { first: Int = 20 }
      input Tree { a: Tree n: Int }
      directive @mark on QUERY | FIELD | FRAGMENT_DEFINITION | FRAGMENT_SPREAD | INLINE_FRAGMENT
        | VARIABLE_DEFINITION
      """;
  private static final Object OBJECT = new Object();
  private static final String CALLER = "caller's limits";

  private final AtomicInteger resolved = new AtomicInteger();
  private final GraphQLSchema schema = executable();
  private final Limits earlier;

  AttackedServer() {
    this(Limits.none());
  }

  /**
   * @param earlier the limits of the caller who sent the same document before
   */
  AttackedServer(Limits earlier) {
    this.earlier = earlier;
  }

  private GraphQLSchema executable() {
    TypeResolver user = env -> env.getSchema().getObjectType("User");
    DataFetcher<Object> counted =
        env -> {
          resolved.incrementAndGet();
          return value(GraphQLTypeUtil.unwrapNonNull(env.getFieldType()));
        };
    RuntimeWiring.Builder wiring =
        RuntimeWiring.newRuntimeWiring()
            .scalar(
                GraphQLScalarType.newScalar()
                    .name("_Any")
                    .coercing(new graphql.scalar.GraphqlStringCoercing())
                    .build())
            .codeRegistry(
                GraphQLCodeRegistry.newCodeRegistry()
                    .defaultDataFetcher(DataFetcherFactories.useDataFetcher(counted)));
    for (String name : List.of("Node", "Result", "_Entity")) {
      wiring.type(name, type -> type.typeResolver(user));
    }
    return new SchemaGenerator().makeExecutableSchema(CostDirectives.read(SDL), wiring.build());
  }

  private static Object value(GraphQLType type) {
    if (type instanceof GraphQLList) {
      return List.of();
    }
    if (type instanceof GraphQLScalarType scalar) {
      return switch (scalar.getName()) {
        case "Int" -> 1;
        case "Boolean" -> true;
        default -> "x";
      };
    }
    return OBJECT;
  }

  GraphQLSchema schema() {
    return schema;
  }

  /** An attack is refused in every way, with the code, before any resolver runs. */
  void refuses(String code, Limits limits, String document) {
    refuses(code, limits, document, Map.of());
  }

  void refuses(String code, Limits limits, String document, Map<String, Object> variables) {
    for (Way way : Way.values()) {
      Asked asked = ask(way, limits, document, variables);
      assertThat(asked.result.getErrors()).as("%s: %s", way, asked).isNotEmpty();
      assertThat(asked.result.getErrors().get(0).getExtensions())
          .as("%s: %s", way, asked)
          .containsEntry("code", code);
      assertThat(asked.result.<Object>getData()).as("%s", way).isNull();
      assertThat(asked.resolved).as("resolvers, %s", way).isZero();
    }
  }

  /** What is refused before it is an operation at all runs nothing. */
  void runsNothing(Limits limits, String document) {
    for (Way way : Way.values()) {
      Asked asked = ask(way, limits, document, Map.of());
      assertThat(asked.result.getErrors()).as("%s: %s", way, asked).isNotEmpty();
      assertThat(asked.resolved).as("resolvers, %s", way).isZero();
    }
  }

  /** An honest operation passes in every way. */
  void allows(Limits limits, String document) {
    allows(limits, document, Map.of());
  }

  void allows(Limits limits, String document, Map<String, Object> variables) {
    for (Way way : Way.values()) {
      Asked asked = ask(way, limits, document, variables);
      assertThat(asked.result.getErrors()).as("%s", way).isEmpty();
      assertThat(asked.result.<Object>getData()).as("%s", way).isNotNull();
    }
  }

  /** How a request meets the server. */
  private enum Way {
    NO_CACHE,
    COLD_CACHE,
    WARM_CACHE
  }

  private record Asked(ExecutionResult result, int resolved) {}

  private Asked ask(Way way, Limits limits, String document, Map<String, Object> variables) {
    GraphQL.Builder builder = GraphQL.newGraphQL(schema);
    if (way != Way.NO_CACHE) {
      builder.preparsedDocumentProvider(new Kept());
    }
    GraphQL graphql = guarded(builder);
    if (way == Way.WARM_CACHE) {
      execute(graphql, earlier, document, variables);
    }
    int before = resolved.get();
    ExecutionResult result = execute(graphql, limits, document, variables);
    return new Asked(result, resolved.get() - before);
  }

  private GraphQL guarded(GraphQL.Builder builder) {
    GraphQLGuard guard =
        GraphQLGuard.builder(schema)
            .dangerouslyWithoutAuthorization()
            .limits(context -> context.<Limits>get(CALLER))
            .build();
    return guard.applyTo(builder).build();
  }

  /** What two callers get, one after the other, for the same text from the same cache. */
  List<ExecutionResult> answers(String document, Limits first, Limits second) {
    GraphQL graphql = guarded(GraphQL.newGraphQL(schema).preparsedDocumentProvider(new Kept()));
    return List.of(
        execute(graphql, first, document, Map.of()), execute(graphql, second, document, Map.of()));
  }

  private ExecutionResult execute(
      GraphQL graphql, Limits limits, String text, Map<String, Object> variables) {
    return graphql.execute(
        ExecutionInput.newExecutionInput(text)
            .variables(variables)
            .graphQLContext(
                // graphql-java's own bounds, of 100 levels and 100,000 fields, stand back.
                Map.of(CALLER, limits, QueryComplexityLimits.KEY, QueryComplexityLimits.NONE)));
  }

  /** A cache of parsed documents as applications write them. */
  private static final class Kept implements PreparsedDocumentProvider {
    private final Map<String, PreparsedDocumentEntry> entries = new ConcurrentHashMap<>();

    @Override
    public CompletableFuture<PreparsedDocumentEntry> getDocumentAsync(
        ExecutionInput input,
        java.util.function.Function<ExecutionInput, PreparsedDocumentEntry> parse) {
      return CompletableFuture.completedFuture(
          entries.computeIfAbsent(input.getQuery(), text -> parse.apply(input)));
    }
  }
}
