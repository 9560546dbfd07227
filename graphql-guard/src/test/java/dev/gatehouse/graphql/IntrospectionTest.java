package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.introspection.IntrospectionQuery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IntrospectionTest {
  private static final Analysed SCHEMA =
      Analysed.schema("type Query { user: User } type User { id: ID friends: [User] }");
  private static final Limits BOUNDED =
      Limits.builder().introspection(Limits.Introspection.BOUNDED).build();

  @Test
  void introspection_theStandardQuery_isWithinTheBound() {
    assertThat(SCHEMA.violations(IntrospectionQuery.INTROSPECTION_QUERY, BOUNDED)).isEmpty();
  }

  @Test
  void introspection_countsTowardsAliasesAndTokensOnly() {
    OperationAnalysis analysis = SCHEMA.of("{ s: __schema { t: types { name } } user { id } }");

    assertThat(analysis.aliases()).isEqualTo(2);
    assertThat(analysis.fields()).isEqualTo(2);
    assertThat(analysis.depth()).isEqualTo(2);
    assertThat(analysis.rootFields()).isEqualTo(1);
    assertThat(analysis.typeCost()).isEqualTo(2);
    assertThat(analysis.fieldCost()).isEqualTo(1);
  }

  @Test
  void introspection_twiceUnderTwoKeys_isRefusedAndMergedIsNot() {
    String twice =
        "{ __schema { queryType { name } } ...F } fragment F on Query { b: __schema { queryType { name } } }";
    String merged =
        "{ __schema { queryType { name } } ...F } fragment F on Query { __schema { queryType { kind } } }";

    assertThat(SCHEMA.violations(twice, BOUNDED))
        .extracting(violation -> violation.coordinate().orElseThrow())
        .containsExactly("Query.__schema");
    assertThat(SCHEMA.violations(merged, BOUNDED)).isEmpty();
  }

  @Test
  void introspection_fieldsWithinFields_isRefused() {
    String document = "{ __type(name: \"User\") { fields { type { fields { name } } } } }";

    assertThat(SCHEMA.violations(document, BOUNDED))
        .extracting(violation -> violation.coordinate().orElseThrow())
        .containsExactly("__Type.fields");
  }

  @Test
  void introspection_fourListsDeep_isRefusedAndThreeAreNot() {
    String three = "{ __schema { types { fields { args { type { name } } } } } }";
    String four = "{ __schema { types { fields { args { type { enumValues { name } } } } } } }";

    assertThat(SCHEMA.violations(three, BOUNDED)).isEmpty();
    assertThat(SCHEMA.violations(four, BOUNDED)).extracting(Violation::actual).containsExactly(4.0);
  }

  @Test
  void introspection_ofTypeSeventeenDeep_isRefusedAndSixteenAreNot() {
    assertThat(SCHEMA.violations(ofTypes(16), BOUNDED)).isEmpty();
    assertThat(SCHEMA.violations(ofTypes(17), BOUNDED))
        .extracting(violation -> violation.coordinate().orElseThrow())
        .containsExactly("__Type.ofType");
  }

  @Test
  void introspection_refusedAltogether_letsTypenamePass() {
    Limits refused = Limits.builder().introspection(Limits.Introspection.REFUSED).build();

    assertThat(SCHEMA.violations("{ __typename user { __typename } }", refused)).isEmpty();
    assertThat(
            SCHEMA.violations(
                "{ ...__schema } fragment __schema on Query { user { id } }", refused))
        .isEmpty();
    assertThat(SCHEMA.violations("{ ... { x: __type(name: \"User\") { name } } }", refused))
        .hasSize(1);
  }

  private static String ofTypes(int depth) {
    return "{ __type(name: \"User\") {"
        + " ofType {".repeat(depth)
        + " name"
        + " }".repeat(depth)
        + " } }";
  }

  @Test
  void introspection_onAQueryTypeBelowTheRoot_isBoundAndRefusedLikeAtTheRoot() {
    Analysed schema =
        Analysed.schema(
            """
            type Query { viewer: Query any: Any name: String }
            type Mutation { go: Payload }
            type Payload { query: Query }
            type Other { x: Other types: Int }
            union Any = Query | Other
            """);
    Limits refused = Limits.builder().introspection(Limits.Introspection.REFUSED).build();
    String below = "{ viewer { __schema { queryType { name } } } }";
    String payload = "mutation { go { query { __schema { queryType { name } } } } }";
    String shared =
        "{ any { ... on Other { x { types } } ... on Query { x: __type(name: \"A\") { name } } } }";
    String deep =
        "{ viewer { __schema { types { fields { args { type { enumValues { name } } } } } } } }";

    assertThat(List.of(below, payload, shared))
        .allSatisfy(document -> assertThat(schema.violations(document, refused)).hasSize(1));
    assertThat(schema.violations(below, BOUNDED)).isEmpty();
    assertThat(schema.violations(deep, BOUNDED)).hasSize(1);
    assertThat(schema.of(shared).fields()).isEqualTo(3);
  }

  @Test
  void introspection_onTheElementsOfAList_isRefused() {
    Analysed schema =
        Analysed.schema(
            """
            type Query { viewer: Query users: [User!]! one: User }
            type User { query: Query name: String }
            """);
    String look = "__schema { types { name } }";
    String condition = "query($s: Boolean!) { users { query @include(if: $s) { " + look + " } } }";

    assertThat(schema.violations("{ users { query { " + look + " } } }", BOUNDED))
        .extracting(violation -> violation.coordinate().orElseThrow())
        .containsExactly("Query.__schema");
    assertThat(
            schema.violations(
                "{ users { query { viewer { __type(name: \"User\") { name } } } } }", BOUNDED))
        .hasSize(1);
    assertThat(schema.violations("{ one { query { " + look + " } } users { name } }", BOUNDED))
        .isEmpty();
    assertThat(schema.violations("{ users { __typename query { __typename } } }", BOUNDED))
        .isEmpty();
    assertThat(schema.of(condition, Map.of("s", true), BOUNDED).violations()).hasSize(1);
    assertThat(schema.of(condition, Map.of("s", false), BOUNDED).violations()).isEmpty();
    String above =
        "query($s: Boolean!) { viewer @include(if: $s) { users { query { " + look + " } } } }";
    assertThat(schema.of(above, Map.of("s", false), BOUNDED).violations()).isEmpty();
  }
}
