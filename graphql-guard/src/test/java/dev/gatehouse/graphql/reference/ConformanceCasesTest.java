package dev.gatehouse.graphql.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.graphql.Analysis;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.OperationAnalysis;
import dev.gatehouse.graphql.cost.CostDirectives;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.schema.GraphQLSchema;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The published cost cases, to the number. */
class ConformanceCasesTest {
  @TestFactory
  Stream<DynamicTest> analysis_publishedCase_costsWhatIsPublished() {
    return Conformance.costCases()
        .map(each -> DynamicTest.dynamicTest(each.id(), () -> check(each)));
  }

  private static void check(Conformance.Case each) {
    GraphQLSchema schema = CostDirectives.schema(each.sdl());
    CostWeights weights = CostWeights.builder().defaultListSize(each.defaultListSize()).build();
    PlanCompiler compiler = PlanCompiler.of(schema, weights);

    Analysis answer =
        each.variables() == null
            ? OperationAnalysis.bound(
                compiler, each.operation(), each.operationName(), Map.of(), Limits.none())
            : OperationAnalysis.analyse(
                compiler, each.operation(), each.operationName(), each.variables(), Limits.none());

    assertThat(answer).isInstanceOf(OperationAnalysis.class);
    OperationAnalysis analysis = (OperationAnalysis) answer;
    assertThat(analysis.typeCost()).isEqualTo(each.typeCost());
    assertThat(analysis.fieldCost()).isEqualTo(each.fieldCost());
    assertThat(analysis.violations()).isEmpty();
  }
}
