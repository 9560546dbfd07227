package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.gatehouse.graphql.Limits.Introspection;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.language.Document;
import graphql.parser.Parser;
import graphql.parser.ParserEnvironment;
import graphql.parser.ParserOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks by the structure of a document; each is refused cold and warm, before any resolver. */
class StructureAttackTest {
  private static final Duration BOUNDED = Duration.ofSeconds(20);
  private static final int SMALL_STACK = 256 << 10;

  private final AttackedServer server = new AttackedServer();

  private static String times(int count, String text) {
    return IntStream.range(0, count)
        .mapToObj(i -> text.formatted(i))
        .collect(Collectors.joining(" "));
  }

  // 25 levels, and 33,554,432 paths in 1.3 kB.
  private static String doubling(int levels, boolean aliases) {
    StringBuilder text = new StringBuilder("{ me { ...F0 } }");
    for (int i = 0; i < levels; i++) {
      String next = "{ ...F" + (i + 1) + " }";
      text.append(" fragment F").append(i).append(" on User { ");
      text.append(aliases ? "a: friend " + next + " b: friend " + next : "friend " + next);
      text.append(aliases ? "" : " owner " + next).append(" }");
    }
    return text.append(" fragment F").append(levels).append(" on User { name }").toString();
  }

  /** Parses as a server with wide bounds would. */
  private static Document parsed(String text) {
    ParserOptions wide =
        ParserOptions.newParserOptions()
            .maxCharacters(10 << 20)
            .maxTokens(5_000_000)
            .maxWhitespaceTokens(10_000_000)
            .maxRuleDepth(1_000_000)
            .build();
    return new Parser()
        .parseDocument(
            ParserEnvironment.newParserEnvironment().document(text).parserOptions(wide).build());
  }

  private OperationAnalysis analysis(String text) {
    Analysis answer =
        OperationAnalysis.analyse(
            PlanCompiler.of(server.schema()), text, null, Map.of(), Limits.none());
    assertThat(answer).isInstanceOf(OperationAnalysis.class);
    return (OperationAnalysis) answer;
  }

  @Test
  void depth_direct_isRefused() {
    Limits limits = Limits.builder().depth(3).build();

    server.refuses("DEPTH_LIMIT", limits, "{ me { friend { friend { name } } } }");
    server.allows(limits, "{ me { friend { name } } }");
  }

  @Test
  void depth_bySecondSpreadOfAFragment_isRefused() {
    Limits limits = Limits.builder().depth(4).build();
    String fragment = " fragment F on User { friend { friend { name } } }";

    server.refuses("DEPTH_LIMIT", limits, "{ me { ...F friend { ...F } } }" + fragment);
    server.refuses("DEPTH_LIMIT", limits, "{ me { friend { ...F } ...F } }" + fragment);
    server.allows(limits, "{ me { ...F } }" + fragment);
  }

  @Test
  void depth_byAChainOfFragments_isRefused() {
    Limits limits = Limits.builder().depth(4).build();
    String chain =
        "{ me { ...A } } fragment A on User { friend { ...B } } fragment B on User { owner { ...C } }"
            + " fragment C on User { friend { name } }";

    server.refuses("DEPTH_LIMIT", limits, chain);
    server.allows(limits.toBuilder().depth(5).build(), chain);
  }

  @Test
  void inlineFragments_areNoDepth_butAreBounded() {
    String nested = "{ me { " + "... on User { ".repeat(50) + "name" + " }".repeat(50) + " } }";

    server.allows(Limits.builder().depth(2).fields(2).build(), nested);
    server.refuses("TOKEN_LIMIT", Limits.builder().depth(2).tokens(100).build(), nested);
  }

  @Test
  void fragment_reused_isPricedAtEachSpread() {
    String reused =
        "{ a: me { ...F } b: me { ...F } c: me { ...F } } fragment F on User { friend { name } }";

    server.refuses("COST_LIMIT", Limits.builder().typeCost(6).build(), reused);
    server.refuses("COST_LIMIT", Limits.builder().fieldCost(5).build(), reused);
    server.refuses("FIELD_LIMIT", Limits.builder().fields(8).build(), reused);
    server.allows(Limits.builder().typeCost(7).fieldCost(6).fields(9).build(), reused);
  }

  @Test
  void fragment_spreadTwiceInOnePlace_countsOnce() {
    server.allows(
        Limits.builder().typeCost(2).fieldCost(1).fields(2).build(),
        "{ ...F ...F } fragment F on Query { me { name } }");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fragments_doubling_areRefusedInTime(boolean aliases) {
    AttackedServer strictBefore = new AttackedServer(Limits.builder().rootFields(0).build());
    String bomb = doubling(25, aliases);

    assertTimeoutPreemptively(
        BOUNDED,
        () -> {
          strictBefore.refuses("FIELD_LIMIT", Limits.builder().fields(1_000_000).build(), bomb);
          strictBefore.refuses("COST_LIMIT", Limits.builder().fieldCost(1_000_000).build(), bomb);
          strictBefore.refuses("DEPTH_LIMIT", Limits.builder().depth(26).build(), bomb);
        });
    OperationAnalysis analysis = analysis(bomb);
    assertThat(analysis.fields()).isEqualTo((1L << 26) - 1 + (1L << 25));
    assertThat(analysis.aliases()).isEqualTo(aliases ? (1L << 26) - 2 : 0);
    assertThat(analysis.depth()).isEqualTo(27);
    assertThat(analysis.fieldCost()).isEqualTo((1L << 26) - 1);
  }

  @Test
  void fragments_inACycle_areRefused() {
    server.runsNothing(
        Limits.builder().depth(5).build(),
        "{ me { ...A } } fragment A on User { friend { ...B } } fragment B on User { ...A }");
    Document cycle = parsed("{ me { ...A } } fragment A on User { ...A }");
    Analysis answer =
        OperationAnalysis.analyse(
            PlanCompiler.of(server.schema()), cycle, null, Map.of(), Limits.none());
    assertThat(answer).isInstanceOf(Analysis.Failed.class);
  }

  @Test
  void fragments_namedLikeIntrospection_areNotExempt() {
    String hidden = "{ ...__schema } fragment __schema on Query { me { friend { name } } }";

    server.refuses("DEPTH_LIMIT", Limits.builder().depth(2).build(), hidden);
    server.refuses("FIELD_LIMIT", Limits.builder().fields(2).build(), hidden);
    server.refuses(
        "FIELD_LIMIT",
        Limits.builder().fields(2).build(),
        "{ __schema: me { __type: friend { __typename: name } } }");
  }

  /** No answer may come as an overflow of the stack, even of a small one. */
  @Test
  void fragments_chainedTenThousand_areAnsweredOnASmallStack() throws InterruptedException {
    StringBuilder text = new StringBuilder("{ me { ...F0 } }");
    for (int i = 0; i < 10_000; i++) {
      text.append(" fragment F")
          .append(i)
          .append(" on User { friend { ...F")
          .append(i + 1)
          .append(" } }");
    }
    text.append(" fragment F10000 on User { name }");
    Document chain = parsed(text.toString());
    PlanCompiler compiler = PlanCompiler.of(server.schema());
    AtomicReference<Object> answer = new AtomicReference<>();

    Thread small =
        new Thread(
            null,
            () -> {
              try {
                answer.set(
                    OperationAnalysis.analyse(compiler, chain, null, Map.of(), Limits.none()));
              } catch (StackOverflowError | RuntimeException e) {
                answer.set(e);
              }
            },
            "small stack",
            SMALL_STACK);
    small.start();
    small.join(BOUNDED.toMillis());

    assertThat(answer.get()).isInstanceOf(Analysis.class);
    if (answer.get() instanceof OperationAnalysis analysis) {
      assertThat(analysis.depth()).isEqualTo(10_002);
    } else {
      assertThat(((Analysis.Failed) answer.get()).code()).isEqualTo(Analysis.Code.BUDGET);
    }
    new AttackedServer(Limits.builder().rootFields(0).build())
        .runsNothing(Limits.builder().depth(100).tokens(100_000).build(), text.toString());
  }

  @Test
  void fragments_unused_ofAMegabyte_areRefused() {
    String unused = "{ name } " + times(30_000, "fragment F%d on User { name }");

    assertThat(unused.length()).isGreaterThan(800_000);
    server.runsNothing(Limits.builder().tokens(1_000).build(), unused);
    server.runsNothing(Limits.builder().characters(10_000).build(), unused);
  }

  @Test
  void tokens_ofUnusedDefinitions_areCounted() {
    String two = "query A { name } query Other { me { name } }";

    server.refuses(
        "TOKEN_LIMIT", Limits.builder().tokens(9).build(), "{ name } fragment F on User { name }");
    assertThat(
            OperationAnalysis.analyse(
                PlanCompiler.of(server.schema()), two, "A", Map.of(), Limits.none()))
        .isInstanceOfSatisfying(
            OperationAnalysis.class, named -> assertThat(named.tokens()).isEqualTo(13));
    assertThat(analysis("{ name } # " + "x".repeat(100)).tokens()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"#xxxxxxxx\n", ",,,,,,,,", "\t \r\n  ", "\uFEFF"})
  void ignoredText_ofAMegabyte_isRefusedByItsCharacters(String ignored) {
    String padded = "{ name " + ignored.repeat((1 << 20) / ignored.length()) + "}";

    assertTimeoutPreemptively(
        BOUNDED, () -> server.runsNothing(Limits.builder().characters(1_000).build(), padded));
  }

  @Test
  void blockString_ofAMegabyte_isRefusedByItsCharacters() {
    String padded = "mutation { login(name: \"\"\"" + "x\n".repeat(1 << 19) + "\"\"\") }";

    assertTimeoutPreemptively(
        BOUNDED, () -> server.runsNothing(Limits.builder().characters(1_000).build(), padded));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 5_000})
  void literals_nestedDeep_areRefused(int levels) {
    Limits limits = Limits.builder().inputDepth(10).build();
    String lists = "{ tree(list: " + "[".repeat(levels) + "]".repeat(levels) + ") }";
    String objects = "{ tree(tree: " + "{a: ".repeat(levels) + "{}" + "}".repeat(levels) + ") }";

    assertTimeoutPreemptively(
        BOUNDED,
        () -> {
          server.runsNothing(limits, lists);
          server.runsNothing(limits, objects);
        });
    server.allows(limits, "{ tree(tree: {a: {a: {n: 1}}}, list: [[[[1]]]]) }");
  }

  @Test
  void variables_nestedFiveThousandDeep_areRefused() {
    Object nested = 1;
    for (int i = 0; i < 5_000; i++) {
      Map<String, Object> around = new HashMap<>();
      around.put("a", nested);
      nested = around;
    }
    Map<String, Object> variables = Map.of("t", nested);
    String document = "query($t: Tree) { tree(tree: $t) }";

    Analysis answer =
        OperationAnalysis.analyse(
            PlanCompiler.of(server.schema()),
            document,
            null,
            variables,
            Limits.builder().inputDepth(10).build());
    assertThat(answer.toJson().toString()).doesNotContain("violations=[]");
    server.allows(
        Limits.builder().inputDepth(10).build(), document, Map.of("t", Map.of("a", Map.of())));
  }

  @Test
  void variables_thatNestInsideALiteral_areRefused() {
    Limits limits = Limits.builder().inputDepth(3).build();
    String document = "query($t: Tree) { tree(tree: {a: {a: $t}}) }";

    server.refuses("DEPTH_LIMIT", limits, document, Map.of("t", Map.of("a", Map.of())));
    server.allows(limits, document, Map.of("t", Map.of("n", 1)));
  }

  @Test
  void aliases_ofTypename_areCounted() {
    Limits limits = Limits.builder().aliases(10).build();

    server.refuses("ALIAS_LIMIT", limits, "{ " + times(11, "a%d: __typename") + " }");
    server.allows(limits, "{ " + times(10, "a%d: __typename") + " }");
  }

  @Test
  void aliases_onlyInFragments_areCountedAtEachSpread() {
    server.refuses(
        "ALIAS_LIMIT",
        Limits.builder().aliases(3).build(),
        "{ me { ...F friend { ...F } } } fragment F on User { a: name b: name }");
  }

  @Test
  void alias_spelledLikeIntrospection_isCounted() {
    server.refuses("ALIAS_LIMIT", Limits.builder().aliases(0).build(), "{ __typename: costly }");
    server.refuses("COST_LIMIT", Limits.builder().fieldCost(49).build(), "{ __typename: costly }");
    server.refuses(
        "ALIAS_LIMIT", Limits.builder().aliases(0).build(), "{ __schema { a: types { name } } }");
  }

  @Test
  void login_aThousandTimes_isRefused() {
    Limits limits = Limits.builder().calls("Mutation.login", 1).build();

    server.refuses(
        "FIELD_LIMIT", limits, "mutation { " + times(1_000, "a%d: login(name: \"x\")") + " }");
    server.refuses(
        "FIELD_LIMIT",
        limits,
        "mutation { login ...F } fragment F on Mutation { again: login logout }");
    server.allows(limits, "mutation { login login logout }");
  }

  @Test
  void recursion_onOneCoordinate_isRefusedWhateverStandsBetween() {
    Limits limits = Limits.builder().recursion("User.friends", 2).build();

    server.refuses(
        "DEPTH_LIMIT",
        limits,
        "{ me { friends(first: 1) { owner { friends(first: 1) { friend { friends(first: 1) { name }"
            + " } } } } } }");
    server.allows(
        limits, "{ me { friends(first: 1) { friends(first: 1) { name } } a: friends { name } } }");
  }

  @Test
  void rootFields_onlyThroughFragments_areCounted() {
    Limits limits = Limits.builder().rootFields(2).build();

    server.refuses(
        "ROOT_FIELD_LIMIT",
        limits,
        "{ ...A } fragment A on Query { name ...B } fragment B on Query { a: name b: name }");
    server.refuses("ROOT_FIELD_LIMIT", limits, "{ a: __typename b: __typename c: __typename }");
  }

  @Test
  void fields_tenThousandDuplicates_areOneInBoundedTime() {
    Document flood = parsed("{ me { " + "name ".repeat(10_000) + "} }");
    Document typenames = parsed("{ " + "__typename ".repeat(10_000) + "}");
    PlanCompiler compiler = PlanCompiler.of(server.schema());

    assertTimeoutPreemptively(
        BOUNDED,
        () -> {
          for (Document each : List.of(flood, typenames)) {
            Analysis answer =
                OperationAnalysis.analyse(compiler, each, null, Map.of(), Limits.none());
            assertThat(answer).isInstanceOf(OperationAnalysis.class);
            assertThat(((OperationAnalysis) answer).fields()).isLessThanOrEqualTo(2);
          }
        });
  }

  @Test
  void typenames_fiveHundred_areAllowedAndCheap() {
    server.allows(
        Limits.builder().fields(1).fieldCost(0).typeCost(1).aliases(0).build(),
        "{ " + "__typename ".repeat(500) + "}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "query Q @mark { name }",
        "query Q($a: Int @mark) { page(first: $a) { name } }",
        "{ name @mark }",
        "{ ... @mark { name } }",
        "{ ...F @mark } fragment F on Query { name }",
        "{ ...F } fragment F on Query @mark { name }",
        "{ name ... @include(if: false) { b: name @mark } }"
      })
  void directives_floodOnAnyLocation_isRefused(String one) {
    Limits none = Limits.builder().directives(0).build();

    server.refuses("DIRECTIVE_LIMIT", none, one);
    assertThat(analysis(one).directives()).isPositive();
  }

  @Test
  void directives_inAFragment_countAtEachSpread() {
    String text =
        "{ me { ...F friend { ...F } } } fragment F on User @mark { name @mark ... @mark { id } }";

    assertThat(analysis(text).directives()).isEqualTo(6);
    server.refuses("DIRECTIVE_LIMIT", Limits.builder().directives(5).build(), text);
    server.allows(Limits.builder().directives(6).build(), text);
  }

  @Test
  void operation_notSelected_isNotJudged() {
    String two = "query Cheap { name } query Dear { costly me { friend { friend { name } } } }";
    PlanCompiler compiler = PlanCompiler.of(server.schema());
    Limits limits = Limits.builder().depth(1).fieldCost(5).build();

    assertThat(OperationAnalysis.analyse(compiler, two, "Cheap", Map.of(), limits))
        .isInstanceOfSatisfying(
            OperationAnalysis.class, cheap -> assertThat(cheap.violations()).isEmpty());
    assertThat(OperationAnalysis.analyse(compiler, two, "Dear", Map.of(), limits))
        .isInstanceOfSatisfying(
            OperationAnalysis.class,
            dear ->
                assertThat(dear.violations())
                    .extracting(Violation::limit)
                    .containsExactly("depth", "fieldCost"));
  }

  @Test
  void operationName_missingOrUnknown_runsNothing() {
    String two = "query A { name } query B { costly }";
    PlanCompiler compiler = PlanCompiler.of(server.schema());

    server.runsNothing(Limits.none(), two);
    for (String name : new String[] {null, "C"}) {
      assertThat(OperationAnalysis.analyse(compiler, two, name, Map.of(), Limits.none()))
          .isInstanceOfSatisfying(
              Analysis.Failed.class,
              failed -> assertThat(failed.code()).isEqualTo(Analysis.Code.VALIDATION));
    }
  }

  @Test
  void deferAndStream_floods_areRefused() {
    server.runsNothing(
        Limits.builder().directives(2).build(),
        "{ " + times(20, "... @defer { a%d: name }") + " }");
    server.runsNothing(
        Limits.builder().directives(2).build(),
        "{ " + times(20, "a%d: page @stream { name }") + " }");
  }

  @Test
  void subscription_overALimit_neverSubscribes() {
    AttackedServer refusedBefore = new AttackedServer(Limits.builder().rootFields(0).build());

    refusedBefore.refuses(
        "DEPTH_LIMIT",
        Limits.builder().depth(2).build(),
        "subscription { joined { friend { name } } }");
  }

  @Test
  void limits_ofOneCaller_areNotAnothers() {
    String document = "{ me { friend { name } } }";
    Limits wide = Limits.none();
    List<Limits> tight =
        List.of(
            Limits.builder().depth(1).build(),
            Limits.builder().tokens(3).build(),
            Limits.builder().characters(5).build(),
            Limits.builder().fieldCost(0).build());

    for (Limits limits : tight) {
      List<ExecutionResult> tightFirst = server.answers(document, limits, wide);
      assertThat(tightFirst.get(0).getErrors()).hasSize(1);
      assertThat(tightFirst.get(1).getErrors()).isEmpty();
      List<ExecutionResult> wideFirst = server.answers(document, wide, limits);
      assertThat(wideFirst.get(0).getErrors()).isEmpty();
      assertThat(wideFirst.get(1).getErrors()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ a: __schema { queryType { name } } b: __schema { queryType { name } } }",
        "{ __type(name: \"User\") { name } b: __type(name: \"Group\") { name } }",
        "{ ...F a: __schema { queryType { name } } } fragment F on Query { __schema { queryType { name } } }",
        "{ __type(name: \"User\") { fields { type { fields { name } } } } }",
        "{ __schema { types { fields { type { fields { name } } } } } }",
        "{ __schema { ...T } } fragment T on __Schema { types { ...U } }"
            + " fragment U on __Type { fields { type { ...V } } }"
            + " fragment V on __Type { fields { name } }",
        "{ __schema { types { possibleTypes { interfaces { inputFields { name } } } } } }"
      })
  void introspection_nested_isRefusedWhereverItHides(String text) {
    Limits bounded = Limits.builder().introspection(Introspection.BOUNDED).build();

    assertThat(
            OperationAnalysis.analyse(
                PlanCompiler.of(server.schema()), text, null, Map.of(), bounded))
        .isInstanceOfSatisfying(
            OperationAnalysis.class,
            over ->
                assertThat(over.violations())
                    .extracting(Violation::limit)
                    .containsExactly("introspection"));
    server.runsNothing(bounded, text);
  }

  @Test
  void introspection_ofTools_isAllowedWhereItIsBounded_andSwitchedOffWhereItIsRefused() {
    String tools = graphql.introspection.IntrospectionQuery.INTROSPECTION_QUERY;
    String seventeen =
        "{ __type(name: \"User\") { " + "ofType { ".repeat(17) + "name" + " }".repeat(17) + " } }";

    server.allows(Limits.builder().introspection(Introspection.BOUNDED).build(), tools);
    server.allows(
        Limits.builder().introspection(Introspection.BOUNDED).build(),
        seventeen.replaceFirst("ofType \\{ ", "").replaceFirst(" }$", ""));
    server.refuses(
        "OPERATION_NOT_ALLOWED",
        Limits.builder().introspection(Introspection.BOUNDED).build(),
        seventeen);
    server.refuses(
        "OPERATION_NOT_ALLOWED",
        Limits.builder().introspection(Introspection.REFUSED).build(),
        tools);
    server.allows(
        Limits.builder().introspection(Introspection.REFUSED).build(), "{ __typename name }");
  }

  @Test
  void bounds_thatAreTheEnginesOwn_answerWithTheCodesOfOurs() {
    String deep = "{ me " + "{ friend ".repeat(120) + "{ name }" + " }".repeat(120) + " }";
    StringBuilder doubling = new StringBuilder("{ me { ...F0 } } fragment F17 on User { name }");
    for (int i = 0; i < 17; i++) {
      String next = "friend { ...F" + (i + 1) + " }";
      doubling.append(" fragment F" + i + " on User { a: " + next + " b: " + next + " }");
    }
    GraphQL graphql =
        GraphQLGuard.builder(server.schema())
            .dangerouslyWithoutAuthorization()
            .limits(Limits.strict())
            .build()
            .applyTo(GraphQL.newGraphQL(server.schema()))
            .build();

    Map.of(
            deep,
            "DEPTH_LIMIT",
            doubling.toString(),
            "FIELD_LIMIT",
            "{ __type(name: \"User\") { a: fields { name } fields { type { fields { name } } } } }",
            "OPERATION_NOT_ALLOWED")
        .forEach(
            (text, code) ->
                assertThat(graphql.execute(text).getErrors())
                    .as(code)
                    .singleElement()
                    .satisfies(
                        error -> assertThat(error.getExtensions()).containsEntry("code", code)));
  }
}
