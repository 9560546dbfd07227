package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Problems;
import dev.gatehouse.graphql.cost.CostWeights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsTest {
  @Test
  void json_eachKey_isRead() {
    Problems problems = new Problems();

    Limits limits =
        Limits.fromJson(
            Map.of(
                "depth",
                6,
                "typeCost",
                2.5,
                "calls",
                Map.of("Mutation.login", 1),
                "recursion",
                Map.of("User.friends", 3),
                "slicingArguments",
                true,
                "introspection",
                true),
            "limits",
            problems);

    problems.throwIfAny();
    assertThat(limits.depth()).isEqualTo(6);
    assertThat(limits.typeCost()).isEqualTo(2.5);
    assertThat(limits.calls()).containsExactly(Map.entry("Mutation.login", 1.0));
    assertThat(limits.recursion()).containsExactly(Map.entry("User.friends", 3.0));
    assertThat(limits.slicingArguments()).isTrue();
    assertThat(limits.introspection()).isEqualTo(Limits.Introspection.BOUNDED);
    assertThat(limits.fields()).isInfinite();
  }

  @Test
  void json_mistakes_areReportedWithTheirPaths() {
    Problems problems = new Problems();
    Map<String, Object> tree = new HashMap<>();
    tree.put("dept", 6);
    tree.put("fields", -1);
    tree.put("aliases", "many");
    tree.put("calls", Map.of("login", 1));

    Limits.fromJson(tree, "limits", problems);

    assertThatThrownBy(problems::throwIfAny)
        .hasMessageContaining("limits.dept")
        .hasMessageContaining("limits.fields")
        .hasMessageContaining("limits.aliases")
        .hasMessageContaining("limits.calls.login");
  }

  @Test
  void builder_negativeOrNotANumber_isRefused() {
    assertThatThrownBy(() -> Limits.builder().depth(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Limits.builder().depth(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Limits.builder().calls("login", 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void builder_afterBuild_changesNothing() {
    Limits.Builder builder = Limits.builder().depth(3);
    Limits built = builder.build();
    builder.depth(9).calls("Query.a", 1);

    assertThat(built.depth()).isEqualTo(3);
    assertThat(built.calls()).isEmpty();
    assertThat(built.toBuilder().fields(2).build().depth()).isEqualTo(3);
  }

  @Test
  void inputs_tooDeepOrLong_areViolations() {
    Analysed schema = Analysed.schema("scalar JSON type Query { q(v: JSON): Int }");
    Limits limits = Limits.builder().inputDepth(2).listLength(3).variableBytes(20).build();

    assertThat(names(schema.violations("{ q(v: [[[1]]]) }", limits))).containsExactly("inputDepth");
    assertThat(names(schema.violations("{ q(v: [1, 2, 3, 4]) }", limits)))
        .containsExactly("listLength");
    assertThat(
            names(
                schema
                    .of(
                        "query($v: JSON) { q(v: $v) }",
                        Map.of("v", List.of(1, 2, 3, List.of(List.of("a fairly long text")))),
                        limits)
                    .violations()))
        .containsExactly("variableBytes", "inputDepth", "listLength");
  }

  @Test
  void inputs_thatAVariableBringsIntoALiteral_areAsDeepAsBothTogether() {
    Analysed schema =
        Analysed.schema("input T { t: T l: [[Int]] } type Query { q(t: T, l: [[[Int]]]): Int }");
    Limits limits = Limits.builder().inputDepth(3).build();
    Map<String, ?> two = Map.of("t", Map.of("t", Map.of()), "l", List.of(List.of(1)));

    assertThat(schema.of("query($t: T) { q(t: {t: $t}) }", two, limits).violations()).isEmpty();
    assertThat(schema.of("query($t: T) { q(t: {t: {t: $t}}) }", two, limits).violations())
        .containsExactly(Violation.of("inputDepth", 3, 4));
    assertThat(schema.of("query($l: [[Int]]) { q(t: {t: {l: $l}}) }", two, limits).violations())
        .containsExactly(Violation.of("inputDepth", 3, 4));
    assertThat(
            schema
                .of("query($t: T = {t: {t: {}}}) { q(t: {t: $t}) }", Map.of(), limits)
                .violations())
        .containsExactly(Violation.of("inputDepth", 3, 4));
  }

  private static List<String> names(List<Violation> violations) {
    return violations.stream().map(Violation::limit).toList();
  }

  @Test
  void cost_thatIsNoNumber_exceedsItsLimit() {
    CostWeights weights =
        CostWeights.builder().inputField("I.a", 1.7e308).inputField("J.b", -1.7e308).build();
    Analysed schema =
        Analysed.schema(
            """
            type Query { f(i: [I], j: [J]): Int }
            input I { a: Int }
            input J { b: Int }
            """,
            weights);
    Limits limits = Limits.builder().fieldCost(1e9).build();

    assertThat(schema.violations("{ f(i: [{a: 1} {a: 1}], j: [{b: 1} {b: 1}]) }", limits))
        .extracting(Violation::limit)
        .containsExactly("fieldCost");
  }
}
