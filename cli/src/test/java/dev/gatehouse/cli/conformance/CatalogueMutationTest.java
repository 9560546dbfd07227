package dev.gatehouse.cli.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gatehouse.cli.CommandRun;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * What no scheme of the catalogue may let pass: its own good vectors, each changed in one place.
 */
class CatalogueMutationTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int VECTORS_TO_MUTATE = 2;
  private static final int LEAST_MUTATIONS = 6;

  @TestFactory
  Stream<DynamicTest> vector_changed_isRejectedWithItsReason() {
    return Schemes.names().stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> check(Schemes.named(name))));
  }

  private static void check(Scheme scheme) throws IOException {
    List<ObjectNode> good =
        scheme.vectors().stream()
            .filter(vector -> vector.outcome().equals("verified"))
            // Another key of the same kind is made by the algorithm's name.
            .filter(vector -> scheme.message() == null || vector.params().containsKey("algorithm"))
            .limit(VECTORS_TO_MUTATE)
            .map(vector -> inputs(scheme, vector))
            .toList();
    List<JsonNode> verdicts = answers(good);
    List<Mutations.Mutated> mutated = new ArrayList<>();
    for (int i = 0; i < good.size(); i++) {
      assertThat(verdicts.get(i).get("outcome").asText()).isEqualTo("verified");
      mutated.addAll(Mutations.of(scheme, good.get(i), verdicts.get(i).path("timestamp").asLong()));
    }
    assertThat(mutated).hasSizeGreaterThanOrEqualTo(LEAST_MUTATIONS);
    List<JsonNode> answers = answers(mutated.stream().map(Mutations.Mutated::inputs).toList());
    for (int i = 0; i < mutated.size(); i++) {
      JsonNode answer = answers.get(i);
      assertThat(answer.get("outcome").asText()).as(answer + "").isEqualTo("rejected");
      assertThat(mutated.get(i).reasons()).as(answer + "").contains(answer.get("reason").asText());
    }
  }

  private static ObjectNode inputs(Scheme scheme, Scheme.Vector vector) {
    ObjectNode of = JsonNodeFactory.instance.objectNode();
    of.put("case", scheme.name() + " " + vector.name()).put("scheme", scheme.name());
    vector.secrets().forEach(of.putArray("secrets")::add);
    ObjectNode params = of.putObject("params");
    vector.params().forEach(params::put);
    of.put("method", vector.method()).put("url", vector.url());
    var headers = of.putArray("headers");
    vector.headers().forEach((name, value) -> headers.addArray().add(name).add(value));
    of.put("body", vector.body());
    if (!vector.now().isEmpty()) {
      boolean seconds = vector.now().chars().allMatch(Character::isDigit);
      if (seconds) {
        of.put("now", Long.parseLong(vector.now()));
      } else {
        of.put("now", vector.now());
      }
    }
    return of;
  }

  private static List<JsonNode> answers(List<ObjectNode> cases) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (ObjectNode each : cases) {
      lines.append(JSON.writeValueAsString(each)).append('\n');
    }
    CommandRun.Ended ended = new CommandRun().input(lines.toString()).run("verify", "--batch", "-");
    assertThat(ended.err()).isEmpty();
    assertThat(ended.lines()).hasSize(cases.size());
    List<JsonNode> answers = new ArrayList<>();
    for (String line : ended.lines()) {
      answers.add(JSON.readTree(line));
    }
    return answers;
  }
}
