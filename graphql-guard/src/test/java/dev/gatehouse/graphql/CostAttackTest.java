package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.graphql.plan.PlanCompiler;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks by what an operation costs; each is refused cold and warm, before any resolver. */
class CostAttackTest {
  private static final Limits TYPES = Limits.builder().typeCost(11).build();
  private static final Limits SLICED = Limits.builder().slicingArguments(true).build();

  private final AttackedServer server = new AttackedServer();

  private OperationAnalysis analysis(String text, Map<String, Object> variables) {
    Analysis answer =
        OperationAnalysis.analyse(
            PlanCompiler.of(server.schema()), text, null, variables, Limits.none());
    assertThat(answer).isInstanceOf(OperationAnalysis.class);
    return (OperationAnalysis) answer;
  }

  @Test
  void first_asLiteral_isPriced() {
    server.refuses("COST_LIMIT", TYPES, "{ users(first: 11) { name } }");
    server.allows(TYPES, "{ users(first: 10) { name } }");
  }

  @Test
  void first_asVariable_isPricedByItsValue() {
    String text = "query($n: Int) { users(first: $n) { name } }";

    server.refuses("COST_LIMIT", TYPES, text, Map.of("n", 11));
    server.allows(TYPES, text, Map.of("n", 10));
  }

  @Test
  void first_asOperationDefault_isPriced() {
    String text = "query($n: Int = 11) { users(first: $n) { name } }";

    server.refuses("COST_LIMIT", TYPES, text);
    server.allows(TYPES, text, Map.of("n", 10));
  }

  @Test
  void first_asSchemaDefault_isPriced() {
    server.refuses("COST_LIMIT", TYPES, "{ page { name } }");
    server.refuses("COST_LIMIT", TYPES, "query($n: Int) { page(first: $n) { name } }");
    server.refuses("COST_LIMIT", TYPES, "{ search(input: {}) { name } }");
    server.refuses("COST_LIMIT", TYPES, "{ search { name } }");
    server.allows(TYPES, "{ page(first: 3) { name } }");
  }

  @Test
  void first_explicitNull_isNoSize_andNoSliceWhereOneIsRequired() {
    assertThat(analysis("{ page(first: null) { name } }", Map.of()).typeCost()).isEqualTo(2);
    server.refuses("SLICING_ARGUMENT_REQUIRED", SLICED, "{ page(first: null) { name } }");
    server.refuses(
        "SLICING_ARGUMENT_REQUIRED",
        SLICED,
        "query($n: Int) { page(first: $n) { name } }",
        Collections.singletonMap("n", null));
  }

  @Test
  void first_zero_isNothing() {
    assertThat(analysis("{ users(first: 0) { friend { name } } }", Map.of()).typeCost())
        .isEqualTo(1);
  }

  @Test
  void first_negative_isAnError() {
    server.refuses(
        "SLICING_ARGUMENT_REQUIRED", Limits.none(), "{ users(first: -5) { name } costly }");
    server.refuses(
        "SLICING_ARGUMENT_REQUIRED",
        Limits.none(),
        "query($n: Int) { users(first: $n) { name } }",
        Map.of("n", -5));
  }

  @Test
  void first_largestNestedSixDeep_overflowsNothing() {
    String inner = "name";
    for (int i = 0; i < 6; i++) {
      inner = "friends(first: 2147483647) { " + inner + " }";
    }
    String text = "{ me { " + inner + " } }";

    assertThat(analysis(text, Map.of()).typeCost()).isGreaterThan(1e55);
    server.refuses("COST_LIMIT", Limits.builder().typeCost(1e9).build(), text);
    server.refuses("COST_LIMIT", Limits.builder().fieldCost(1e9).build(), text);
  }

  @Test
  void first_throughAWholeInputObjectVariable_isPriced() {
    String text = "query($in: Search) { search(input: $in) { name } }";

    server.refuses("COST_LIMIT", TYPES, text, Map.of("in", Map.of("first", 11)));
    server.refuses("COST_LIMIT", TYPES, text, Map.of("in", Map.of()));
    server.allows(TYPES, text, Map.of("in", Map.of("first", 10)));
  }

  @Test
  void firstAndLast_both_takeTheLarger_andAreRefusedWhereOneIsRequired() {
    String both = "{ users(first: 1, last: 11) { name } }";

    server.refuses("COST_LIMIT", TYPES, both);
    server.refuses("SLICING_ARGUMENT_REQUIRED", SLICED, both);
    server.allows(SLICED, "{ users(last: 3) { name } }");
  }

  @Test
  void slicingArgument_none_isRefusedWhereOneIsRequired() {
    server.refuses("SLICING_ARGUMENT_REQUIRED", SLICED, "{ users { name } }");
    server.refuses(
        "SLICING_ARGUMENT_REQUIRED", SLICED, "query($n: Int) { users(first: $n) { name } }");
  }

  @Test
  void ids_tenThousand_areATenThousandfold() {
    String ids = String.join(",", IntStream.range(0, 10_000).mapToObj(String::valueOf).toList());
    String text = "query($ids: [ID!]) { byIds(ids: $ids) { name } }";
    Map<String, Object> variables = Map.of("ids", IntStream.range(0, 10_000).boxed().toList());

    assertThat(analysis(text, variables).typeCost()).isEqualTo(10_001);
    server.refuses("COST_LIMIT", TYPES, text, variables);
    server.runsNothing(
        Limits.builder().listLength(100).build(), "{ byIds(ids: [" + ids + "]) { name } }");
    server.refuses("COST_LIMIT", TYPES, "{ byIds(ids: [1,2,3,4,5,6,7,8,9,10,11]) { name } }");
  }

  @Test
  void weights_negativeWithADuplicateKey_lowerNothingTwice() {
    Limits limits = Limits.builder().fieldCost(54).build();

    assertThat(analysis("{ cheap(off: 1) cheap(off: 1) cheap(off: 1) }", Map.of()).fieldCost())
        .isZero();
    server.refuses("COST_LIMIT", limits, "{ costly cheap a: cheap(off: 1) b: cheap(off: 1) }");
  }

  @Test
  void branches_ofAUnion_areTheDearestAndNotTheSum() {
    String text =
        "{ results { ... on User { friend { name } } ... on Group { members { name } owner { id } } }"
            + " }";

    OperationAnalysis analysis = analysis(text, Map.of());
    assertThat(analysis.fieldCost()).isEqualTo(1 + 10 * 31);
    assertThat(analysis.typeCost()).isEqualTo(1 + 10 * 3);
    server.refuses("COST_LIMIT", Limits.builder().fieldCost(310).build(), text);
    server.allows(Limits.builder().fieldCost(311).typeCost(31).build(), text);
  }

  @Test
  void interfaceField_onItsImplementations_isPricedAndBounded() {
    server.refuses(
        "FIELD_LIMIT",
        Limits.builder().calls("Node.owner", 1).build(),
        "{ node { owner { id } ... on User { a: owner { id } } } }");
    server.refuses(
        "FIELD_LIMIT",
        Limits.builder().calls("Group.owner", 1).build(),
        "{ node { owner { id } b: owner { id } } }");
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 500})
  void entities_manyRepresentations_areAManyfold(int count) {
    String text = "query($r: [_Any!]!) { _entities(representations: $r) { ... on User { name } } }";
    Map<String, Object> variables = new HashMap<>();
    variables.put("r", Collections.nCopies(count, "{}"));

    assertThat(analysis(text, variables).typeCost()).isEqualTo(count + 1);
    server.refuses("COST_LIMIT", TYPES, text, variables);
  }

  @Test
  void introspection_costsNothing_soItHasItsOwnBound() {
    OperationAnalysis analysis =
        analysis("{ __schema { types { fields { args { name } } } } }", Map.of());

    assertThat(analysis.typeCost()).isEqualTo(1);
    assertThat(analysis.fieldCost()).isZero();
    assertThat(analysis.depth()).isZero();
    assertThat(analysis.fields()).isZero();
    assertThat(analysis.rootFields()).isZero();
  }
}
