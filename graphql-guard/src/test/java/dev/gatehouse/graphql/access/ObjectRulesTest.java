package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.caller;
import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import graphql.ExecutionResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectRulesTest {
  private static Object data(ExecutionResult result) {
    return result.getData();
  }

  /** The whole answer as it is sent, the same object asked for aside. */
  private static String sent(ExecutionResult result, String id) {
    return result.toSpecification().toString().replace(id, "ID");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ order(id: \"ID\") { id customer { id } } }",
        "{ a: order(id: \"ID\") { ...F } } fragment F on Node { id }",
        "{ node(id: \"ID\") { id __typename } }",
        "{ nodes(ids: [\"acme-o2\", \"ID\"]) { id } }",
        "{ sureOrder(id: \"ID\") { id } }",
        "{ order(id: \"ID\") { notes } }",
        "{ order(id: \"ID\") { sureNotes } }",
        "mutation { cancelOrder(id: \"ID\") { id } }",
        "mutation { log cancelOrder(id: \"ID\") { id } last: log }",
      })
  void object_ofAnother_isAnsweredByteForByteLikeOneThatIsMissing(String document) {
    for (String foreign : List.of("globex-o1", "acme-o1")) {
      Shop shop = new Shop();
      Principal ann = ann("order:write");
      ExecutionResult hidden = shop.ask(ann, document.replace("ID", foreign));
      List<String> ranForHidden = List.copyOf(shop.ran);
      shop.ran.clear();
      ExecutionResult missing = shop.ask(ann, document.replace("ID", "acme-o9"));

      assertThat(sent(hidden, foreign)).as(foreign).isEqualTo(sent(missing, "acme-o9"));
      assertThat(ranForHidden).isEqualTo(shop.ran);
      assertThat(codes(hidden)).doesNotContain("FORBIDDEN");
    }
  }

  @Test
  void mutation_onAnObjectOfAnother_hasNoEffect() {
    Shop shop = new Shop();

    ExecutionResult result =
        shop.ask(ann("order:write"), "mutation { cancelOrder(id: \"acme-o1\") { id } }");

    assertThat(shop.ran).isEmpty();
    assertThat(data(result)).isEqualTo(Collections.singletonMap("cancelOrder", null));
    assertThat(result.getErrors()).isEmpty();
    assertThat(
            data(shop.ask(ann("order:write"), "mutation { cancelOrder(id: \"acme-o2\") { id } }")))
        .isEqualTo(Map.of("cancelOrder", Map.of("id", "acme-o2")));
  }

  @Test
  void list_ofElementsThatMustNotBeNull_lacksWhatTheCallerMayNotSee() {
    Shop shop = new Shop();

    ExecutionResult result = shop.ask(ann(), "{ orders { id } }");

    assertThat(result.getErrors()).isEmpty();
    assertThat(data(result))
        .isEqualTo(Map.of("orders", List.of(Map.of("id", "acme-o2"), Map.of("id", "acme-o4"))));
  }

  @Test
  void list_ofElementsThatMayBeNull_keepsThePlaces() {
    List<Object> expected = new ArrayList<>(Collections.nCopies(8, null));
    expected.set(1, Map.of("id", "acme-o2"));
    expected.set(3, Map.of("id", "acme-o4"));

    assertThat(data(new Shop().ask(ann(), "{ maybeOrders { id } }")))
        .isEqualTo(Map.of("maybeOrders", expected));
  }

  @Test
  void owner_orWhoHoldsTheScope_seesItsTenantsOnly() {
    Shop shop = new Shop();
    for (String id : List.of("acme-o1", "acme-o2")) {
      assertThat(data(shop.ask(ann("order:read-all"), "{ order(id: \"" + id + "\") { id } }")))
          .isEqualTo(Map.of("order", Map.of("id", id)));
    }
    assertThat(data(shop.ask(ann("order:read-all"), "{ order(id: \"globex-o1\") { id } }")))
        .isEqualTo(Collections.singletonMap("order", null));
  }

  @Test
  void owner_ofAnotherKindOrTenant_isNone() {
    Shop shop = new Shop();
    Principal service =
        Principal.vouchedBy("test", Principal.Kind.SERVICE, "acme-c1")
            .tenant(TenantId.of("acme"))
            .build();
    Principal elsewhere = caller("acme-c1", "globex");
    Principal nowhere = Principal.vouchedBy("test", Principal.Kind.USER, "acme-c1").build();
    for (Principal other : List.of(service, elsewhere, nowhere)) {
      assertThat(data(shop.ask(other, "{ order(id: \"acme-o2\") { id } }")))
          .as("%s", other)
          .isEqualTo(Collections.singletonMap("order", null));
    }
  }

  @Test
  void rule_underObservation_letsThroughAndIsRecorded() {
    AuditSink.InMemory audit = AuditSink.inMemory(10);
    Shop shop =
        new Shop(
            guard ->
                guard
                    .audit(audit)
                    .access(
                        AccessRules.builder()
                            .observeDirectives("Order")
                            .observeDirectives("Order.notes")
                            .mode(Mode.OBSERVE)
                            .requiresScopes("Query.me", "me:read")
                            .build()));

    ExecutionResult result = shop.ask(ann(), "{ me { id } order(id: \"globex-o1\") { notes } }");

    assertThat(result.getErrors()).isEmpty();
    assertThat(data(result).toString()).contains("the notes", "acme-c1");
    assertThat(audit.events()).hasSize(1);
    assertThat(audit.events().get(0).toString())
        .contains("observed=Order Order.notes Query.me", "ALLOWED", "mode=observe");
  }

  @Test
  void batchedRule_ofALevel_isAskedOnce() {
    List<Integer> batches = new CopyOnWriteArrayList<>();
    Shop shop =
        new Shop(
            guard ->
                guard.access(
                    AccessRules.builder()
                        .batched(
                            "Order",
                            (caller, objects) -> {
                              batches.add(objects.size());
                              return Future.succeededFuture(
                                  objects.stream()
                                      .map(each -> !each.toString().contains("o4"))
                                      .toList());
                            })
                        .build()));

    ExecutionResult result =
        shop.ask(
            ann(),
            "{ me { orders { id customer { orders { id } } } } a: orders { id } b: maybeOrders { id } }");

    // all that is there without waiting (two lists of two at the first level, one at the second),
    // and what the orders that were let through lead to
    assertThat(batches).containsExactly(6, 2);
    assertThat(result.getErrors()).isEmpty();
    assertThat(data(result).toString()).contains("acme-o2").doesNotContain("acme-o4");
  }

  @Test
  void batchedRule_thatThrowsHangsOrAnswersAnotherNumber_hides() {
    List<ObjectRule> broken =
        List.of(
            (caller, objects) -> {
              throw new IllegalStateException("broken");
            },
            (caller, objects) -> Future.failedFuture("broken"),
            (caller, objects) -> Promise.<List<Boolean>>promise().future(),
            (caller, objects) -> Future.succeededFuture(List.of()),
            (caller, objects) -> Future.succeededFuture(Collections.nCopies(objects.size(), null)));
    for (ObjectRule rule : broken) {
      AuditSink.InMemory audit = AuditSink.inMemory(10);
      Shop shop =
          new Shop(
              guard ->
                  guard
                      .audit(audit)
                      .policies(
                          Policies.of(PolicyDecisionPoint.of(Map.of()))
                              .timeout(Duration.ofMillis(50)))
                      .access(AccessRules.builder().batched("Order", rule).build()));
      assertThat(data(shop.ask(ann(), "{ orders { id } }"))).isEqualTo(Map.of("orders", List.of()));
    }
  }

  @Test
  void rule_thatThrows_hidesAndIsRecordedAsBroken() {
    AuditSink.InMemory audit = AuditSink.inMemory(10);
    Shop shop =
        new Shop(
            guard ->
                guard
                    .audit(audit)
                    .access(
                        AccessRules.builder()
                            .each(
                                "Order",
                                (Optional<Principal> caller, Object order) -> {
                                  throw new IllegalStateException("broken");
                                })
                            .build()));

    assertThat(data(shop.ask(ann(), "{ order(id: \"acme-o2\") { id } }")))
        .isEqualTo(Collections.singletonMap("order", null));
    assertThat(audit.events().get(0).toString()).contains("BROKEN", "hidden=1");
  }

  @Test
  void batchedRule_answeringLaterFromAnotherThread_isWaitedFor() throws Exception {
    Shop shop =
        new Shop(
            guard ->
                guard.access(
                    AccessRules.builder()
                        .batched(
                            "Customer",
                            (caller, objects) ->
                                Future.fromCompletionStage(
                                    CompletableFuture.supplyAsync(
                                        () -> Collections.nCopies(objects.size(), true))))
                        .build()));

    ExecutionResult result =
        shop.graphql
            .executeAsync(
                Shop.input(
                    ann(), "{ orders { customer { id orders { customer { id } } } } }", Map.of()))
            .get(10, TimeUnit.SECONDS);

    assertThat(result.getErrors()).isEmpty();
    assertThat(data(result).toString()).contains("acme-c1");
  }
}
