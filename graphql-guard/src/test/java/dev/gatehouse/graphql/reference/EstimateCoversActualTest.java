package dev.gatehouse.graphql.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.graphql.Analysis;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.OperationAnalysis;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.language.Document;
import graphql.parser.Parser;
import graphql.schema.GraphQLSchema;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * No execution costs more than it was estimated at, whatever the data, as long as no list is longer
 * than the schema says.
 *
 * <p>{@code -Dgatehouse.executions=100000} makes a long run of it, and {@code
 * -Dgatehouse.executions.seed=7} another one.
 */
class EstimateCoversActualTest {
  private static final int EXECUTIONS = Integer.getInteger("gatehouse.executions", 5_000);
  private static final long SEED = Long.getLong("gatehouse.executions.seed", 1);
  private static final int OPERATIONS_A_SCHEMA = 50;
  private static final List<Double> LIST_SIZES = List.of(1.0, 2.0, 3.0, Double.POSITIVE_INFINITY);

  private final LongAdder calls = new LongAdder();
  private final LongAdder reached = new LongAdder();

  @Test
  void execution_onAnyData_costsNoMoreThanItsEstimate() {
    int schemas = Math.max(1, EXECUTIONS / OPERATIONS_A_SCHEMA);
    long first = SEED * 1_000_000;

    LongStream.range(first, first + schemas).parallel().forEach(this::runSchema);

    // An estimate that is never reached, or executions that run nothing, would show nothing.
    assertThat(reached.sum()).isGreaterThan(EXECUTIONS / 20);
    assertThat(calls.sum()).isGreaterThan(EXECUTIONS * 3L);
  }

  private void runSchema(long seed) {
    Random random = new Random(seed);
    String sdl = RandomSchema.sdl(random);
    double size = LIST_SIZES.get(random.nextInt(LIST_SIZES.size()));
    CountedExecution execution = new CountedExecution(sdl, size);
    GraphQLSchema schema = execution.schema();
    CostWeights weights = CostWeights.builder().defaultListSize(size).build();
    PlanCompiler compiler = PlanCompiler.of(schema, weights);
    int executions = 0;
    while (executions < OPERATIONS_A_SCHEMA) {
      RandomOperation.Made made = RandomOperation.make(schema, random);
      Document document = Parser.parse(made.text());
      if (!RandomOperation.isValid(schema, document)
          || !(OperationAnalysis.analyse(compiler, document, null, made.variables(), Limits.none())
              instanceof OperationAnalysis estimate)) {
        continue;
      }
      CountedExecution.Actual actual = execution.run(document, made, random);
      String name =
          "schema seed %d, lists of %s%n%s%n%s%n%s"
              .formatted(seed, size, sdl, made.text(), made.variables());
      covers(name, estimate, actual);
      executions++;
      calls.add(actual.calls());
      reached.add(estimate.fieldCost() == actual.fieldCost() ? 1 : 0);
    }
  }

  private static void covers(
      String name, OperationAnalysis estimate, CountedExecution.Actual actual) {
    double slack = 1 + 1e-9;
    assertThat(actual.typeCost())
        .as("type cost of " + name)
        .isLessThanOrEqualTo(estimate.typeCost() * slack);
    assertThat(actual.fieldCost())
        .as("field cost of " + name)
        .isLessThanOrEqualTo(estimate.fieldCost() * slack);
  }

  /** Kept where a mistake of the harness could hide: what runs is what the analysis saw. */
  @Test
  void execution_ofAPlainOperation_isCountedToTheNumber() {
    String sdl =
        """
        directive @cost(weight: String!) on FIELD_DEFINITION | OBJECT
        directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
          requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
        scalar Heavy
        type Query { one: A! many(first: Int): [A!]! @listSize(slicingArguments: ["first"]) }
        type A @cost(weight: "3") { x: Int! @cost(weight: "2") }
        """;
    CountedExecution execution = new CountedExecution(sdl, 1);
    RandomOperation.Made made = new RandomOperation.Made("{ one { x } }", java.util.Map.of());

    CountedExecution.Actual actual = execution.run(Parser.parse(made.text()), made, new Random(3));

    assertThat(actual.errors()).isEmpty();
    assertThat(actual.typeCost()).isEqualTo(4);
    assertThat(actual.fieldCost()).isEqualTo(3);
    Analysis estimate =
        OperationAnalysis.analyse(
            PlanCompiler.of(execution.schema()),
            made.text(),
            null,
            made.variables(),
            Limits.none());
    assertThat(((OperationAnalysis) estimate).fieldCost()).isEqualTo(3);
  }
}
