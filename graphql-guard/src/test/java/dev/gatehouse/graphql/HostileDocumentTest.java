package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was written to exhaust time or stack is answered within both; on a stack of 512 kB. */
@Timeout(120)
class HostileDocumentTest {
  private static final long STACK_BYTES = 512 << 10;
  private static final Analysed SCHEMA =
      Analysed.schema(
          """
          interface Node { id: ID! a: Node b: Node }
          type User implements Node {
            id: ID! a: Node b: Node name(x: In): String
            friends(first: Int): [User] @listSize(slicingArguments: ["first"])
          }
          type Post implements Node { id: ID! a: Node b: Node }
          input In { a: In l: [In] j: JSON = 1 }
          scalar JSON
          type Query { user: User node: Node json(v: JSON): Int }
          """);

  @Test
  void chainOfTenThousandFragments_withoutALimit_isOutOfBudget() {
    assertThat(failed(chain(10_000, i -> "{ friends { ...F" + (i + 1) + " } }")))
        .isEqualTo(Analysis.Code.BUDGET);
    assertThat(failed(chain(10_000, i -> "{ ...F" + (i + 1) + " }")))
        .isEqualTo(Analysis.Code.BUDGET);
  }

  @Test
  void chainOfTenThousandFragments_beyondALimit_isAnsweredWithItsDepth() {
    String document = chain(10_000, i -> "{ friends { ...F" + (i + 1) + " } }");

    OperationAnalysis answer =
        (OperationAnalysis) analyse(document, Map.of(), Limits.builder().depth(10).build());

    assertThat(answer.violations()).containsExactly(Violation.of("depth", 10, 10_002));
  }

  @Test
  void chainOfAHundredFragments_isAnalysed() {
    Analysis answer =
        analyse(chain(100, i -> "{ friends { ...F" + (i + 1) + " } }"), Map.of(), Limits.none());

    assertThat(answer).isInstanceOf(OperationAnalysis.class);
  }

  @Test
  void chainOfFourHundredAndFiftyFragments_thatNestNoFields_isAnalysed() {
    OperationAnalysis answer =
        (OperationAnalysis)
            analyse(chain(450, i -> "{ ...F" + (i + 1) + " }"), Map.of(), Limits.none());

    assertThat(answer.depth()).isEqualTo(2);
  }

  @Test
  void fragments_thatEachSpreadAHundredOthers_areAnsweredInTime() {
    Analysis answer =
        analyse(
            chain(
                400,
                i ->
                    IntStream.range(1, 101)
                        .mapToObj(next -> "...F" + Math.min(400, i + next))
                        .collect(Collectors.joining(" ", "{ ", " }"))),
            Map.of(),
            Limits.none());

    assertThat(((OperationAnalysis) answer).fields()).isEqualTo(2);
  }

  @Test
  void cycleOfTenThousandFragments_isInvalid() {
    assertThat(failed(chain(10_000, i -> "{ friends { ...F" + (i + 1) % 10_000 + " } }")))
        .isEqualTo(Analysis.Code.VALIDATION);
    assertThat(failed("{ user { ...F } } fragment F on User { ...F }"))
        .isEqualTo(Analysis.Code.VALIDATION);
  }

  @Test
  void duplicateFields_tenThousand_areOne() {
    OperationAnalysis answer =
        (OperationAnalysis)
            analyse("{" + "user { id } ".repeat(10_000) + "}", Map.of(), Limits.none());

    assertThat(answer.fields()).isEqualTo(2);
  }

  @Test
  void brackets_fiveThousandDeep_areOutOfBudget() {
    assertThat(failed("{ json(v: " + "[".repeat(5_000) + "]".repeat(5_000) + ") }"))
        .isEqualTo(Analysis.Code.BUDGET);
    assertThat(
            failed("{ user { name(x: " + "{a: ".repeat(5_000) + "{}" + "}".repeat(5_000) + ") } }"))
        .isEqualTo(Analysis.Code.BUDGET);
    assertThat(failed("{ user " + "{ friends ".repeat(5_000))).isEqualTo(Analysis.Code.BUDGET);
  }

  @Test
  void brackets_closeToTheBound_areAnalysedOrRefusedNotOverflowing() {
    for (int depth : new int[] {150, 390}) {
      String fields = "{ user " + "{ friends ".repeat(depth) + "{ id }" + "}".repeat(depth) + "}";
      String list = "{ json(v: " + "[".repeat(depth) + "]".repeat(depth) + ") }";

      assertThat(analyse(fields, Map.of(), Limits.none())).isNotNull();
      assertThat(analyse(list, Map.of(), Limits.none())).isNotNull();
    }
  }

  @Test
  void variables_fiveThousandDeepOrEndless_areRefused() {
    Object list = 1;
    Map<String, Object> object = Map.of();
    for (int i = 0; i < 5_000; i++) {
      list = List.of(list);
      object = Map.of("a", object);
    }
    Map<String, Object> endless = new HashMap<>();
    endless.put("a", endless);

    String json = "query($v: JSON) { json(v: $v) }";
    String input = "query($v: In) { user { name(x: $v) } }";
    assertThat(failed(json, Map.of("v", list))).isEqualTo(Analysis.Code.VARIABLES);
    assertThat(failed(input, Map.of("v", object))).isEqualTo(Analysis.Code.VARIABLES);
    assertThat(failed(input, Map.of("v", endless))).isEqualTo(Analysis.Code.VARIABLES);
  }

  @Test
  void megabyte_ofNothing_isAnalysed() {
    for (String filler :
        List.of(",".repeat(1 << 20), " ".repeat(1 << 20), "#" + "x".repeat(1 << 20) + "\n")) {
      assertThat(analyse("{ user { id " + filler + "} }", Map.of(), Limits.none()))
          .isInstanceOf(OperationAnalysis.class);
    }
  }

  @Test
  void megabyte_ofByteOrderMarks_isOutOfBudgetBeforeItIsParsed() {
    assertThat(failed("{ user { id " + "\uFEFF".repeat(1 << 20) + "} }"))
        .isEqualTo(Analysis.Code.BUDGET);
    assertThat(analyse("{ user { id } } # " + "ж".repeat(30_000), Map.of(), Limits.none()))
        .isInstanceOf(OperationAnalysis.class);
  }

  @Test
  void numbers_ofMegabytes_areOutOfBudgetBeforeTheyAreParsed() {
    assertThat(failed("{ json(v: " + "9".repeat(1 << 20) + ") }")).isEqualTo(Analysis.Code.BUDGET);
    assertThat(failed("{ json(v: [" + ("-1." + "9".repeat(900) + " ").repeat(2_000) + "]) }"))
        .isEqualTo(Analysis.Code.BUDGET);
    assertThat(
            analyse(
                "{ json(v: [" + (Long.MIN_VALUE + " ").repeat(10_000) + "]) }",
                Map.of(),
                Limits.none()))
        .isInstanceOf(OperationAnalysis.class);
  }

  @Test
  void blankLines_atTheBeginningOfABlockString_areOutOfBudgetBeforeTheyAreParsed() {
    for (String line : List.of("\n", " \n", "\t \n")) {
      String lines = line.repeat((1 << 20) / line.length());
      assertThat(failed("{ json(v: \"\"\"" + lines + "x\"\"\") }")).isEqualTo(Analysis.Code.BUDGET);
    }
    String split = "\"\"\"" + "\n".repeat(2_000) + "x\"\"\" ";
    assertThat(failed("{ json(v: [" + split.repeat(100) + "]) }")).isEqualTo(Analysis.Code.BUDGET);
  }

  @Test
  void blockString_ofManyLines_isAnalysed() {
    for (String lines :
        List.of("\n x\n\n".repeat(100_000), "\n\n\n" + "x\n".repeat(500_000), "\n".repeat(1_000))) {
      assertThat(analyse("{ json(v: \"\"\"" + lines + "\"\"\") }", Map.of(), Limits.none()))
          .isInstanceOf(OperationAnalysis.class);
    }
  }

  @Test
  void megabyte_ofUnusedFragments_isAnswered() {
    String unused =
        IntStream.range(0, 20_000)
            .mapToObj(i -> "fragment U" + i + " on User { id friends { id } }")
            .collect(Collectors.joining(" "));

    assertThat(failed("{ user { id } } " + unused)).isEqualTo(Analysis.Code.VALIDATION);
  }

  @Test
  void conditions_thatMultiplyAtEachLevel_areOutOfBudgetSoon() {
    StringBuilder document = new StringBuilder("query(");
    for (int i = 0; i < 30; i++) {
      document.append("$v" + i + ": Boolean = true $w" + i + ": Boolean = true ");
    }
    document.append(") { user { ...F0 } }");
    for (int i = 0; i < 30; i++) {
      String next = "...F" + (i + 1);
      document.append(
          " fragment F%d on User { friends @include(if: $v%d) { %s } friends @include(if: $w%d) { %s id } }"
              .replace("%d", "" + i)
              .replace("%s", next));
    }
    document.append(" fragment F30 on User { name }");

    assertThat(failed(document.toString())).isEqualTo(Analysis.Code.BUDGET);
  }

  @Test
  void operations_manyThatShareALargeFragment_areOutOfBudget() {
    String operations =
        IntStream.range(0, 3_000)
            .mapToObj(i -> "query Q" + i + " { user { ...F } }")
            .collect(Collectors.joining(" "));
    String fields =
        IntStream.range(0, 3_000).mapToObj(i -> "a" + i + ": id").collect(Collectors.joining(" "));

    Analysis answer =
        OperationAnalysis.analyse(
            SCHEMA.compiler(),
            operations + " fragment F on User { " + fields + " }",
            "Q7",
            Map.of(),
            Limits.none());

    assertThat(((Analysis.Failed) answer).code()).isEqualTo(Analysis.Code.BUDGET);
  }

  @Test
  void operations_manyThatShareALargeValueOrManyDirectives_areOutOfBudget() {
    String operations =
        IntStream.range(0, 500)
            .mapToObj(i -> "query Q" + i + " { ...F }")
            .collect(Collectors.joining(" "));
    for (String selection :
        List.of(
            "json(v: [" + "1,".repeat(100_000) + "])",
            "json(v: {" + "a: {}".repeat(50_000) + "})",
            "... " + "@include(if: true)".repeat(20_000) + " { user { id } }")) {
      Analysis answer =
          OperationAnalysis.analyse(
              SCHEMA.compiler(),
              operations + " fragment F on Query { " + selection + " }",
              "Q7",
              Map.of(),
              Limits.none());

      assertThat(((Analysis.Failed) answer).code()).isEqualTo(Analysis.Code.BUDGET);
    }
  }

  @Test
  void operations_aHundredOfOrdinarySize_areAnalysed() {
    String operations =
        IntStream.range(0, 100)
            .mapToObj(
                i -> "query Q" + i + "($n: Int) { user { friends(first: $n) { ...F } a { id } } }")
            .collect(Collectors.joining(" "));

    Analysis answer =
        OperationAnalysis.analyse(
            SCHEMA.compiler(),
            operations + " fragment F on User { id name a { id } b { id } }",
            "Q7",
            Map.of("n", 1),
            Limits.none());

    assertThat(answer).isInstanceOf(OperationAnalysis.class);
  }

  @Test
  void typeConditions_thatDivideAtEachLevel_areAnswered() {
    String body = "id";
    for (int depth = 0; depth < 60; depth++) {
      body = "a { " + body + " } ... on User { a { id b { id } } } ... on Post { a { id } }";
    }

    assertThat(analyse("{ node { " + body + " } }", Map.of(), Limits.none())).isNotNull();
  }

  @Test
  void defaults_thatContainThemselves_costInfinitelyMuch() {
    Analysed endless =
        Analysed.schema("input Endless { again: Endless = {} } type Query { q(e: Endless): Int }");

    assertThat(endless.of("{ q(e: {}) }").fieldCost()).isInfinite();
  }

  @Test
  void doublingFragments_twentyFiveLevels_takeNoLongerThanTheirSize() {
    String document =
        chain(25, i -> "{ a: friends { ...F" + (i + 1) + " } b: friends { ...F" + (i + 1) + " } }");
    for (int i = 0; i < 200; i++) {
      analyse(document, Map.of(), Limits.none());
    }

    long began = System.nanoTime();
    OperationAnalysis answer = (OperationAnalysis) analyse(document, Map.of(), Limits.none());

    // ten seconds are what a machine under load may take; a walk of each path would take minutes
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    assertThat(answer.aliases()).isEqualTo((1L << 26) - 2);
  }

  private static String chain(int length, IntFunction<String> body) {
    StringBuilder document = new StringBuilder("{ user { ...F0 } }");
    for (int i = 0; i < length; i++) {
      document.append(" fragment F").append(i).append(" on User ").append(body.apply(i));
    }
    return document.append(" fragment F").append(length).append(" on User { id }").toString();
  }

  private static Analysis.Code failed(String document) {
    return failed(document, Collections.emptyMap());
  }

  private static Analysis.Code failed(String document, Map<String, ?> variables) {
    return ((Analysis.Failed) analyse(document, variables, Limits.none())).code();
  }

  private static Analysis analyse(String document, Map<String, ?> variables, Limits limits) {
    AtomicReference<Analysis> answer = new AtomicReference<>();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread small =
        new Thread(
            null,
            () ->
                answer.set(
                    OperationAnalysis.analyse(
                        SCHEMA.compiler(), document, null, variables, limits)),
            "small stack",
            STACK_BYTES);
    small.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
    small.start();
    try {
      small.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertThat(failure.get()).isNull();
    return answer.get();
  }

  @Test
  void fragmentsOfOneNameTwice_theLastOnesInAChain_areBoundedLikeTheChain() {
    String first =
        IntStream.range(0, 1_000)
            .mapToObj(i -> "fragment F" + i + " on User { id }\n")
            .collect(Collectors.joining());

    assertThat(failed(first + chain(1_000, i -> "{ ...F" + (i + 1) + " }")))
        .isEqualTo(Analysis.Code.BUDGET);
  }

  @Test
  void inputObject_givenToHundredsOfFields_isWalkedBoundedlyAndCostsInfinitelyMuch() {
    List<Object> parts = Collections.nCopies(20_000, Map.of("j", 1));
    String fields =
        IntStream.range(0, 300)
            .mapToObj(i -> "n" + i + ": name(x: $x)")
            .collect(Collectors.joining(" "));
    String document = "query($x: In) { user { " + fields + " } }";

    OperationAnalysis answer =
        (OperationAnalysis) analyse(document, Map.of("x", Map.of("l", parts)), Limits.none());

    assertThat(answer.fieldCost()).isInfinite();
  }

  @Test
  void interfaceThatNothingImplements_isNoPathAndCostsItsCall() {
    Analysed schema = Analysed.schema("type Query { n: None } interface None { id: ID n: None }");

    OperationAnalysis answer = schema.of("{ n { id n { id } } }");

    assertThat(answer.fields()).isEqualTo(1);
    assertThat(answer.fieldCost()).isEqualTo(1);
  }

  @Test
  void coercion_thatFails_doesNotRepeatTheVariablesValue() {
    Analysed schema = Analysed.schema("enum E { A } type Query { a(e: E): Int }");

    Analysis.Failed failure =
        schema.failure("query($e: E) { a(e: $e) }", Map.of("e", "a_private_value"));

    assertThat(failure.code()).isEqualTo(Analysis.Code.VARIABLES);
    assertThat(failure.message()).doesNotContain("a_private_value");
  }
}
