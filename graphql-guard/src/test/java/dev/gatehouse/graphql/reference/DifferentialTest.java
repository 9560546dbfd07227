package dev.gatehouse.graphql.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gatehouse.graphql.Analysis;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.OperationAnalysis;
import dev.gatehouse.graphql.Violation;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.language.Document;
import graphql.parser.Parser;
import graphql.schema.GraphQLSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * The engine beside the reference, on schemas and operations made at random: equal with a request's
 * variables, and never below it where they are left open.
 *
 * <p>{@code -Dgatehouse.differential.pairs=1000000} makes a long run of it, and {@code
 * -Dgatehouse.differential.seed=7} another one; a failure names the seed of its schema.
 */
class DifferentialTest {
  private static final int PAIRS = Integer.getInteger("gatehouse.differential.pairs", 20_000);
  private static final long SEED = Long.getLong("gatehouse.differential.seed", 1);
  private static final int OPERATIONS_A_SCHEMA = 100;
  private static final List<Double> LIST_SIZES = List.of(1.0, 2.0, 10.0, Double.POSITIVE_INFINITY);

  /** One operation on one schema, and what both say of it. */
  private record Pair(
      String name,
      PlanCompiler compiler,
      RandomOperation.Made made,
      Document document,
      double defaultListSize) {}

  @Test
  void engine_anyOperation_saysWhatTheReferenceSays() {
    int schemas = Math.max(1, PAIRS / OPERATIONS_A_SCHEMA);
    long first = SEED * 1_000_000;
    LongStream.range(first, first + schemas).parallel().forEach(DifferentialTest::checkSchema);
  }

  private static void checkSchema(long seed) {
    Random random = new Random(seed);
    String sdl = RandomSchema.sdl(random);
    GraphQLSchema schema = ReferenceTest.schema(sdl);
    double size = LIST_SIZES.get(random.nextInt(LIST_SIZES.size()));
    CostWeights weights = CostWeights.builder().defaultListSize(size).build();
    PlanCompiler compiler = PlanCompiler.of(schema, weights);
    int pairs = 0;
    while (pairs < OPERATIONS_A_SCHEMA) {
      RandomOperation.Made made = RandomOperation.make(schema, random);
      Document document = Parser.parse(made.text());
      if (RandomOperation.isValid(schema, document)) {
        pairs++;
        String name =
            "schema seed %d, lists of %s%n%s%n%s%n%s"
                .formatted(seed, size, sdl, made.text(), made.variables());
        check(new Pair(name, compiler, made, document, size), random);
      }
    }
  }

  private static void check(Pair pair, Random random) {
    Optional<Reference.Found> request = reference(pair, pair.made.variables());
    Limits limits = request.map(DifferentialTest::exact).orElse(Limits.none());
    Analysis answer =
        random.nextInt(4) == 0
            ? OperationAnalysis.analyse(
                pair.compiler, pair.made.text(), null, pair.made.variables(), limits)
            : analysis(pair, limits);
    if (request.isEmpty()) {
      assertThat(answer).as(pair.name).isInstanceOf(Analysis.Failed.class);
      assertThat(((Analysis.Failed) answer).code()).isEqualTo(Analysis.Code.SLICING_ARGUMENT);
      return;
    }
    assertThat(answer).as(pair.name).isInstanceOf(OperationAnalysis.class);
    equal(pair, request.get(), (OperationAnalysis) answer);
    if (random.nextInt(4) == 0) {
      judged(pair, request.get(), random);
    }
    if (pair.made.text().contains("(if: $") && random.nextBoolean()) {
      reference(pair, null).ifPresent(open -> notBelow(pair, open));
    }
  }

  private static Optional<Reference.Found> reference(Pair pair, Map<String, Object> variables) {
    try {
      return Optional.of(
          Reference.of(
              pair.compiler.schema(), pair.document, null, variables, pair.defaultListSize));
    } catch (ReferenceRefusal refusal) {
      return Optional.empty();
    }
  }

  private static void equal(Pair pair, Reference.Found right, OperationAnalysis engine) {
    SoftAssertions all = new SoftAssertions();
    all.assertThat(engine.typeCost()).as("typeCost").satisfies(c -> close(c, right.typeCost()));
    all.assertThat(engine.fieldCost()).as("fieldCost").satisfies(c -> close(c, right.fieldCost()));
    all.assertThat(engine.depth()).as("depth").isEqualTo(right.depth());
    all.assertThat(engine.fields()).as("fields").isEqualTo(right.fields());
    all.assertThat(engine.aliases()).as("aliases").isEqualTo(right.aliases());
    all.assertThat(engine.rootFields()).as("rootFields").isEqualTo(right.rootFields());
    all.assertThat(engine.directives()).as("directives").isEqualTo(right.directives());
    all.assertThat(engine.violations()).as("violations").isEmpty();
    all.assertThat(engine.tokens())
        .as("tokens")
        .isEqualTo(Tokens.count(pair.made.text()).getAsInt());
    if (!all.wasSuccess()) {
      throw new AssertionError(pair.name + "\n" + all.errorsCollected());
    }
  }

  // Sums of many products: the last digits depend on their order.
  private static void close(double engine, double right) {
    if (Double.isInfinite(right)) {
      assertThat(engine).isEqualTo(right);
    } else {
      assertThat(engine).isCloseTo(right, within(Math.max(1, Math.abs(right)) * 1e-9));
    }
  }

  /** What was found is within these limits, by nothing. */
  private static Limits exact(Reference.Found right) {
    return Limits.builder()
        .depth(right.depth())
        .fields(right.fields())
        .aliases(right.aliases())
        .rootFields(right.rootFields())
        .directives(right.directives())
        .slicingArguments(right.unsliced().isEmpty() && right.oversliced().isEmpty())
        .build();
  }

  private static void judged(Pair pair, Reference.Found right, Random random) {
    if (!right.calls().isEmpty()) {
      List<String> coordinates = List.copyOf(right.calls().keySet());
      String one = coordinates.get(random.nextInt(coordinates.size()));
      double calls = right.calls().get(one);
      double recursion = right.recursion().get(one);
      Limits below = Limits.builder().calls(one, calls - 1).recursion(one, recursion - 1).build();
      // An interface's field may count for all of its implementations: never less than they ran.
      List<Violation> over = violations(pair, below);
      assertThat(over).as(pair.name).extracting(Violation::limit).contains("calls", "recursion");
      assertThat(over)
          .as(pair.name)
          .allMatch(each -> each.actual() >= (each.limit().equals("calls") ? calls : recursion));
    }
    if (!right.unsliced().isEmpty()) {
      assertThat(violations(pair, Limits.builder().slicingArguments(true).build()))
          .as(pair.name)
          .allMatch(violation -> violation.limit().equals("slicingArguments"))
          .isNotEmpty();
    }
  }

  private static List<Violation> violations(Pair pair, Limits limits) {
    Analysis answer = analysis(pair, limits);
    assertThat(answer).as(pair.name).isInstanceOf(OperationAnalysis.class);
    return ((OperationAnalysis) answer).violations();
  }

  private static Analysis analysis(Pair pair, Limits limits) {
    return OperationAnalysis.analyse(
        pair.compiler, pair.document, null, pair.made.variables(), limits);
  }

  private static void notBelow(Pair pair, Reference.Found least) {
    Analysis answer =
        OperationAnalysis.bound(pair.compiler, pair.made.text(), null, Map.of(), Limits.none());
    assertThat(answer).as(pair.name).isInstanceOf(OperationAnalysis.class);
    OperationAnalysis bound = (OperationAnalysis) answer;
    double slack = 1 - 1e-9;
    SoftAssertions all = new SoftAssertions();
    all.assertThat(bound.typeCost())
        .as("typeCost")
        .isGreaterThanOrEqualTo(least.typeCost() * slack);
    all.assertThat(bound.fieldCost())
        .as("fieldCost")
        .isGreaterThanOrEqualTo(least.fieldCost() * slack);
    all.assertThat(bound.depth()).as("depth").isGreaterThanOrEqualTo(least.depth());
    all.assertThat(bound.fields()).as("fields").isGreaterThanOrEqualTo(least.fields());
    all.assertThat(bound.aliases()).as("aliases").isGreaterThanOrEqualTo(least.aliases());
    all.assertThat(bound.rootFields()).as("rootFields").isGreaterThanOrEqualTo(least.rootFields());
    all.assertThat(bound.directives()).as("directives").isEqualTo(least.directives());
    if (!all.wasSuccess()) {
      throw new AssertionError("bound of " + pair.name + "\n" + all.errorsCollected());
    }
  }
}
