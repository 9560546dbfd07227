package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphqlCommandTest {
  private static final String SDL =
      """
      type Query {
        users(first: Int): [User] @listSize(slicingArguments: ["first"])
        everyone: [User]
      }
      type Mutation { login(name: String): Boolean @cost(weight: "2") }
      type User { name: String friends(first: Int = 2): [User] @listSize(slicingArguments: ["first"]) }
      """;

  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    write("schema.graphqls", SDL);
    write("query.graphql", "query Q($n: Int) { users(first: $n) { n: name } }");
    write("variables.json", "{\"n\": 5}");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private CommandRun.Ended run(String line) {
    return new CommandRun().in(folder).run(line.split(" "));
  }

  private static JsonNode json(String line) {
    try {
      return Json.mapper().readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void cost_ofAnOperation_isATable() {
    CommandRun.Ended ended =
        run(
            "graphql cost --schema schema.graphqls --query query.graphql --variables"
                + " variables.json");

    assertThat(ended.err()).isEmpty();
    assertThat(ended.status()).isZero();
    assertThat(ended.lines())
        .containsExactly(
            "WHAT        ACTUAL",
            "typeCost    6",
            "fieldCost   1",
            "depth       2",
            "fields      2",
            "aliases     1",
            "rootFields  1",
            "directives  0",
            "tokens      22");
  }

  @Test
  void cost_asJson_isOneLine() {
    CommandRun.Ended ended =
        run(
            "graphql cost --schema schema.graphqls --query query.graphql --variables"
                + " variables.json --json");

    assertThat(ended.out())
        .isEqualTo(
            "{\"typeCost\":6,\"fieldCost\":1,\"depth\":2,\"fields\":2,\"aliases\":1,"
                + "\"rootFields\":1,\"directives\":0,\"tokens\":22,\"violations\":[]}\n");
  }

  @Test
  void cost_withoutVariables_takesTheDefaultListSize() {
    String line = "graphql cost --schema schema.graphqls --query query.graphql --json";

    assertThat(json(run(line).out()).get("typeCost").asInt()).isEqualTo(2);
    assertThat(json(run(line + " --default-list-size 7").out()).get("typeCost").asInt())
        .isEqualTo(8);
    assertThat(json(run(line + " --default-list-size Infinity").out()).get("typeCost").asText())
        .isEqualTo("Infinity");
  }

  @Test
  void cost_conditionsLeftOpen_areTakenBothWays() throws IOException {
    write(
        "query.graphql",
        "query Q($a: Boolean!) { users(first: 2) @include(if: $a) { name }"
            + " everyone @skip(if: $a) { name } }");
    String line = "graphql cost --schema schema.graphqls --query query.graphql --json";

    assertThat(json(run(line).out()).get("typeCost").asInt()).isEqualTo(3);
    write("variables.json", "{\"a\": false}");
    assertThat(json(run(line + " --variables variables.json").out()).get("typeCost").asInt())
        .isEqualTo(2);
  }

  @Test
  void cost_overALimit_isNoAndSaysWhich() throws IOException {
    write("limits.json", "{\"depth\": 1, \"typeCost\": 5, \"calls\": {\"Query.users\": 0}}");
    String line =
        "graphql cost --schema schema.graphqls --query query.graphql --variables variables.json"
            + " --limits limits.json";

    CommandRun.Ended ended = run(line);

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.lines().subList(9, 14))
        .containsExactly(
            "",
            "OVER THE LIMIT  COORDINATE   MAX  ACTUAL",
            "depth           -            1    2",
            "typeCost        -            5    6",
            "calls           Query.users  0    1");
    assertThat(json(run(line + " --json").out()).get("violations").toString())
        .isEqualTo(
            "[{\"limit\":\"depth\",\"max\":1,\"actual\":2},"
                + "{\"limit\":\"typeCost\",\"max\":5,\"actual\":6},"
                + "{\"limit\":\"calls\",\"coordinate\":\"Query.users\",\"max\":0,\"actual\":1}]");
  }

  @Test
  void cost_severalOperations_wantsAName() throws IOException {
    write("query.graphql", "query A { everyone { name } } query B { users(first: 9) { name } }");
    String line = "graphql cost --schema schema.graphqls --query query.graphql --json";

    assertThat(json(run(line + " --operation-name B").out()).get("typeCost").asInt()).isEqualTo(10);
    for (String wrong : List.of(line, line + " --operation-name C")) {
      CommandRun.Ended ended = run(wrong);
      assertThat(ended.status()).isEqualTo(1);
      assertThat(ended.errors()).hasSize(1).first().asString().startsWith("--query: validation: ");
      assertThat(json(ended.out()).at("/error/code").asText()).isEqualTo("validation");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { users(first: 1 { name } }          | {}            | --query: parse:
          { users(first: 1) { nam } }          | {}            | --query: validation:
          { users(first: -1) { name } }        | {}            | --query: slicing_argument:
          query($n: Int!) { users(first: $n) { name } } | {}   | --variables: variables:
          query($n: Int!) { users(first: $n) { name } } | {"n": "x"} | --variables: variables:
          """)
  void cost_ofWhatCannotRun_isNoInOneLine(String query, String variables, String error)
      throws IOException {
    write("query.graphql", query);
    write("variables.json", variables);

    CommandRun.Ended ended =
        run(
            "graphql cost --schema schema.graphqls --query query.graphql --variables"
                + " variables.json");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.errors()).hasSize(1).first().asString().startsWith(error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          schema.graphqls | type Query { a: Nowhere }      | --schema:
          schema.graphqls | type Query {                   | --schema:
          variables.json  | [1]                            | --variables: the file is not a JSON object
          variables.json  | {"n": 1, "n": 2}               | --variables: a key stands twice in one object
          limits.json     | {"dept": 3}                    | --limits dept: is not a known key; did you mean depth?
          limits.json     | {"depth": -1}                  | --limits depth: must be a number, 0 or more
          """)
  void cost_unreadableFile_isWrongUseThatNamesTheOption(String file, String text, String error)
      throws IOException {
    write("limits.json", "{}");
    write(file, text);

    CommandRun.Ended ended =
        run(
            "graphql cost --schema schema.graphqls --query query.graphql --variables"
                + " variables.json --limits limits.json");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.errors()).hasSize(1).first().asString().startsWith(error);
  }

  private static ObjectNode batchCase(String id, String operation) {
    return Json.mapper()
        .createObjectNode()
        .put("case", id)
        .put("sdl", SDL)
        .put("operation", operation);
  }

  private List<JsonNode> answers(String lines) {
    CommandRun.Ended ended = new CommandRun().input(lines).run("graphql", "cost", "--batch", "-");
    assertThat(ended.err()).isEmpty();
    assertThat(ended.status()).isZero();
    return ended.lines().stream().map(GraphqlCommandTest::json).toList();
  }

  @Test
  void batch_anyLine_isAnsweredInItsPlace() {
    ObjectNode limited = batchCase("limited", "{ everyone { name friends { name } } }");
    limited.putObject("variables");
    limited.put("defaultListSize", "Infinity");
    limited.putObject("limits").put("depth", 2).put("fieldCost", 10);
    ObjectNode open = batchCase("open", "query($a: Boolean!) { everyone @skip(if: $a) { name } }");

    List<JsonNode> answers =
        answers(
            String.join(
                "\n",
                batchCase("plain", "{ users(first: 3) { name } }").toString(),
                "{\"case\":\"torn\",",
                limited.toString(),
                batchCase("wrong", "{ nothing }").toString(),
                "{\"case\":\"no schema\",\"sdl\":\"type Query {\",\"operation\":\"{ a }\"}",
                "not JSON",
                open.toString()));

    assertThat(answers.get(0).toString())
        .isEqualTo(
            "{\"case\":\"plain\",\"typeCost\":4,\"fieldCost\":1,\"depth\":2,\"fields\":2,"
                + "\"aliases\":0,\"rootFields\":1,\"directives\":0,\"tokens\":11,"
                + "\"violations\":[]}");
    assertThat(answers.get(1).at("/error/code").asText()).isEqualTo("parse");
    assertThat(answers.get(1).get("case").asText()).isEqualTo("torn");
    assertThat(answers.get(2).get("typeCost").asText()).isEqualTo("Infinity");
    assertThat(answers.get(2).get("violations").toString())
        .isEqualTo(
            "[{\"limit\":\"depth\",\"max\":2,\"actual\":3},"
                + "{\"limit\":\"fieldCost\",\"max\":10,\"actual\":\"Infinity\"}]");
    assertThat(answers.get(3).at("/error/code").asText()).isEqualTo("validation");
    assertThat(answers.get(4).get("case").asText()).isEqualTo("no schema");
    assertThat(answers.get(4).at("/error/message").asText()).startsWith("sdl: ");
    assertThat(answers.get(5).get("case").isNull()).isTrue();
    assertThat(answers.get(6).get("typeCost").asInt()).isEqualTo(2);
    assertThat(answers).hasSize(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "limits":{"dept":1} | limits.dept: is not a known key; did you mean depth?
          "limits":{"depth":"1"} | limits.depth: must be a number, 0 or more
          "limits":[] | limits: must be an object, not a list
          "limits":{"calls":{"login":1}} | limits.calls.login: must be a field's coordinate, such as Mutation.login
          "variables":[] | variables: must be an object, or null for a bound without variables
          "defaultListSize":-1 | defaultListSize: must be a number, 0 or more, or "Infinity"
          "defaultListSize":"many" | defaultListSize: must be a number, 0 or more, or "Infinity"
          "operationName":1 | operationName: must be a text
          "extra":1 | extra: is not a known key
          """)
  void batch_wrongCase_isAnErrorWithItsPath(String wrong, String message) {
    String line = batchCase("a", "{ everyone { name } }").toString();

    JsonNode answer =
        answers(line.replaceFirst("}$", "," + wrong.replace("$", "\\$") + "}")).get(0);

    assertThat(answer.get("case").asText()).isEqualTo("a");
    assertThat(answer.at("/error/code").asText()).isEqualTo("parse");
    assertThat(answer.at("/error/message").asText()).startsWith(message);
    assertThat(answer).hasSize(2);
  }

  @Test
  void batch_manyLines_areAnsweredInOrder() {
    String lines =
        IntStream.range(0, 2_000)
            .mapToObj(i -> batchCase("c" + i, "{ users(first: " + i + ") { name } }").toString())
            .collect(Collectors.joining("\n"));

    List<JsonNode> answers = answers(lines);

    assertThat(answers).hasSize(2_000);
    for (int i = 0; i < 2_000; i++) {
      assertThat(answers.get(i).get("case").asText()).isEqualTo("c" + i);
      assertThat(answers.get(i).get("typeCost").asInt()).isEqualTo(i + 1);
    }
  }

  @Test
  void audit_ofASchema_namesWhatIsOpen() {
    CommandRun.Ended ended = run("graphql audit --schema schema.graphqls --without-access");

    assertThat(ended.err()).isEmpty();
    assertThat(ended.status()).isZero();
    assertThat(ended.lines().get(0)).matches("FINDING +COORDINATE +WHAT TO DO");
    assertThat(ended.lines()).anyMatch(l -> l.matches("unbounded-list +Query\\.everyone .*"));
    assertThat(ended.lines()).anyMatch(l -> l.matches("unlimited-recursion +User\\.friends .*"));
    assertThat(ended.lines()).noneMatch(l -> l.matches("unbounded-list +Query\\.users .*"));
    assertThat(run("graphql audit --schema schema.graphqls --without-access --check").status())
        .isEqualTo(1);
    assertThat(run("graphql audit --schema schema.graphqls --json").lines()).hasSize(1);
  }

  @Test
  void audit_ofASchemaWithoutRules_saysNo() {
    CommandRun.Ended ended = run("graphql audit --schema schema.graphqls");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.lines()).anyMatch(l -> l.matches("Query\\.users +UNPROTECTED +-"));
    assertThat(ended.lines()).anyMatch(l -> l.matches("unprotected +Query\\.users .*"));
  }

  @Test
  void audit_ofAGuardedSchema_namesEachRuleAndItsSource() throws IOException {
    Files.writeString(
        folder.resolve("guarded.graphqls"),
        """
        type Query { me: User @authenticated }
        type User @tenant @requiresScopes(scopes: [["a", "b"], ["c"]]) { id: ID! }
        """);
    CommandRun.Ended ended = run("graphql audit --schema guarded.graphqls");

    assertThat(ended.status()).isZero();
    assertThat(ended.lines())
        .anyMatch(l -> l.matches("Query\\.me +authenticated +@authenticated"))
        .anyMatch(
            l ->
                l.matches(
                    "User\\.id +scopes a and b or c, tenant by tenantId +@requiresScopes of User,"
                        + " @tenant of User"));
  }
}
