package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.graphql.SchemaAudit.Finding;
import dev.gatehouse.graphql.SchemaAudit.Kind;
import dev.gatehouse.graphql.cost.CostDirectives;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.cost.ListSize;
import graphql.schema.GraphQLSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaAuditTest {
  @Test
  void audit_listsWithoutABound_areNamedAndSizedOnesAreNot() {
    SchemaAudit audit =
        audit(
            """
            type Query {
              free: [A]
              assumed: [A] @listSize(assumedSize: 3)
              sliced(first: Int): [A] @listSize(slicingArguments: ["first"])
              optional(first: Int): [A]
                @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
              connection(first: Int): C @listSize(slicingArguments: ["first"], sizedFields: ["edges"])
            }
            type C { edges: [A] others: [A] }
            type A { n: Int }
            """,
            Limits.none());

    assertThat(coordinates(audit, Kind.UNBOUNDED_LIST))
        .containsExactly("C.others", "Query.free", "Query.optional");
  }

  @Test
  void audit_recursion_isNamedUnlessALimitEndsIt() {
    String sdl = "type Query { u: User } type User { friend: User name: String }";

    assertThat(coordinates(audit(sdl, Limits.none()), Kind.UNLIMITED_RECURSION))
        .containsExactly("User.friend");
    assertThat(audit(sdl, Limits.builder().recursion("User.friend", 3).build()).isClean()).isTrue();
    assertThat(audit(sdl, Limits.builder().depth(3).build()).isClean()).isTrue();
  }

  @Test
  void audit_fieldsCalledForNothing_areNamed() {
    assertThat(
            coordinates(
                audit(
                    "type Query { free: Int paid: Int @cost(weight: \"1\") zero: Int @cost(weight: \"0\") a: A }"
                        + " type A { plain: Int computed(x: Int): Int }",
                    Limits.none()),
                Kind.UNCOSTED_FIELD))
        .containsExactly("A.computed", "Query.free");
  }

  @Test
  void audit_interfaceAndImplementationThatDisagree_areNamed() {
    assertThat(
            coordinates(
                audit(
                    "interface I { a: Int b: Int @cost(weight: \"2\") }"
                        + " type A implements I { a: Int @cost(weight: \"5\") b: Int } type Query { i: I }",
                    Limits.none()),
                Kind.INTERFACE_MISMATCH))
        .containsExactly("A.a");
  }

  @Test
  void audit_namesThatAreNotThere_areNamed() {
    assertThat(
            coordinates(
                audit(
                    "type Query { a(first: Int): C @listSize(slicingArguments: [\"frist\"], sizedFields: [\"edgse\"]) }"
                        + " type C { edges: Int }",
                    Limits.none()),
                Kind.UNKNOWN_NAME))
        .containsExactly("Query.a", "Query.a");
  }

  @Test
  void audit_pathsIntoInputObjectsThatAreNotThere_areNamed() {
    SchemaAudit audit =
        audit(
            """
            input Page { first: Int inner: Page }
            type Query {
              good(page: Page): [A] @listSize(slicingArguments: ["page.inner.first"])
              bad(page: Page): [A] @listSize(slicingArguments: ["page.inner.frist"])
              deep(first: Int): [A] @listSize(slicingArguments: ["first.more"])
            }
            type A { n: Int }
            """,
            Limits.none());

    assertThat(coordinates(audit, Kind.UNKNOWN_NAME)).containsExactly("Query.bad", "Query.deep");
  }

  @Test
  void guard_ofASchemaThatSizesByNamesThatAreNotThere_isNotBuilt() {
    GraphQLSchema schema =
        CostDirectives.schema(
            """
            type Query {
              a(first: Int): [C] @listSize(slicingArguments: ["frist"])
              b(first: Int): C @listSize(slicingArguments: ["first"], sizedFields: ["edgse"])
            }
            type C { edges: [Int] }
            """);

    assertThatThrownBy(() -> GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization().build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Query.a: @listSize slices by frist")
        .hasMessageContaining("Query.b: @listSize sizes edgse");
  }

  @Test
  void guard_withASizeFromJavaThatNamesNoArgument_isNotBuilt() {
    GraphQLSchema schema = CostDirectives.schema("type Query { a(first: Int): [Int] }");
    CostWeights weights =
        CostWeights.builder().listSize("Query.a", ListSize.slicedBy("last")).build();

    assertThatThrownBy(
            () ->
                GraphQLGuard.builder(schema)
                    .dangerouslyWithoutAuthorization()
                    .weights(weights)
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Query.a");
  }

  @Test
  void audit_asTextAndJson_saysWhereAndWhatToDo() {
    SchemaAudit audit = audit("type Query { free: [A] } type A { n: Int }", Limits.none());

    assertThat(audit.toText()).startsWith("Query.free  unbounded-list: nothing bounds the list");
    assertThat(audit.toJson().get("findings").toString()).contains("kind=unbounded-list");
  }

  private static SchemaAudit audit(String sdl, Limits limits) {
    return SchemaAudit.of(CostDirectives.schema(sdl), CostWeights.ofDirectives(), limits);
  }

  private static List<String> coordinates(SchemaAudit audit, Kind kind) {
    return audit.findings().stream()
        .filter(finding -> finding.kind() == kind)
        .map(Finding::coordinate)
        .toList();
  }
}
