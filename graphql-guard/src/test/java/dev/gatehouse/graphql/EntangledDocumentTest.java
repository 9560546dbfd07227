package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.graphql.cost.CostDirectives;
import dev.gatehouse.graphql.plan.BudgetExceededException;
import dev.gatehouse.graphql.plan.DocumentCounts;
import dev.gatehouse.graphql.plan.PlanCache;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.language.Document;
import graphql.parser.Parser;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Small documents whose conditions multiply are answered by what is counted, not worked out. */
class EntangledDocumentTest {
  private static final int LEVELS = 16;

  @Test
  void conditionsThatMultiply_withinTheTokensOfStrict_areRefusedByTheirDirectives() {
    new AttackedServer().refuses("DIRECTIVE_LIMIT", Limits.strict(), multiplying());
  }

  @Test
  void conditionsThatMultiply_withoutALimit_areRefusedAsTooEntangled() {
    new AttackedServer().refuses("FIELD_LIMIT", Limits.none(), multiplying());
  }

  @Test
  void plan_documentTooEntangled_isNotWorkedOutAgain() {
    PlanCache cache = new PlanCache(compiler(), 1_000);
    Document document = Parser.parse(multiplying());
    List<DocumentCounts> counted = new ArrayList<>();

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> cache.plan(document, null, counted::add))
          .isInstanceOf(BudgetExceededException.class);
    }

    assertThat(counted).hasSize(3).allMatch(counts -> counts == counted.get(0));
    assertThat(counted.get(0).directives()).isEqualTo(2L * ((1 << LEVELS) - 1));
  }

  @Test
  void plan_countsThatDoNotPass_costsNoCompilation() {
    PlanCache cache = new PlanCache(compiler().maxSteps(0), 1_000);
    Document document = Parser.parse("{ name }");

    assertThatThrownBy(
            () ->
                cache.plan(
                    document,
                    null,
                    counts -> {
                      throw new IllegalStateException("over");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> cache.plan(document, null))
        .isInstanceOf(BudgetExceededException.class);
  }

  @Test
  void chainOfFragments_upToTheNestingThatIsAllowed_isServed() {
    AttackedServer server = new AttackedServer();

    server.allows(Limits.none(), chain(170, ""));
    server.allows(Limits.none(), chain(450, ""));
    // each of them spread from elsewhere too: as many searches for cycles, each as long
    server.allows(Limits.none(), chain(300, " ...F300"));
  }

  @Test
  void chainOfFragments_thatEndsInItself_isACycle() {
    AttackedServer server = new AttackedServer();

    server.runsNothing(Limits.none(), "{ me { ...F0 } } fragment F0 on User { ...F0 }");
    server.runsNothing(
        Limits.none(), chain(200, "").replace("F200 on User { name", "F200 on User { ...F7 name"));
  }

  private static PlanCompiler compiler() {
    return PlanCompiler.of(
        CostDirectives.schema(
            "type Query { me: User name: String } type User { name: String friend: User }"));
  }

  private static String multiplying() {
    StringBuilder variables = new StringBuilder();
    StringBuilder fragments = new StringBuilder();
    for (int i = 0; i < LEVELS; i++) {
      variables.append("$a%d: Boolean = true $b%d: Boolean = true ".replace("%d", "" + i));
      fragments.append(
          " fragment F%d on User { ...F%n @include(if: $a%d) ...F%n @include(if: $b%d) }"
              .replace("%d", "" + i)
              .replace("%n", "" + (i + 1)));
    }
    return "query("
        + variables
        + ") { me { ...F0 } }"
        + fragments
        + " fragment F16 on User { name }";
  }

  private static String chain(int length, String beside) {
    StringBuilder document = new StringBuilder("{ me { ...F0 } }");
    for (int i = 0; i < length; i++) {
      document.append(" fragment F" + i + " on User { ...F" + (i + 1) + beside + " }");
    }
    return document.append(" fragment F" + length + " on User { name }").toString();
  }
}
