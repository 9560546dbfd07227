package dev.gatehouse.graphql;

import static org.assertj.core.api.Assertions.assertThat;

import graphql.parser.Parser;
import java.util.List;
import org.junit.jupiter.api.Test;

class DocumentScanTest {
  @Test
  void tokens_ofEachKind_countOnce() {
    assertThat(DocumentScan.of("").tokens()).isZero();
    assertThat(DocumentScan.of("{ a(b: -1.5e+3) @c ...d }").tokens()).isEqualTo(12);
    assertThat(DocumentScan.of("\"a \\\" b\" \"\"\"block \" \\\"\"\" end\"\"\" \"\"").tokens())
        .isEqualTo(3);
    assertThat(DocumentScan.of("# { { {\n,,, \uFEFF a").tokens()).isEqualTo(1);
    assertThat(DocumentScan.of("[1...2]").tokens()).isEqualTo(5);
  }

  @Test
  void nesting_insideStringsAndComments_doesNotCount() {
    assertThat(DocumentScan.of("{ a(b: \"{{{\", c: [[1]]) } # [[[[[").nesting()).isEqualTo(4);
  }

  @Test
  void text_thatIsNoGraphQL_isScannedToItsEnd() {
    assertThat(DocumentScan.of("\"never closed").tokens()).isEqualTo(1);
    assertThat(DocumentScan.of("\"\"\"never closed \\").tokens()).isEqualTo(1);
    assertThat(DocumentScan.of("\\ \u0000 € }}}").tokens()).isEqualTo(6);
    assertThat(DocumentScan.of("-").tokens()).isEqualTo(1);
  }

  @Test
  void tokens_ofTheText_areThoseOfTheParsedDocument() {
    Analysed schema =
        Analysed.schema(
            "input I { a: [Int] b: String } type Query { q(i: I, l: [[Int]], e: Boolean): Query n: Int }"
                + " directive @d(x: Int) repeatable on QUERY | FIELD | VARIABLE_DEFINITION | INLINE_FRAGMENT"
                + " | FRAGMENT_SPREAD | FRAGMENT_DEFINITION");
    for (String document :
        List.of(
            "{ n }",
            "query { n }",
            "query @d { n }",
            "query Q($i: I! = {a: [1, 2], b: \"x\"} @d(x: 1), $l: [[Int!]!]) @d @d(x: 2)"
                + " { a: q(i: $i, l: $l, e: true) @d { ... { n } ... on Query @d { n } ...F @d } }"
                + " fragment F on Query @d { q(l: [[1], []], i: {b: null, a: $x}) { n } }")) {
      String text = document.replace("a: $x", "a: 1");

      assertThat(schema.of(text).tokens())
          .as(text)
          .isEqualTo(DocumentScan.of(text).tokens())
          .isEqualTo(
              ((OperationAnalysis)
                      OperationAnalysis.analyse(
                          schema.compiler(),
                          new Parser().parseDocument(text),
                          null,
                          java.util.Map.of(),
                          Limits.none()))
                  .tokens());
    }
  }
}
