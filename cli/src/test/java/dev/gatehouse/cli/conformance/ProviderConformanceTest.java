package dev.gatehouse.cli.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gatehouse.cli.CommandRun;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;

/** The providers' own vectors, and what they must not let pass when they are changed. */
class ProviderConformanceTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int VECTORS_TO_MUTATE = 4;
  private static final int LEAST_MUTATIONS = 6;

  private static Map<String, List<ProviderVector>> byScheme() {
    return ProviderVector.all(ConformanceFolder.orSkip()).stream()
        .filter(vector -> vector.inputs().isPresent())
        .collect(Collectors.groupingBy(ProviderVector::scheme, TreeMap::new, Collectors.toList()));
  }

  private static List<JsonNode> answers(List<ObjectNode> cases) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (ObjectNode each : cases) {
      lines.append(JSON.writeValueAsString(each)).append('\n');
    }
    CommandRun.Ended ended = new CommandRun().input(lines.toString()).run("verify", "--batch", "-");
    assertThat(ended.err()).isEmpty();
    assertThat(ended.status()).isZero();
    assertThat(ended.lines()).hasSize(cases.size());
    List<JsonNode> answers = new ArrayList<>();
    for (int i = 0; i < cases.size(); i++) {
      answers.add(JSON.readTree(ended.lines().get(i)));
      assertThat(answers.get(i).get("case")).isEqualTo(cases.get(i).get("case"));
    }
    return answers;
  }

  @Test
  void vectors_leftOut_areFewAndNamed(TestReporter reporter) {
    List<ProviderVector> all = ProviderVector.all(ConformanceFolder.orSkip());
    List<ProviderVector> leftOut = all.stream().filter(v -> v.inputs().isEmpty()).toList();

    leftOut.forEach(v -> reporter.publishEntry(v.id(), v.leftOut()));
    reporter.publishEntry("used", all.size() - leftOut.size() + " of " + all.size());

    assertThat(all).isNotEmpty();
    assertThat(leftOut.size()).isLessThan(all.size() / 10);
  }

  @Test
  void names_ofTheFacts_areAllSchemesUnderThatName() {
    JsonNode names = ConformanceFolder.orSkip().json("webhook/names.json");

    assertThat(names).isNotEmpty();
    assertThat(names)
        .allSatisfy(
            name -> assertThat(Schemes.named(name.asText()).name()).isEqualTo(name.asText()));
  }

  @Test
  void catalogue_schemesWithoutAVector_areThoseWithoutAPublishedOne() {
    Set<String> published =
        ProviderVector.all(ConformanceFolder.orSkip()).stream()
            .filter(vector -> vector.vector().path("verified").asBoolean())
            .filter(vector -> !vector.vector().path("url").asText("").isEmpty())
            .map(ProviderVector::scheme)
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(byScheme().keySet()).containsAll(published);
  }

  @TestFactory
  Stream<DynamicTest> vector_ofEachProvider_hasItsOutcome() {
    return byScheme().entrySet().stream()
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> checkVectors(e.getValue())));
  }

  private static void checkVectors(List<ProviderVector> vectors) throws IOException {
    List<JsonNode> answers = answers(vectors.stream().map(v -> v.inputs().orElseThrow()).toList());
    for (int i = 0; i < vectors.size(); i++) {
      ProviderVector vector = vectors.get(i);
      JsonNode answer = answers.get(i);
      assertThat(answer.get("outcome").asText()).as(answer + "").isEqualTo(vector.outcome());
      if (vector.vector().path("kind").asText().equals("handshake")) {
        checkResponse(vector.vector().get("expected"), answer.get("response"));
      }
    }
  }

  private static void checkResponse(JsonNode expected, JsonNode response) throws IOException {
    assertThat(response.get("status")).isEqualTo(expected.get("status"));
    String body = response.get("body").asText();
    if (expected.has("body") && expected.get("body").asText().startsWith("{")) {
      assertThat(JSON.readTree(body)).isEqualTo(JSON.readTree(expected.get("body").asText()));
    } else if (expected.has("body")) {
      assertThat(body).isEqualTo(expected.get("body").asText());
    }
  }

  @TestFactory
  Stream<DynamicTest> vector_changed_isRejectedWithItsReason() {
    return byScheme().entrySet().stream()
        .filter(e -> !haveRefusedSecrets(e.getValue()))
        .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> checkMutations(e.getValue())));
  }

  @Test
  void vectors_ofWhichEverySecretIsAPlaceholder_areLinears() {
    assertThat(
            byScheme().entrySet().stream()
                .filter(e -> haveRefusedSecrets(e.getValue()))
                .map(Map.Entry::getKey))
        .as("these answer with an error; CatalogueMutationTest changes their own vectors")
        .containsExactly("linear");
  }

  private static boolean haveRefusedSecrets(List<ProviderVector> vectors) {
    return vectors.stream().allMatch(v -> v.outcome().equals("error"));
  }

  // The verdict of a handshake tells no time; there the vector's own is the signed one.
  private static long timestamp(ProviderVector vector, JsonNode verdict) {
    return verdict.get("outcome").asText().equals("handshake")
        ? vector.inputs().orElseThrow().path("now").asLong()
        : verdict.get("timestamp").asLong();
  }

  private static void checkMutations(List<ProviderVector> vectors) throws IOException {
    List<ProviderVector> good =
        vectors.stream()
            .filter(v -> List.of("verified", "handshake").contains(v.outcome()))
            .filter(v -> !v.vector().has("body_repeat"))
            // A handshake without a signature has none to spoil; HandshakeTest changes these.
            .filter(v -> !v.isUnsignedHandshake())
            .filter(v -> !MessageVector.leavesBodyUnsigned(v.inputs().orElseThrow()))
            .limit(VECTORS_TO_MUTATE)
            .toList();
    List<JsonNode> verdicts = answers(good.stream().map(v -> v.inputs().orElseThrow()).toList());
    List<Mutations.Mutated> mutated = new ArrayList<>();
    for (int i = 0; i < good.size(); i++) {
      mutated.addAll(
          Mutations.of(
              Schemes.named(good.get(i).scheme()),
              good.get(i).inputs().orElseThrow(),
              timestamp(good.get(i), verdicts.get(i))));
    }
    assertThat(mutated).hasSizeGreaterThanOrEqualTo(LEAST_MUTATIONS);
    List<JsonNode> answers = answers(mutated.stream().map(Mutations.Mutated::inputs).toList());
    for (int i = 0; i < mutated.size(); i++) {
      JsonNode answer = answers.get(i);
      assertThat(answer.get("outcome").asText()).as(answer + "").isEqualTo("rejected");
      assertThat(mutated.get(i).reasons()).as(answer + "").contains(answer.get("reason").asText());
    }
  }
}
