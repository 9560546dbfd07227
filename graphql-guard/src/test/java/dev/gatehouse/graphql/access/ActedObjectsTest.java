package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.graphql.GraphQLGuard;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.DataFetcher;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.dataloader.DataLoaderFactory;
import org.dataloader.DataLoaderRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked about the objects that a mutation names, before it runs. */
class ActedObjectsTest {
  private static final String LOG = "mutation { log(line: \"acme-o2\") }";

  private final Promise<Object> found = Promise.promise();
  private final AuditSink.InMemory audit = AuditSink.inMemory(10);

  /** A shop whose mutation waits for its object to be found. */
  private Shop waiting(Duration timeout) {
    return new Shop(
        guard ->
            guard
                .audit(audit)
                .policies(Policies.of(PolicyDecisionPoint.of(Map.of())).timeout(timeout))
                .access(
                    AccessRules.builder()
                        .actsOn("Mutation.log", "line", "Order", id -> found.future())
                        .build()));
  }

  @Test
  void mutation_whoseObjectIsNotFoundInTime_isRefusedAndNeverRuns() throws Exception {
    Shop shop = waiting(Duration.ofMillis(50));

    ExecutionResult result =
        shop.graphql.executeAsync(Shop.input(ann(), LOG, Map.of())).get(10, TimeUnit.SECONDS);
    found.complete(shop.byId.get("acme-o2"));

    assertThat(codes(result)).containsExactly("FORBIDDEN");
    assertThat(result.<Object>getData()).isEqualTo(Collections.singletonMap("log", null));
    assertThat(audit.events().get(0).toString()).contains("BROKEN");
    assertThat(shop.ran).isEmpty();
  }

  @Test
  void mutation_cancelledWhileItsObjectIsLookedUp_neverRuns() {
    Shop shop = waiting(Duration.ofSeconds(30));
    ExecutionInput input = Shop.input(ann(), LOG, Map.of());

    CompletableFuture<ExecutionResult> result = shop.graphql.executeAsync(input);
    assertThat(result).isNotDone();
    input.cancel();
    found.complete(shop.byId.get("acme-o2"));

    assertThat(result).isDone();
    assertThat(shop.ran).isEmpty();
  }

  /** What was looked up, and by which argument. */
  private final List<String> lookedUp = new CopyOnWriteArrayList<>();

  private AccessRules.Builder transferring(
      AccessRules.Builder rules, String argument, Function<Object, Future<Object>> orders) {
    return rules.actsOn(
        "Mutation.transfer",
        argument,
        "Order",
        id -> {
          lookedUp.add(argument + " " + id);
          return orders.apply(id);
        });
  }

  /** A shop whose mutation acts on two objects: as one set of rules says, or one and another. */
  private Shop transferring(boolean isJoined, Function<Object, Future<Object>> orders) {
    AccessRules.Builder from = transferring(AccessRules.builder(), "from", orders);
    AccessRules.Builder to = isJoined ? AccessRules.builder() : from;
    transferring(to, "to", orders);
    return new Shop(
        guard -> {
          guard.audit(audit).access(from.build());
          return isJoined ? guard.access(to.build()) : guard;
        });
  }

  private Shop transferring(boolean isJoined) {
    Map<String, Object> orders = new Shop().byId;
    return transferring(isJoined, id -> Future.succeededFuture(orders.get(String.valueOf(id))));
  }

  private static String transfer(String from, String to) {
    return "mutation { transfer(from: \"" + from + "\", to: \"" + to + "\") }";
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void mutation_ofTwoObjectsOfTheCaller_runsOnceAndLooksUpEachOnce(boolean isJoined) {
    Shop shop = transferring(isJoined);

    ExecutionResult result = shop.ask(ann(), transfer("acme-o2", "acme-o4"));

    assertThat(result.getErrors()).isEmpty();
    assertThat(result.<Object>getData()).isEqualTo(Map.of("transfer", true));
    assertThat(shop.ran).containsExactly("transfer");
    assertThat(lookedUp).containsExactly("from acme-o2", "to acme-o4");
  }

  @ParameterizedTest
  @CsvSource({
    "false, acme-o1, acme-o2, hidden=1",
    "false, acme-o2, acme-o1, hidden=1",
    "false, globex-o1, acme-o1, hidden=2",
    "true, acme-o1, acme-o2, hidden=1",
    "true, acme-o2, acme-o1, hidden=1",
    "true, globex-o1, acme-o1, hidden=2",
  })
  void mutation_ofTwoObjectsOneOfWhichIsForeign_neverRunsAndIsAnsweredAsIfItWereMissing(
      boolean isJoined, String from, String to, String told) {
    Shop shop = transferring(isJoined);

    ExecutionResult result = shop.ask(ann(), transfer(from, to));
    ExecutionResult missing = shop.ask(ann(), transfer("acme-o2", "acme-o9"));

    assertThat(result.getErrors()).isEmpty();
    assertThat(result.<Object>getData()).isEqualTo(Collections.singletonMap("transfer", null));
    assertThat(result.toSpecification()).isEqualTo(missing.toSpecification());
    assertThat(lookedUp).startsWith("from " + from, "to " + to);
    assertThat(audit.events().get(0).toString()).contains(told);
    assertThat(shop.ran).isEmpty();
  }

  @Test
  void mutation_ofTwoObjectsThatABatchedRuleHides_neverRunsAndBothAreCounted() {
    List<Integer> batches = new CopyOnWriteArrayList<>();
    Map<String, Object> orders = new Shop().byId;
    AccessRules.Builder rules =
        AccessRules.builder()
            .batched(
                "Order",
                (caller, objects) -> {
                  batches.add(objects.size());
                  return Future.succeededFuture(Collections.nCopies(objects.size(), false));
                });
    transferring(rules, "from", id -> Future.succeededFuture(orders.get(String.valueOf(id))));
    transferring(rules, "to", id -> Future.succeededFuture(orders.get(String.valueOf(id))));
    Shop shop = new Shop(guard -> guard.audit(audit).access(rules.build()));

    ExecutionResult result = shop.ask(ann(), transfer("acme-o2", "acme-o4"));

    assertThat(result.<Object>getData()).isEqualTo(Collections.singletonMap("transfer", null));
    assertThat(batches).containsExactly(2);
    assertThat(audit.events().get(0).toString()).contains("hidden=2");
    assertThat(shop.ran).isEmpty();
  }

  @Test
  void mutation_ofTwoObjects_looksThemUpAtTheSameTime() {
    Map<Object, Promise<Object>> orders =
        Map.of("acme-o2", Promise.promise(), "acme-o4", Promise.promise());
    Shop shop = transferring(false, id -> orders.get(id).future());

    CompletableFuture<ExecutionResult> result =
        shop.graphql.executeAsync(Shop.input(ann(), transfer("acme-o2", "acme-o4"), Map.of()));
    assertThat(lookedUp).containsExactly("from acme-o2", "to acme-o4");
    orders.get("acme-o4").complete(shop.byId.get("acme-o4"));
    assertThat(shop.ran).isEmpty();
    orders.get("acme-o2").complete(shop.byId.get("acme-o2"));

    assertThat(result.join().getErrors()).isEmpty();
    assertThat(shop.ran).containsExactly("transfer");
  }

  @Test
  void mutation_whoseRulesAreJoinedTwice_looksItsObjectUpOnce() {
    Map<String, Object> orders = new Shop().byId;
    AccessRules rules =
        transferring(
                AccessRules.builder(),
                "from",
                id -> Future.succeededFuture(orders.get(String.valueOf(id))))
            .build();
    Shop shop = new Shop(guard -> guard.access(rules).access(rules));

    shop.ask(ann(), transfer("acme-o2", "acme-o4"));

    assertThat(lookedUp).containsExactly("from acme-o2");
    assertThat(shop.ran).containsExactly("transfer");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void mutation_whoseObjectIsFoundLater_isAnsweredWithWhatItLoads(boolean isBatched) {
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    """
                    type Query @public { a: Int }
                    type Mutation @public { close(id: ID!): Order }
                    type Order @public @tenant { id: ID next: Order }
                    """),
                RuntimeWiring.newRuntimeWiring()
                    .type("Mutation", type -> type.dataFetcher("close", loading("2")))
                    .type("Order", type -> type.dataFetcher("next", loading("3")))
                    .build());
    AccessRules.Builder rules =
        AccessRules.builder().actsOn("Mutation.close", "id", "Order", id -> found.future());
    if (isBatched) {
      rules.batched(
          "Order",
          (caller, objects) -> Future.succeededFuture(Collections.nCopies(objects.size(), true)));
    }
    GraphQL graphql =
        GraphQLGuard.builder(schema)
            .access(rules.build())
            .build()
            .applyTo(GraphQL.newGraphQL(schema))
            .build();
    DataLoaderRegistry loaders = new DataLoaderRegistry();
    loaders.register(
        "orders",
        DataLoaderFactory.newDataLoader(
            (List<String> ids) ->
                CompletableFuture.completedFuture(
                    ids.stream().<Object>map(ActedObjectsTest::order).toList())));

    CompletableFuture<ExecutionResult> result =
        graphql.executeAsync(
            Shop.input(ann(), "mutation { close(id: 1) { id next { id next { id } } } }", Map.of())
                .transform(input -> input.dataLoaderRegistry(loaders)));
    found.complete(order("1"));

    assertThat(result).isDone();
    assertThat(result.join().<Object>getData().toString())
        .isEqualTo("{close={id=2, next={id=3, next={id=3}}}}");
  }

  private static Map<String, Object> order(String id) {
    return Map.of("id", id, "tenantId", "acme");
  }

  private static DataFetcher<?> loading(String id) {
    return env -> env.getDataLoader("orders").load(id);
  }

  @Test
  void mutation_whoseObjectIsFoundLater_runs() {
    Shop shop = waiting(Duration.ofSeconds(30));

    CompletableFuture<ExecutionResult> result =
        shop.graphql.executeAsync(Shop.input(ann(), LOG, Map.of()));
    found.complete(shop.byId.get("acme-o2"));

    assertThat(result.join().getErrors()).isEmpty();
    assertThat(shop.ran).containsExactly("log");
  }
}
