package dev.gatehouse.graphql.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gatehouse.graphql.Analysis;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.OperationAnalysis;
import dev.gatehouse.graphql.cost.CostDirectives;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.language.Document;
import graphql.parser.Parser;
import graphql.schema.GraphQLSchema;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Any text as a document, any JSON as variables: an answer, the same each time, and the reference's
 * own where the reference can give one in time.
 */
class CostFuzzTest {
  private static final String SDL =
      """
      type Query @cost(weight: "0") {
        me: User
        users(first: Int, last: Int = 2): [User]
          @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
        search(in: Search = {first: 20} @cost(weight: "-3")): [[Result]]
          @listSize(assumedSize: 4, slicingArguments: ["in.first", "in.ids"])
        page(first: Int = 3): Page @listSize(slicingArguments: ["first"], sizedFields: ["users"])
        node: Node
      }
      type Mutation { login(name: String): Boolean @cost(weight: "9") }
      interface Node { id: ID next: Node }
      type User implements Node { id: ID next: Node name: Text friends(first: Int): [User] }
      type Group implements Node @cost(weight: "-2") { id: ID next: Node users: [User!]! }
      type Page { users: [User] n: Int }
      union Result = User | Group
      scalar Text @cost(weight: "0.5")
      input Search { first: Int ids: [ID] = [1] deep: Search on: Boolean @cost(weight: "4") }
      directive @mark(level: Int = 1 @cost(weight: "2")) repeatable on FIELD | INLINE_FRAGMENT
        | FRAGMENT_SPREAD | FRAGMENT_DEFINITION | QUERY
      """;
  private static final String MANY_VARIABLES =
      """
      query($n: Int = 3, $in: Search, $on: Boolean! = true, $ids: [ID!]) {
        users(first: $n) @include(if: $on) { name friends(first: $n) { id } }
        search(in: $in) { ... on User @skip(if: $on) { next { id } } ... on Group { id } }
        two: search(in: {first: $n, ids: $ids, deep: {on: $on}}) { __typename }
      }
      """;
  private static final String SECRET = "own-value-that-nobody-may-see";
  private static final int SMALL = 600;
  private static final int FEW_FIELDS = 60;

  private final GraphQLSchema schema = CostDirectives.schema(SDL);
  private final PlanCompiler compiler = PlanCompiler.of(schema);

  @FuzzTest(maxDuration = "10m")
  void document_anyText_isAnalysedAsTheReferenceDoesOrRefused(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);

    Analysis answer = OperationAnalysis.analyse(compiler, text, null, Map.of(), Limits.none());
    Analysis open = OperationAnalysis.bound(compiler, text, null, Map.of(), Limits.none());

    checked(answer);
    checked(open);
    OperationAnalysis.analyse(compiler, text, null, Map.of(), Limits.strict()).toJson();
    if (answer instanceof OperationAnalysis analysis) {
      assertThat(OperationAnalysis.analyse(compiler, text, null, Map.of(), Limits.none()))
          .isEqualTo(analysis);
      assertThat(open).isInstanceOf(OperationAnalysis.class);
      compared(text, Map.of(), analysis);
    }
  }

  @FuzzTest(maxDuration = "10m")
  void variables_anyJson_areCoercedAsTheReferenceDoesOrRefused(byte[] input) {
    Map<String, Object> variables;
    try {
      variables = new JsonObject(new String(input, StandardCharsets.UTF_8)).getMap();
    } catch (DecodeException | ClassCastException noObject) {
      return;
    }
    variables.put("undeclared", SECRET);

    Analysis answer =
        OperationAnalysis.analyse(compiler, MANY_VARIABLES, null, variables, Limits.none());

    checked(answer);
    OperationAnalysis.analyse(compiler, MANY_VARIABLES, null, variables, Limits.strict()).toJson();
    if (answer instanceof OperationAnalysis analysis) {
      compared(MANY_VARIABLES, variables, analysis);
    }
  }

  private static void checked(Analysis answer) {
    if (answer instanceof Analysis.Failed failed) {
      assertThat(failed.message()).isNotBlank().doesNotContain(SECRET);
      return;
    }
    OperationAnalysis analysis = (OperationAnalysis) answer;
    assertThat(analysis.typeCost()).isNotNaN().isNotNegative();
    assertThat(analysis.fieldCost()).isNotNaN().isNotNegative();
    assertThat(analysis.depth()).isLessThanOrEqualTo(analysis.fields());
    assertThat(analysis.rootFields()).isLessThanOrEqualTo(analysis.fields());
    assertThat(analysis.violations()).isEmpty();
  }

  private void compared(String text, Map<String, Object> variables, OperationAnalysis analysis) {
    if (text.length() > SMALL || analysis.fields() > FEW_FIELDS) {
      return;
    }
    Document document = Parser.parse(text);
    Reference.Found right = Reference.of(schema, document, null, variables, 1);
    assertThat(analysis.typeCost())
        .isCloseTo(right.typeCost(), within(1e-6 * (1 + right.typeCost())));
    assertThat(analysis.fieldCost())
        .isCloseTo(right.fieldCost(), within(1e-6 * (1 + right.fieldCost())));
    assertThat(analysis.depth()).isEqualTo(right.depth());
    assertThat(analysis.fields()).isEqualTo(right.fields());
    assertThat(analysis.aliases()).isEqualTo(right.aliases());
    assertThat(analysis.directives()).isEqualTo(right.directives());
    Tokens.count(text).ifPresent(tokens -> assertThat(analysis.tokens()).isEqualTo(tokens));
  }
}
