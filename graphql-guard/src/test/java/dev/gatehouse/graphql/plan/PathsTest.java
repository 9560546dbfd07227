package dev.gatehouse.graphql.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.graphql.Analysed;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.OperationAnalysis;
import dev.gatehouse.graphql.Violation;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PathsTest {
  private static final Analysed SCHEMA =
      Analysed.schema(
          """
          interface Node { id: ID! next: Node }
          type User implements Node { id: ID! next: Node name: String friends: [User] }
          type Post implements Node { id: ID! next: Node title: String author: User }
          union Found = User | Post
          type Query { user: User node: Node found: Found login(name: String): Int }
          type Mutation { login(name: String): Int }
          """);

  @Test
  void depth_secondSpreadOfAFragmentIsDeeper_countsTheDeeper() {
    OperationAnalysis shallowFirst =
        SCHEMA.of(
            "{ user { ...F friends { friends { ...F } } } } fragment F on User { friends { id } }");

    assertThat(shallowFirst.depth()).isEqualTo(5);
  }

  @Test
  void fields_sameKeyInSeveralFragments_isOnePath() {
    OperationAnalysis merged =
        SCHEMA.of("{ user { ...A ...B id } } fragment A on User { id } fragment B on User { id }");

    assertThat(merged.fields()).isEqualTo(2);
  }

  @Test
  void fields_sameKeyOnExclusiveTypes_shareAPathAndTheirChildrenAreUnited() {
    OperationAnalysis united =
        SCHEMA.of("{ found { ... on User { next { id } } ... on Post { next { x: id } } } }");

    assertThat(united.fields()).isEqualTo(4);
    assertThat(united.aliases()).isEqualTo(1);
  }

  @Test
  void fields_conditionThatNoRuntimeTypeMeets_isNoPath() {
    assertThat(SCHEMA.of("{ node { ... on User { ... on Node { ... on Post { title } } } } }"))
        .extracting(OperationAnalysis::fields)
        .isEqualTo(1L);
  }

  @Test
  void aliases_thatEqualTheName_count() {
    assertThat(SCHEMA.of("{ user { id: id __typename: __typename } }").aliases()).isEqualTo(2);
  }

  @Test
  void aliases_onlyOnASkippedSelectionOfTheKey_doNotCount() {
    String document = "query($v: Boolean!) { user { id id: id @include(if: $v) } }";

    assertThat(SCHEMA.of(document, Map.of("v", true)).aliases()).isEqualTo(1);
    assertThat(SCHEMA.of(document, Map.of("v", false)).aliases()).isEqualTo(0);
  }

  @Test
  void conditions_variables_decideWithTheirValues() {
    String document =
        """
        query($a: Boolean!, $b: Boolean!) {
          user @include(if: $a) { id }
          user @skip(if: $b) { friends { id } }
        }
        """;

    assertThat(SCHEMA.of(document, Map.of("a", true, "b", true)).fields()).isEqualTo(2);
    assertThat(SCHEMA.of(document, Map.of("a", true, "b", false)).fields()).isEqualTo(4);
    assertThat(SCHEMA.of(document, Map.of("a", false, "b", false)).fields()).isEqualTo(3);
    assertThat(SCHEMA.of(document, Map.of("a", false, "b", true)).fields()).isEqualTo(0);
  }

  @Test
  void conditions_literalAndItsNegationOnOneNode_isNeverThere() {
    String document =
        "query($a: Boolean!) { user @include(if: $a) @skip(if: $a) { id } node { id } }";

    assertThat(SCHEMA.of(document, Map.of("a", true)).fields()).isEqualTo(2);
  }

  @Test
  void conditions_moreThanSixtyFourVariables_keepEachTheirOwn() {
    StringBuilder document = new StringBuilder("query(");
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < 130; i++) {
      document.append("$v").append(i).append(": Boolean = ").append(i % 2 == 0).append(' ');
      fields.append("a").append(i).append(": id @include(if: $v").append(i).append(") ");
    }
    document.append(") { user { ").append(fields).append("} }");

    assertThat(SCHEMA.of(document.toString()).aliases()).isEqualTo(65);
  }

  @Test
  void rootFields_onlyThroughFragments_count() {
    assertThat(
            SCHEMA.of(
                "{ ...R ... { c: user { id } } } fragment R on Query { a: user { id } node { id } }"))
        .extracting(OperationAnalysis::rootFields)
        .isEqualTo(3L);
  }

  @Test
  void directives_ofAFragment_countAtEachSpreadAndWhenSkipped() {
    String document =
        """
        query($v: Boolean = false) {
          user @skip(if: true) { ...F }
          node @include(if: $v) { ...on User { ...F } }
        }
        fragment F on User { id @include(if: true) }
        """;

    assertThat(SCHEMA.of(document).directives()).isEqualTo(4);
  }

  @Test
  void tokens_shortAndLongForm_areWhatIsWritten() {
    assertThat(SCHEMA.of("{ user { id } }").tokens()).isEqualTo(6);
    assertThat(SCHEMA.of("query { user { id } } # comment, commas,,").tokens()).isEqualTo(7);
    assertThat(SCHEMA.of("query Q($n: String = \"a\") { login(name: $n) }").tokens()).isEqualTo(19);
  }

  @Test
  void calls_ofACoordinate_countPathsAndThroughInterfaces() {
    Evaluation asked =
        evaluate("{ node { id } user { id friends { id } } found { ... on Post { id } } }");

    assertThat(asked.calls("User.id")).isEqualTo(3);
    assertThat(asked.calls("Node.id")).isEqualTo(4);
    assertThat(asked.calls("Post.id")).isEqualTo(2);
    assertThat(asked.calls("Post.title")).isEqualTo(0);
    assertThat(asked.calls("Nothing.id")).isEqualTo(0);
  }

  @Test
  void recursion_otherFieldsBetween_countsTheWorstPath() {
    Evaluation asked =
        evaluate("{ user { friends { next { ... on User { friends { friends { id } } } } } } }");

    assertThat(asked.recursion("User.friends")).isEqualTo(3);
    assertThat(asked.recursion("Node.next")).isEqualTo(1);
  }

  @Test
  void violations_ofCallsAndRecursion_nameTheirCoordinate() {
    Limits limits =
        Limits.builder().calls("Query.login", 1).recursion("User.friends", 1).depth(2).build();

    assertThat(
            SCHEMA.violations("{ a: login b: login user { friends { friends { id } } } }", limits))
        .containsExactly(
            new Violation("depth", 2, 4, Optional.empty()),
            new Violation("calls", 1, 2, Optional.of("Query.login")),
            new Violation("recursion", 1, 2, Optional.of("User.friends")));
  }

  @Test
  void doublingFragments_withAliases_areCountedNotExpanded() {
    StringBuilder document = new StringBuilder("{ user { ...F0 } }");
    for (int i = 0; i < 80; i++) {
      String next = "{ ...F" + (i + 1) + " }";
      document.append(
          " fragment F" + i + " on User { a: friends " + next + " b: friends " + next + "}");
    }
    document.append(" fragment F80 on User { id }");

    OperationAnalysis analysis = SCHEMA.of(document.toString());

    assertThat(analysis.fields()).isEqualTo(Long.MAX_VALUE);
    assertThat(analysis.depth()).isEqualTo(82);
  }

  private static Evaluation evaluate(String document) {
    return SCHEMA
        .compiler()
        .compile(new graphql.parser.Parser().parseDocument(document), null)
        .evaluate(graphql.execution.CoercedVariables.emptyVariables());
  }
}
