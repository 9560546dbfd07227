package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.access.SubscriptionEnded.Reason;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.FlowAdapters;
import org.reactivestreams.Publisher;

class SubscriptionsTest {
  private static Received subscribe(Shop shop, Principal caller, String document) {
    ExecutionResult result = shop.ask(caller, document);
    assertThat(result.getErrors()).isEmpty();
    Received received = new Received(Long.MAX_VALUE);
    result.<Publisher<ExecutionResult>>getData().subscribe(received);
    return received;
  }

  @Test
  void subscription_refused_isRefusedWhole() {
    ExecutionResult result = new Shop().ask(null, "subscription { orderChanged { id } }");

    assertThat(codes(result)).contains("UNAUTHENTICATED");
    assertThat(result.isDataPresent()).isFalse();
  }

  @Test
  void event_aboutAnObjectOfAnother_doesNotCome() {
    Shop shop = new Shop();
    Received received = subscribe(shop, ann(), "subscription { orderChanged { id notes } }");
    for (String id : List.of("globex-o1", "acme-o1", "acme-o2", "globex-o2", "acme-o4")) {
      shop.changes.submit(shop.byId.get(id));
    }
    shop.changes.close();

    assertThat(received.events).hasSize(2);
    assertThat(received.events.toString())
        .contains("acme-o2", "acme-o4")
        .doesNotContain("the notes");
    assertThat(codes(received.events.get(0))).containsExactly("FORBIDDEN");
    assertThat(received.isComplete).isTrue();
  }

  @Test
  void event_ofAnEnumsValueThatTheCallerMayNotHave_doesNotCome() {
    assertThat(levels("level: Level!", List.of("TOP", "LOW", "TOP", "LOW"), "level"))
        .containsExactly(Map.of("level", "LOW"), Map.of("level", "LOW"));
  }

  @Test
  void event_ofSeveralEnumValues_comesWithoutThoseThatTheCallerMayNotHave() {
    assertThat(levels("levels: [Level]!", List.of(List.of("LOW", "TOP")), "levels"))
        .containsExactly(Map.of("levels", Arrays.asList("LOW", null)));
  }

  @Test
  void event_ofSeveralEnumValues_noneOfWhichTheCallerMayHave_doesNotCome() {
    List<Object> events = List.of(List.of("TOP", "TOP"), List.of(), List.of("LOW"));
    assertThat(levels("levels: [Level]!", events, "levels"))
        .containsExactly(Map.of("levels", List.of()), Map.of("levels", List.of("LOW")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[Order!]", "[Order]", "[[Order!]!]", "[Item!]", "[[Item]]"})
  void event_ofSeveralObjects_noneOfWhichTheCallerMaySee_doesNotCome(String type) {
    Map<String, String> mine = Map.of("id", "mine", "tenantId", "acme");
    Map<String, String> foreign = Map.of("id", "SECRET", "tenantId", "globex");
    AccessRules batched =
        AccessRules.builder()
            .batched(
                "Order",
                (caller, objects) ->
                    Future.succeededFuture(objects.stream().map(mine::equals).toList()))
            .build();
    AccessRules tenant = AccessRules.builder().tenant("Order", "tenantId").build();
    for (AccessRules rules : List.of(batched, tenant)) {
      List<Object> received = new ArrayList<>();
      for (List<Object> event :
          List.<List<Object>>of(
              List.of(foreign), List.of(foreign, foreign), List.of(), List.of(foreign, mine))) {
        received.addAll(orders(type, rules, type.startsWith("[[") ? List.of(event, event) : event));
      }

      assertThat(received).as("%s", rules).hasSize(2);
      assertThat(received.get(0).toString()).doesNotContain("null", "id");
      assertThat(received.get(1).toString()).contains("mine").doesNotContain("SECRET");
    }
  }

  private static List<Object> orders(String type, AccessRules rules, Object event) {
    SubmissionPublisher<Object> source = new SubmissionPublisher<>(Runnable::run, 256);
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    "type Query @public { a: Int } type Order @authenticated { id: ID }"
                        + " union Item = Order type Subscription @authenticated { orders: "
                        + type
                        + " }"),
                RuntimeWiring.newRuntimeWiring()
                    .type(
                        "Item",
                        item -> item.typeResolver(env -> env.getSchema().getObjectType("Order")))
                    .type("Subscription", root -> root.dataFetcher("orders", env -> source))
                    .build());
    GraphQL graphql =
        GraphQLGuard.builder(schema)
            .access(rules)
            .build()
            .applyTo(GraphQL.newGraphQL(schema))
            .build();
    Received received = new Received(Long.MAX_VALUE);
    graphql
        .execute(Shop.input(ann(), "subscription { orders { ... on Order { id } } }", Map.of()))
        .<Publisher<ExecutionResult>>getData()
        .subscribe(received);
    source.submit(event);
    source.close();
    return received.events.stream().map(each -> each.<Object>getData()).toList();
  }

  private static List<Object> levels(String field, List<Object> events, String name) {
    SubmissionPublisher<Object> source = new SubmissionPublisher<>(Runnable::run, 256);
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    "type Query @public { a: Int } type Subscription { "
                        + field
                        + " @authenticated } enum Level { LOW"
                        + " TOP @requiresScopes(scopes: [[\"secret\"]]) }"),
                RuntimeWiring.newRuntimeWiring()
                    .type(
                        "Subscription",
                        type -> type.dataFetcher(name, env -> FlowAdapters.toPublisher(source)))
                    .build());
    GraphQL graphql =
        GraphQLGuard.builder(schema)
            .access(AccessRules.builder().build())
            .build()
            .applyTo(GraphQL.newGraphQL(schema))
            .build();
    Received received = new Received(Long.MAX_VALUE);
    graphql
        .execute(Shop.input(ann(), "subscription { " + name + " }", Map.of()))
        .<Publisher<ExecutionResult>>getData()
        .subscribe(received);
    events.forEach(source::submit);
    source.close();
    return received.events.stream().map(each -> each.<Object>getData()).toList();
  }

  @Test
  void credential_thatEnds_endsItWithTheNextEvent() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    Shop shop = new Shop(guard -> guard.clock(now::get));
    Principal soon =
        Principal.vouchedBy("test", Principal.Kind.USER, "acme-c1")
            .tenant(TenantId.of("acme"))
            .expiry(Instant.EPOCH.plusSeconds(5))
            .build();
    Received received = subscribe(shop, soon, "subscription { orderChanged { id } }");
    shop.changes.submit(shop.byId.get("acme-o2"));
    now.set(Instant.EPOCH.plusSeconds(6));
    shop.changes.submit(shop.byId.get("acme-o2"));

    assertThat(received.events).hasSize(1);
    assertThat(received.failure)
        .isInstanceOfSatisfying(
            SubscriptionEnded.class,
            ended -> assertThat(ended.reason()).isEqualTo(Reason.CREDENTIALS_EXPIRED));
    assertThat(shop.changes.getNumberOfSubscribers()).isZero();
  }

  @Test
  void caller_whoIsStopped_getsNoFurtherEvent() {
    KillSwitch switches = KillSwitch.create(InstantSource.system());
    Shop shop = new Shop(guard -> guard.killSwitch(switches));
    Received received = subscribe(shop, ann(), "subscription { orderChanged { id } }");
    switches.engage(KillSwitch.Kind.PRINCIPAL, "acme-c1", "test");
    shop.changes.submit(shop.byId.get("acme-o2"));

    assertThat(received.events).isEmpty();
    assertThat(((SubscriptionEnded) received.failure).reason()).isEqualTo(Reason.REVOKED);
    assertThat(shop.changes.getNumberOfSubscribers()).isZero();
  }

  @Test
  void policy_thatChangesItsMind_isAskedForEachEvent() {
    AtomicReference<Decision> decision = new AtomicReference<>(Decision.allow());
    Shop shop =
        new Shop(
            guard ->
                guard
                    .policies(
                        Policies.of(
                            question -> Future.succeededFuture(Map.of("may-see", decision.get()))))
                    .access(AccessRules.builder().policy("Order.status", "may-see").build()));
    Received received =
        subscribe(shop, ann("order:paid"), "subscription { orderChanged { id status } }");
    shop.changes.submit(shop.byId.get("acme-o2"));
    decision.set(Decision.deny("no", "no"));
    shop.changes.submit(shop.byId.get("acme-o2"));

    assertThat(codes(received.events.get(0))).isEmpty();
    assertThat(codes(received.events.get(1))).containsExactly("FORBIDDEN");
  }

  @Test
  void rules_thatAreReadAgain_holdForTheFieldsOfTheNextEvent(@TempDir Path folder)
      throws Exception {
    Path path =
        Files.writeString(folder.resolve("policies.yaml"), "rules: { Query.me: { public: true } }");
    PolicyFile file = PolicyFile.read(path);
    Shop shop = new Shop(guard -> guard.policyFile(file));
    Received received = subscribe(shop, ann(), "subscription { orderChanged { id } }");
    shop.changes.submit(shop.byId.get("acme-o2"));
    Files.writeString(
        path, "rules: { Order.id: { masked: { unlessScopes: [order:id], with: HIDDEN } } }");
    file.reload();
    shop.changes.submit(shop.byId.get("acme-o2"));

    assertThat(received.events).hasSize(2);
    assertThat(received.events.get(0).toString()).contains("acme-o2");
    assertThat(received.events.get(1).toString()).contains("HIDDEN").doesNotContain("acme-o2");
  }

  @Test
  void events_thatAreNotAskedFor_areNotTaken() {
    AtomicLong requested = new AtomicLong();
    AtomicReference<Flow.Subscriber<? super Object>> upstream = new AtomicReference<>();
    Flow.Publisher<Object> source =
        subscriber -> {
          upstream.set(subscriber);
          subscriber.onSubscribe(
              new Flow.Subscription() {
                @Override
                public void request(long n) {
                  // answers within the request, as many sources do
                  for (long i = 0; i < n; i++) {
                    subscriber.onNext(Map.of("n", requested.incrementAndGet()));
                  }
                }

                @Override
                public void cancel() {
                  requested.set(-1);
                }
              });
        };
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    "type Query @public { a: Int } type Event @public { n: Int }"
                        + " type Subscription { event: Event @authenticated }"),
                RuntimeWiring.newRuntimeWiring()
                    .type("Subscription", type -> type.dataFetcher("event", env -> source))
                    .build());
    GraphQL graphql =
        GraphQLGuard.builder(schema)
            .access(
                AccessRules.builder()
                    .each("Event", (caller, event) -> !event.equals(Map.of("n", 2L)))
                    .build())
            .build()
            .applyTo(GraphQL.newGraphQL(schema))
            .build();
    Received received = new Received(0);
    graphql
        .execute(Shop.input(ann(), "subscription { event { n } }", Map.of()))
        .<Publisher<ExecutionResult>>getData()
        .subscribe(received);
    assertThat(requested).hasValue(0);
    received.subscription.request(1);
    assertThat(received.events).hasSize(1);
    assertThat(requested).hasValue(1);

    // the second is about nothing that may be seen: one more is taken in its place
    received.subscription.request(50_000);
    assertThat(requested).hasValue(50_002);
    assertThat(received.events).hasSize(50_001);
    received.subscription.cancel();
    assertThat(requested).hasValue(-1);
    List<Object> seen = new ArrayList<>();
    received.events.forEach(each -> seen.add(each.toSpecification().get("data")));
    assertThat(seen).doesNotContain(Map.of("event", Map.of("n", 2)));
  }
}
