package dev.gatehouse.graphql.cost;

import static graphql.Scalars.GraphQLInt;
import static graphql.Scalars.GraphQLString;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.graphql.Analysed;
import dev.gatehouse.graphql.Analysis;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.OperationAnalysis;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.introspection.Introspection.DirectiveLocation;
import graphql.schema.GraphQLDirective;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLList;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLTypeReference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each rule of the IBM cost specification with a schema of its own. */
class CostRulesTest {
  @Test
  void defaults_objectsWeighOneAndLeavesNothing() {
    costs(of("type Query { a: A n: Int } type A { b: Int }", "{ a { b } n }"), 2, 1);
  }

  @Test
  void list_ownCallOnce_childrenTimesItsSize() {
    Analysed schema =
        schema(
            "type Query { a: [A] @listSize(assumedSize: 4) @cost(weight: \"3\") }"
                + " type A { b: Int @cost(weight: \"2\") }");

    costs(schema.of("{ a { b } }"), 1 + 4, 3 + 4 * 2);
  }

  @Test
  void list_ofWeighedScalars_countsEachValue() {
    costs(
        of(
            "scalar T @cost(weight: \"2\") type Query { a: [T] @listSize(assumedSize: 4) }",
            "{ a }"),
        1 + 8,
        0);
  }

  @Test
  void list_ofLists_multipliesTheInnerByTheDefault() {
    Analysed schema =
        Analysed.schema(
            "type Query { a: [[A]] @listSize(assumedSize: 3) } type A { b: Int }",
            CostWeights.builder().defaultListSize(5).build());

    costs(schema.of("{ a { b } }"), 1 + 15, 1);
  }

  @Test
  void unsizedList_ofInfiniteDefault_isInfiniteAndNothingTimesInfinityIsNothing() {
    Analysed schema =
        Analysed.schema(
            "type Query { a: [A] s: [Int] z: [A] @listSize(assumedSize: 0) } type A { b: Int c: [A] }",
            CostWeights.builder().defaultListSize(Double.POSITIVE_INFINITY).build());

    costs(schema.of("{ a { b } }"), Double.POSITIVE_INFINITY, 1);
    costs(schema.of("{ s }"), 1, 0);
    costs(schema.of("{ z { c { b } } }"), 1, 1);
  }

  @Test
  void slicing_largestOfSeveral_winsOverTheAssumedSize() {
    Analysed schema =
        schema(
            "type Query { a(first: Int, last: Int): [A] @listSize(assumedSize: 9,"
                + " slicingArguments: [\"first\", \"last\"], requireOneSlicingArgument: false) }"
                + " type A { b: Int }");

    costs(schema.of("{ a(first: 2, last: 3) { b } }"), 4, 1);
    costs(schema.of("{ a(first: null) { b } }"), 10, 1);
    costs(schema.of("{ a { b } }"), 10, 1);
    costs(schema.of("{ a(first: 0) { b } }"), 1, 1);
  }

  @Test
  void slicing_byAPathIntoAnInputObject_readsLiteralsVariablesAndDefaults() {
    Analysed schema =
        schema(
            "input Page { first: Int = 3 } type Query { a(page: Page): [A]"
                + " @listSize(slicingArguments: [\"page.first\"]) } type A { b: Int }");

    costs(schema.of("{ a(page: {first: 5}) { b } }"), 6, 2);
    costs(schema.of("{ a(page: {}) { b } }"), 4, 2);
    costs(
        schema.of("query($p: Page) { a(page: $p) { b } }", Map.of("p", Map.of("first", 7))), 8, 2);
    costs(schema.of("query($n: Int) { a(page: {first: $n}) { b } }", Map.of("n", 2)), 3, 2);
    costs(schema.of("query($n: Int) { a(page: {first: $n}) { b } }"), 4, 2);
  }

  @Test
  void slicing_byAListArgument_takesItsLength() {
    Analysed schema =
        schema(
            "type Query { a(ids: [ID]): [A] @listSize(slicingArguments: [\"ids\"]) } type A { b: Int }");

    costs(schema.of("{ a(ids: [1, 2, 3]) { b } }"), 4, 1);
    costs(schema.of("{ a(ids: 7) { b } }"), 2, 1);
    costs(schema.of("query($i: [ID]) { a(ids: $i) { b } }", Map.of("i", List.of(1, 2))), 3, 1);
  }

  @Test
  void slicing_negativeValue_isAnErrorAlsoByVariable() {
    Analysed schema =
        schema(
            "type Query { a(first: Int): [A] @listSize(slicingArguments: [\"first\"]) } type A { b: Int }");

    assertThat(schema.failure("{ a(first: -5) { b } }", Map.of()).code())
        .isEqualTo(Analysis.Code.SLICING_ARGUMENT);
    assertThat(schema.failure("query($n: Int) { a(first: $n) { b } }", Map.of("n", -1)).code())
        .isEqualTo(Analysis.Code.SLICING_ARGUMENT);
    costs(schema.of("{ a(first: -5) @skip(if: true) { b } n: __typename }"), 1, 0);
  }

  @Test
  void slicing_requiredOne_isJudgedOnlyWhereLimitsSaySo() {
    Analysed schema =
        schema(
            "type Query { a(first: Int, last: Int): [A] @listSize(slicingArguments: [\"first\", \"last\"])"
                + " d(first: Int = 2): [A] @listSize(slicingArguments: [\"first\"]) } type A { b: Int }");
    Limits required = Limits.builder().slicingArguments(true).build();

    assertThat(schema.violations("{ a { b } }", Limits.none())).isEmpty();
    assertThat(schema.violations("{ a { b } }", required)).hasSize(1);
    assertThat(schema.violations("{ a(first: 1, last: 1) { b } }", required)).hasSize(1);
    assertThat(schema.violations("{ a(last: 1) { b } d { b } }", required)).isEmpty();
  }

  @Test
  void slicing_ofOneFieldInManyPlaces_isEachByItsOwnVariable() {
    Analysed schema =
        schema(
            "type Query { a(first: Int = 5, last: Int): [A]"
                + " @listSize(slicingArguments: [\"first\", \"last\"], requireOneSlicingArgument: false)"
                + " d(first: Int = 2, last: Int): [A]"
                + " @listSize(slicingArguments: [\"first\", \"last\"]) } type A { b: Int }");
    String lists =
        "query($m: Int, $n: Int) { x: NAME(first: $m) { b } y: NAME(first: $n) { b }"
            + " z: NAME(first: $m) { b } v: NAME(last: $n, first: null) { b } w: NAME { b }"
            + " u: NAME(first: 5) { b } }";
    Map<String, Object> sizes = Map.of("m", 10, "n", 100);

    costs(schema.of(lists.replace("NAME", "a"), sizes), 1 + 10 + 100 + 10 + 100 + 5 + 5, 6);
    costs(schema.of(lists.replace("NAME", "a"), Map.of("m", 10)), 1 + 10 + 5 + 10 + 1 + 5 + 5, 6);
    Limits required = Limits.builder().slicingArguments(true).build();
    assertThat(schema.of(lists.replace("NAME", "d"), sizes, required).violations()).isEmpty();
    String both =
        "query($m: Int, $n: Int) { x: d(first: $m) { b } y: d(first: $m, last: $n) { b } }";
    assertThat(schema.of(both, sizes, required).violations()).hasSize(1);
    assertThat(schema.of(both, Map.of("m", 1), required).violations()).isEmpty();
  }

  @Test
  void sizedFields_moveTheSizeToTheNamedChildOnly() {
    Analysed schema =
        schema(
            "type Query { a(first: Int): C @listSize(slicingArguments: [\"first\"], sizedFields: [\"e\"]) }"
                + " type C { e: [A] o: [A] } type A { b: Int }");

    costs(
        schema.of("{ a(first: 6) { x: e { b } ...F } } fragment F on C { o { b } }"),
        1 + 1 + 6 + 1,
        3);
  }

  @Test
  void types_exclusive_takeTheLargestEachForItself() {
    Analysed schema =
        schema(
            "union U = A | B type Query { u: U } type A @cost(weight: \"5\") { x: Int }"
                + " type B { y: Int @cost(weight: \"9\") }");

    costs(schema.of("{ u { ... on A { x } ... on B { y } } }"), 1 + 5, 1 + 9);
  }

  @Test
  void types_overAnInterface_takeEachTypesOwnWeights() {
    Analysed schema =
        schema(
            "interface I { x: Int } type A implements I { x: Int @cost(weight: \"2\") }"
                + " type B implements I { x: Int @cost(weight: \"7\") } type Query { i: I }");

    costs(schema.of("{ i { x } }"), 2, 1 + 7);
    costs(schema.of("{ i { ... on A { x } } }"), 2, 1 + 2);
  }

  @Test
  void types_weightOnTheInterfacesField_holdsForTypesWithoutOne() {
    Analysed schema =
        schema(
            "interface I { x: Int @cost(weight: \"4\") } type A implements I { x: Int }"
                + " type Query { a: A }");

    costs(schema.of("{ a { x } }"), 2, 1 + 4);
  }

  @Test
  void negativeWeights_clampAtTheFieldAndTheResult() {
    Analysed schema =
        schema(
            "type Query { a(x: Int @cost(weight: \"-9\")): A @cost(weight: \"2\") n: Int @cost(weight: \"3\") }"
                + " type A @cost(weight: \"-7\") { t: T } scalar T @cost(weight: \"5\")");

    costs(schema.of("{ a(x: 1) { t } n }"), 1, 3);
  }

  @Test
  void directives_repeatedOnAMergedField_discountOnce() {
    Analysed schema =
        schema(
            "directive @cheap(by: Int @cost(weight: \"-2\")) on FIELD"
                + " directive @dear(by: Int @cost(weight: \"4\")) on FIELD"
                + " type Query { n: Int @cost(weight: \"9\") }");

    costs(schema.of("{ n @cheap(by: 1) }"), 1, 7);
    costs(schema.of("{ n @cheap(by: 1) n @cheap(by: 1) n @cheap(by: 1) }"), 1, 7);
    costs(schema.of("{ n n @cheap(by: 1) }"), 1, 9);
    costs(schema.of("{ n @dear(by: 1) n @dear(by: 1) n @cheap(by: 1) }"), 1, 17);
  }

  @Test
  void arguments_objectsAndTheirDefaults_areCharged() {
    Analysed schema =
        schema(
            "input F { a: Int @cost(weight: \"2\") n: F d: Int = 1 @cost(weight: \"3\") }"
                + " type Query { q(f: F, l: [F]): Int }");

    costs(schema.of("{ q }"), 1, 0);
    costs(schema.of("{ q(f: {a: 1}) }"), 1, 1 + 2 + 3);
    costs(schema.of("{ q(f: {n: {a: null}}) }"), 1, 1 + 3 + 1 + 2 + 3);
    costs(schema.of("{ q(l: [{a: 1}, {}]) }"), 1, 1 + 2 + 3 + 3);
    costs(schema.of("query($f: F) { q(f: $f) }", Map.of("f", Map.of("a", 1))), 1, 6);
    costs(schema.of("query($f: F) { q(f: $f) }"), 1, 0);
  }

  @Test
  void weights_fromJava_winOverDirectives() {
    Analysed schema =
        Analysed.schema(
            "type Query { a(n: Int): [A] @cost(weight: \"1\") } type A { b: Int }",
            CostWeights.builder()
                .field("Query.a", 10)
                .argument("Query.a", "n", 2)
                .type("A", 3)
                .listSize("Query.a", ListSize.slicedBy("n"))
                .build());

    costs(schema.of("{ a(n: 4) { b } }"), 1 + 12, 12);
  }

  @Test
  void weights_asNumbers_areReadLikeTexts() {
    costs(
        of("type Query { a: Int @cost(weight: 2) b: Int @cost(weight: 0.5) }", "{ a b }"), 1, 2.5);
  }

  @Test
  @SuppressWarnings("deprecation") // schemas are still made that way
  void weights_ofASchemaMadeInJava_areReadInEitherForm() {
    GraphQLDirective cost =
        GraphQLDirective.newDirective()
            .name("cost")
            .argument(weight -> weight.name("weight").type(GraphQLString).valueProgrammatic("50"))
            .validLocations(DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT)
            .build();
    GraphQLDirective size =
        GraphQLDirective.newDirective()
            .name("listSize")
            .argument(
                by ->
                    by.name("slicingArguments")
                        .type(GraphQLList.list(GraphQLString))
                        .valueProgrammatic(List.of("first")))
            .validLocation(DirectiveLocation.FIELD_DEFINITION)
            .build();
    for (boolean isOlder : new boolean[] {true, false}) {
      GraphQLObjectType.Builder item =
          GraphQLObjectType.newObject().name("Item").field(id -> id.name("id").type(GraphQLString));
      GraphQLFieldDefinition.Builder items =
          GraphQLFieldDefinition.newFieldDefinition()
              .name("items")
              .type(GraphQLList.list(GraphQLTypeReference.typeRef("Item")))
              .argument(first -> first.name("first").type(GraphQLInt));
      GraphQLFieldDefinition.Builder dear =
          GraphQLFieldDefinition.newFieldDefinition().name("dear").type(GraphQLInt);
      if (isOlder) {
        item.withDirective(cost);
        items.withDirective(size);
        dear.withDirective(cost);
      } else {
        item.withAppliedDirective(cost.toAppliedDirective());
        items.withAppliedDirective(size.toAppliedDirective());
        dear.withAppliedDirective(cost.toAppliedDirective());
      }
      GraphQLSchema schema =
          GraphQLSchema.newSchema()
              .query(GraphQLObjectType.newObject().name("Query").field(items).field(dear).build())
              .additionalType(item.build())
              .additionalDirective(cost)
              .additionalDirective(size)
              .build();
      Analysis answer =
          OperationAnalysis.analyse(
              PlanCompiler.of(schema),
              "{ dear items(first: 3) { id } }",
              null,
              Map.of(),
              Limits.none());

      costs((OperationAnalysis) answer, 1 + 3 * 50, 50 + 1);
    }
  }

  @Test
  void weights_notANumberOrInfinite_areRefused() {
    assertThatThrownBy(() -> of("type Query { a: Int @cost(weight: \"dear\") }", "{ a }"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Query.a");
    assertThatThrownBy(() -> of("type Query { a: Int @cost(weight: \"Infinity\") }", "{ a }"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sizes_sixDeepOfTheLargestInt_neverWrap() {
    Analysed schema =
        schema(
            "type Query { a: A } type A { l(first: Int): [A] @listSize(slicingArguments: [\"first\"]) b: Int }");
    String open = "l(first: 2147483647) { ".repeat(6);

    OperationAnalysis analysis = schema.of("{ a { " + open + "b" + " }".repeat(6) + " } }");

    assertThat(analysis.typeCost()).isGreaterThan(9e55);
  }

  @Test
  void bound_withoutAValue_takesBothWaysTheSameEverywhere() {
    Analysed schema = schema("type Query { l: A r: A } type A { c: Int @cost(weight: \"10\") }");
    String document = "query($x: Boolean!) { l { c @include(if: $x) } r { c @skip(if: $x) } }";

    Analysis bound =
        OperationAnalysis.bound(schema.compiler(), document, null, Map.of(), Limits.none());

    costs((OperationAnalysis) bound, 3, 12);
  }

  private static Analysed schema(String sdl) {
    return Analysed.schema(sdl);
  }

  private static OperationAnalysis of(String sdl, String document) {
    return schema(sdl).of(document);
  }

  private static void costs(OperationAnalysis analysis, double type, double field) {
    assertThat(analysis.typeCost()).as("type cost").isEqualTo(type);
    assertThat(analysis.fieldCost()).as("field cost").isEqualTo(field);
  }
}
