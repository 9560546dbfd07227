package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.Analysis;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.OperationAnalysis;
import dev.gatehouse.graphql.access.AccessDirectives;
import dev.gatehouse.graphql.access.AccessRules;
import dev.gatehouse.graphql.access.Policies;
import dev.gatehouse.graphql.access.PolicyDecisionPoint;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.cost.ListSize;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The code of docs/graphql.md, run. */
class GraphqlGuideTest {
  private static final String DEEP =
      "{ a { a { a { a { a { a { a { a { a { a { a { a { x } } } } } } } } } } } } }";

  private final List<String> logged = new ArrayList<>();
  private final GraphQLSchema schema =
      new SchemaGenerator()
          .makeExecutableSchema(
              AccessDirectives.read(
                  """
                  type Query @public { a: Query x: Int users(first: Int): [User] }
                  type Mutation @public { login(name: String): Boolean }
                  type User @public { name: String avatar: String }
                  """),
              RuntimeWiring.newRuntimeWiring().build());

  private void log(String line) {
    logged.add(line);
  }

  private static String code(ExecutionResult result) {
    return String.valueOf(result.getErrors().get(0).getExtensions().get("code"));
  }

  @Test
  void guard_appliedToAGraphql_refusesWhatIsTooDeep() {
    // region wrap
    GraphQLGuard guard = GraphQLGuard.builder(schema).limits(Limits.strict()).build();
    GraphQL graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
    // endregion
    assertThat(code(graphql.execute(DEEP))).isEqualTo("DEPTH_LIMIT");
    assertThat(graphql.execute("{ x }").getErrors()).isEmpty();
  }

  /** What frameworks do with the guard as a bean, and as a customizer of their builder. */
  @Test
  void guard_asAnInstrumentation_refusesTheSame() {
    GraphQLGuard guard = GraphQLGuard.builder(schema).limits(Limits.strict()).build();
    GraphQL dgs = GraphQL.newGraphQL(schema).instrumentation(guard.instrumentation()).build();
    assertThat(code(dgs.execute(DEEP))).isEqualTo("DEPTH_LIMIT");

    GraphQL.Builder graphql = GraphQL.newGraphQL(schema);
    GraphQLSchema built = graphql.build().getGraphQLSchema();
    GraphQLGuard.builder(built).limits(Limits.strict()).build().applyTo(graphql);
    assertThat(code(graphql.build().execute(DEEP))).isEqualTo("DEPTH_LIMIT");
  }

  @Test
  void limits_perCaller_areEachCallersOwn() {
    // region limits
    Limits anonymous = Limits.strict().toBuilder().depth(6).calls("Mutation.login", 1).build();
    Limits partner = Limits.strict().toBuilder().fieldCost(20_000).build();
    GraphQLGuard guard =
        GraphQLGuard.builder(schema)
            .limits(context -> context.getBoolean("partner", false) ? partner : anonymous)
            .build();
    // endregion
    GraphQL graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
    ExecutionInput seven =
        ExecutionInput.newExecutionInput("{ a { a { a { a { a { a { x } } } } } } }").build();
    assertThat(code(graphql.execute(seven))).isEqualTo("DEPTH_LIMIT");
    ExecutionInput byPartner =
        seven.transform(input -> input.graphQLContext(Map.of("partner", true)));
    assertThat(graphql.execute(byPartner).getErrors()).isEmpty();
  }

  @Test
  void weights_fromJava_arePriced() {
    // region weights
    CostWeights weights =
        CostWeights.builder()
            .field("User.avatar", 5)
            .listSize("Query.users", ListSize.slicedBy("first"))
            .defaultListSize(50)
            .build();
    GraphQLGuard guard = GraphQLGuard.builder(schema).weights(weights).build();
    // endregion
    // region dry-run
    Analysis answer =
        guard.dryRun("{ users(first: 3) { avatar } }", null, Map.of(), Limits.strict());
    if (answer instanceof OperationAnalysis analysis) {
      log(analysis.fieldCost() + " of " + Limits.strict().fieldCost());
      analysis.violations().forEach(violation -> log(violation.limit()));
    }
    // endregion
    assertThat(logged).containsExactly("16.0 of 1000.0");
  }

  @Test
  void bucket_thatIsSpent_refusesUntilItFillsAgain() {
    InstantSource clock = InstantSource.system();
    // region bucket
    GraphQLGuard guard =
        GraphQLGuard.builder(schema)
            .limits(Limits.strict())
            .bucket(CostBucket.inMemory(Rate.perSecond(100, 5_000), 100_000, clock))
            .actualCost(2) // ends what comes to cost twice its estimate
            .reportCost(true) // extensions.cost in each answer
            .build();
    // endregion
    GraphQL graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
    ExecutionResult result = graphql.execute("{ a { x } }");
    assertThat(result.getErrors()).isEmpty();
    assertThat(result.getExtensions()).containsKey("cost");
  }

  /** An order, as the guide's resolvers have it. */
  public record Order(String id, String tenantId) {}

  private static final class Orders {
    Future<Object> find(Object id) {
      return Future.succeededFuture(new Order(String.valueOf(id), "acme"));
    }
  }

  @Test
  void rules_fromJava_holdForObjectsAndMutations() {
    List<String> cancelled = new ArrayList<>();
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    """
                    type Query { order(id: ID!): Order }
                    type Order @authenticated { id: ID! notes: String address: String }
                    type Mutation { cancelOrder(id: ID!): Order @authenticated }
                    """),
                RuntimeWiring.newRuntimeWiring()
                    .type(
                        "Query", type -> type.dataFetcher("order", env -> new Order("o1", "acme")))
                    .type(
                        "Mutation",
                        type ->
                            type.dataFetcher(
                                "cancelOrder",
                                env -> {
                                  cancelled.add(env.getArgument("id"));
                                  return new Order(env.getArgument("id"), "acme");
                                }))
                    .build());
    Orders orders = new Orders();
    // region access
    AccessRules rules =
        AccessRules.builder()
            .authenticated("Query.order")
            .requiresScopes("Order.notes", "order:internal")
            .tenant("Order", "tenantId")
            .masked("Order.address", "***", "order:pii")
            .actsOn("Mutation.cancelOrder", "id", "Order", orders::find)
            .build();
    GraphQLGuard guard = GraphQLGuard.builder(schema).access(rules).build();
    // endregion
    GraphQL graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
    ExecutionResult mine = graphql.execute(by("acme", "{ order(id: 1) { id address notes } }"));
    assertThat(mine.<Map<String, Map<String, Object>>>getData().get("order"))
        .containsEntry("address", "***")
        .containsEntry("notes", null);
    assertThat(code(mine)).isEqualTo("FORBIDDEN");
    assertThat(
            graphql.execute(by("globex", "{ order(id: 1) { id } }")).toSpecification().toString())
        .isEqualTo("{data={order=null}}");
    graphql.execute(by("globex", "mutation { cancelOrder(id: 1) { id } }"));
    assertThat(cancelled).isEmpty();
    graphql.execute(by("acme", "mutation { cancelOrder(id: 1) { id } }"));
    assertThat(cancelled).containsExactly("1");
  }

  private static ExecutionInput by(String tenant, String document) {
    Principal caller =
        Principal.vouchedBy("guide", Principal.Kind.USER, "ann")
            .tenant(TenantId.of(tenant))
            .build();
    return ExecutionInput.newExecutionInput(document)
        .graphQLContext(Map.of(Principal.class, caller))
        .build();
  }

  @Test
  void policies_inJava_areAskedBeforeAnythingRuns() {
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    "type Query { report: String @policy(policies: [[\"may-report\"]]) }"),
                RuntimeWiring.newRuntimeWiring().build());
    InstantSource clock = InstantSource.system();
    // region policies
    PolicyDecisionPoint point =
        PolicyDecisionPoint.of(
            Map.of(
                "may-report",
                question ->
                    Future.succeededFuture(
                        question.claim("team").filter("finance"::equals).isPresent()
                            ? Decision.allow()
                            : Decision.deny("not_finance", "for finance only"))));
    GraphQLGuard guard =
        GraphQLGuard.builder(schema)
            .policies(
                Policies.of(point)
                    .timeout(Duration.ofMillis(500))
                    .cache(10_000, Duration.ofSeconds(30), clock))
            .build();
    // endregion
    GraphQL graphql = guard.applyTo(GraphQL.newGraphQL(schema)).build();
    assertThat(code(graphql.execute(by("acme", "{ report }")))).isEqualTo("FORBIDDEN");
  }
}
