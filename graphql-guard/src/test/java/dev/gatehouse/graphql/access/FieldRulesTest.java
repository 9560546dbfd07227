package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.codes;
import static dev.gatehouse.graphql.access.Shop.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Problems;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FieldRulesTest {
  private final Shop shop = new Shop();

  private static Map<String, Object> data(ExecutionResult result) {
    return result.getData();
  }

  @Test
  void field_refused_isNullWithAnErrorThatSaysSo() {
    ExecutionResult result = shop.ask(ann(), "{ order(id: \"acme-o2\") { id notes } }");

    Map<String, Object> expected = new java.util.LinkedHashMap<>();
    expected.put("id", "acme-o2");
    expected.put("notes", null);
    assertThat(data(result)).isEqualTo(Map.of("order", expected));
    assertThat(codes(result)).containsExactly("FORBIDDEN");
    assertThat(paths(result)).containsExactly(List.of("order", "notes"));
    assertThat(shop.ran).containsExactly("order");
  }

  @Test
  void field_refusedByAnAlias_isRefused() {
    ExecutionResult result =
        shop.ask(
            ann(),
            "{ order(id: \"acme-o2\") { id: notes ...F } } fragment F on Node { i: id ... on Order { n: notes } }");

    assertThat(result.toSpecification().toString()).doesNotContain("the notes");
    assertThat(codes(result)).containsExactly("FORBIDDEN", "FORBIDDEN");
  }

  @Test
  void field_refusedThatMustNotBeNull_takesItsParentWithOneError() {
    ExecutionResult result = shop.ask(ann(), "{ order(id: \"acme-o2\") { id sureNotes } }");

    assertThat(data(result)).containsEntry("order", null);
    assertThat(codes(result)).containsExactly("FORBIDDEN");
    assertThat(paths(result)).containsExactly(List.of("order", "sureNotes"));
  }

  @Test
  void field_granted_isThere() {
    ExecutionResult result =
        shop.ask(ann("order:internal"), "{ order(id: \"acme-o2\") { notes } }");

    assertThat(result.getErrors()).isEmpty();
    assertThat(data(result)).isEqualTo(Map.of("order", Map.of("notes", "the notes")));
  }

  @Test
  void caller_unknown_isToldSo() {
    ExecutionResult result = shop.ask(null, "{ me { id } product(id: \"p1\") { name } }");

    assertThat(codes(result)).containsExactly("UNAUTHENTICATED");
    assertThat(data(result)).containsEntry("product", Map.of("name", "a product"));
    assertThat(shop.ran).containsExactly("product", "name");
  }

  @Test
  void query_ofWhichAnUnknownCallerMayHaveNothing_isRefusedWhole() {
    ExecutionResult result = shop.ask(null, "{ me { id } }");

    assertThat(result.isDataPresent()).isFalse();
    assertThat(codes(result)).contains("UNAUTHENTICATED");
    assertThat(shop.ran).isEmpty();
  }

  @Test
  void type_refused_isNotEvenFetched() {
    ExecutionResult result = shop.ask(ann(), "{ audit { __typename lines } }");

    assertThat(data(result)).containsEntry("audit", null);
    assertThat(codes(result)).containsExactly("FORBIDDEN");
    assertThat(shop.ran).isEmpty();
  }

  @Test
  void mutation_oneOfWhoseFieldsIsRefused_runsNone() {
    ExecutionResult result = shop.ask(ann(), "mutation { log secret }");

    assertThat(result.isDataPresent()).isFalse();
    assertThat(codes(result)).containsExactly("FORBIDDEN");
    assertThat(paths(result)).containsExactly(List.of("secret"));
    assertThat(shop.ran).isEmpty();
  }

  @Test
  void mutation_whoseRefusedFieldIsLeftOutByACondition_runs() {
    String document = "mutation($b: Boolean!) { log secret @include(if: $b) }";
    assertThat(shop.ask(ann(), document, Map.of("b", true)).isDataPresent()).isFalse();
    ExecutionResult result = shop.ask(ann(), document, Map.of("b", false));

    assertThat(data(result)).isEqualTo(Map.of("log", true));
    assertThat(shop.ran).containsExactly("log");
  }

  @Test
  void input_refused_isRefusedByLiteralVariableAndDefault() {
    for (String document :
        List.of(
            "{ orders(where: {notesContain: \"x\"}) { id } }",
            "{ orders(where: {notesContain: null}) { id } }",
            "query($w: OrderFilter) { orders(where: $w) { id } }",
            "query($n: String) { orders(where: {notesContain: $n}) { id } }",
            "query($n: String = \"x\") { orders(where: {notesContain: $n}) { id } }",
            "query($w: OrderFilter = {notesContain: \"x\"}) { orders(where: $w) { id } }",
            "{ orders(where: {status: PAID}) { id } }",
            "query($s: OrderStatus = PAID) { orders(where: {status: $s}) { id } }")) {
      Map<String, Object> variables =
          document.contains("= ") || document.contains("{ orders(where: {notesContain: \"")
              ? Map.of()
              : Map.of("w", Map.of("notesContain", "x"), "n", "x");
      shop.ran.clear();
      ExecutionResult result = shop.ask(ann(), document, variables);
      assertThat(codes(result)).as(document).containsExactly("FORBIDDEN");
      assertThat(shop.ran).as(document).isEmpty();
      ExecutionResult granted = shop.ask(ann("order:internal", "order:paid"), document, variables);
      assertThat(granted.getErrors()).as(document).isEmpty();
    }
    assertThat(shop.ask(ann(), "{ orders(where: {status: OPEN}) { id } }").getErrors()).isEmpty();
    assertThat(
            shop.ask(
                    ann(),
                    "query($w: OrderFilter, $n: String) { orders(where: $w) { id } o: orders(where: {notesContain: $n}) { id } }",
                    Map.of("w", Map.of("status", "OPEN")))
                .getErrors())
        .isEmpty();
  }

  @Test
  void enumValue_refused_isNullWhereItStands() {
    ExecutionResult result =
        shop.ask(ann("order:read-all"), "{ orders { id status } maybeOrders { status } }");

    assertThat(result.toSpecification().toString()).doesNotContain("PAID").contains("OPEN");
    assertThat(codes(result)).containsOnly("FORBIDDEN").hasSize(4);
  }

  @Test
  void mask_standsForWhoLacksTheScope() {
    assertThat(data(shop.ask(ann(), "{ me { email } }")))
        .isEqualTo(Map.of("me", Map.of("email", "***")));
    assertThat(shop.ran).containsExactly("me");
    assertThat(data(shop.ask(ann("customer:pii"), "{ me { email } }")))
        .isEqualTo(Map.of("me", Map.of("email", "ann@example.com")));
  }

  @Test
  void mask_underObservation_masksNothingAndIsRecorded() {
    AuditSink.InMemory audit = AuditSink.inMemory(10);
    Shop observing =
        new Shop(
            guard ->
                guard
                    .audit(audit)
                    .access(
                        AccessRules.builder()
                            .observeDirectives("Customer.email")
                            .mode(Mode.OBSERVE)
                            .masked("Product.name", "***", "product:read")
                            .build()));
    String document = "{ me { email } product(id: \"p1\") { name } }";

    assertThat(data(observing.ask(ann(), document)))
        .isEqualTo(
            Map.of(
                "me", Map.of("email", "ann@example.com"),
                "product", Map.of("name", "a product")));
    observing.ask(ann("customer:pii", "product:read"), document);
    assertThat(audit.events().get(0).toString())
        .contains("observed=Customer.email Product.name", "mode=observe");
    assertThat(audit.events().get(1).toString())
        .doesNotContain("observed")
        .contains("mode=enforce");
  }

  @Test
  void mask_underObservation_isReportedAsObserved() {
    AccessRules rules =
        AccessRules.builder()
            .masked("Product.id", "***", "product:read")
            .mode(Mode.OBSERVE)
            .masked("Product.name", "***", "product:read")
            .build();

    assertThat(AccessAudit.of(shop.schema, rules).coordinates())
        .contains(
            new AccessAudit.Coordinate(
                "Product.id", "public, masked unless product:read", "@public of Product, java"),
            new AccessAudit.Coordinate(
                "Product.name",
                "public, masked unless product:read (observed)",
                "@public of Product, java"));
  }

  @Test
  void type_thatAPlaceMayReturnAndTheCallerMayNotHave_isLeftOutAndSaid() {
    ExecutionResult result =
        shop.ask(null, "{ search { ... on Order { id } ... on Product { name } } }");

    assertThat(data(result)).isEqualTo(Map.of("search", List.of(Map.of("name", "a product"))));
    assertThat(codes(result)).containsExactly("UNAUTHENTICATED");
    assertThat(paths(result)).containsExactly(List.of("search"));
  }

  /** Boxes in boxes, whose things may be of a type that nobody unknown may have. */
  private static GraphQL boxes() {
    GraphQLSchema schema =
        new SchemaGenerator()
            .makeExecutableSchema(
                AccessDirectives.read(
                    """
                    type Query @public { box: Box }
                    type Box @public { box: Box things: [Thing] }
                    union Thing = Open | Closed
                    type Open @public { id: ID }
                    type Closed @authenticated { id: ID }
                    """),
                RuntimeWiring.newRuntimeWiring()
                    .type("Thing", type -> type.typeResolver(env -> null))
                    .build());
    GraphQLGuard guard = GraphQLGuard.builder(schema).limits(Limits.none()).build();
    return guard.applyTo(GraphQL.newGraphQL(schema)).build();
  }

  @Test
  void type_leftOutOfASelectionThatStandsAtSeveralPlaces_isSaidAtEach() {
    ExecutionResult result =
        boxes()
            .execute(
                "query($b: Boolean = false) { a: box { ...F } b: box { box { ...F } }"
                    + " c: box @include(if: $b) { ...F } d: box { ...F } }"
                    + " fragment F on Box { in: box { things { ... on Closed { id } ... on Open { id } } } }");

    assertThat(codes(result)).containsOnly("UNAUTHENTICATED");
    assertThat(paths(result))
        .containsExactlyInAnyOrder(
            List.of("a", "in", "things"),
            List.of("d", "in", "things"),
            List.of("b", "box", "in", "things"));
  }

  @Test
  void type_leftOutAtMorePlacesThanAreTold_isSaidAtAHundred() {
    StringBuilder document = new StringBuilder("{ a: box { ...F0 } b: box { ...F0 } }");
    for (int i = 0; i < 8; i++) {
      String next = "box { ...F" + (i + 1) + " } ";
      document.append(" fragment F" + i + " on Box { a: " + next + "b: " + next + "}");
    }
    document.append(" fragment F8 on Box { in: box { things { ... on Closed { id } } } }");

    ExecutionResult result = boxes().execute(document.toString());

    assertThat(paths(result)).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void schema_withAFieldThatNoRuleOpens_isRefusedAtBoot() {
    GraphQLSchema open =
        AccessDirectives.schema("type Query { a: Int @public b: T @public } type T { c: Int }");

    assertThatThrownBy(() -> GraphQLGuard.builder(open).build())
        .isInstanceOf(UnprotectedSchemaException.class)
        .hasMessageContaining("T.c");
    assertThat(GraphQLGuard.builder(open).dangerouslyWithoutAuthorization().build()).isNotNull();
  }

  @Test
  void mutation_thatReturnsGuardedObjectsAndNamesNone_isRefusedAtBoot() {
    assertThatThrownBy(() -> GraphQLGuard.builder(shop.schema).build())
        .isInstanceOf(UnprotectedSchemaException.class)
        .hasMessageContaining("Mutation.cancelOrder");
  }

  @Test
  void rule_forWhatTheSchemaHasNot_isRefusedAtBoot() {
    for (String coordinate :
        Arrays.asList("Order.nope", "Nope", "Query.orders(nope:)", "OrderStatus.NOPE", "a b")) {
      assertThatThrownBy(
              () ->
                  GraphQLGuard.builder(shop.schema)
                      .access(AccessRules.builder().authenticated(coordinate).build())
                      .build())
          .as(coordinate)
          .isInstanceOf(Problems.InvalidException.class);
    }
  }
}
