package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The vectors of the catalogue come from scripts for Node that share no code with the verifier; the
 * schemes' files hold what the scripts print. Where there is no Node the comparison is skipped.
 */
class VectorsAreIndependentTest {
  private static final Path SCRIPTS = Path.of("src/test/vectors").toAbsolutePath();

  @TempDir Path dir;

  @Test
  void vector_madeByNode_standsInItsSchemesFile() throws Exception {
    JsonNode printed = printed();

    List<String> wrong = new ArrayList<>();
    Map<String, Map<String, Scheme.Vector>> known = new LinkedHashMap<>();
    for (JsonNode made : printed) {
      String scheme = made.path("scheme").asText();
      Scheme.Vector expected = vector(made);
      Scheme.Vector actual =
          known
              .computeIfAbsent(scheme, VectorsAreIndependentTest::vectorsOf)
              .get(made.path("name").asText());
      if (!expected.equals(actual)) {
        wrong.add(scheme + ": made " + expected + ", but its file has " + actual);
      }
    }

    assertThat(printed).isNotEmpty();
    assertThat(wrong).isEmpty();
  }

  static List<String> names() {
    return Schemes.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void scheme_ofTheCatalogue_hasAGoodVectorAndTwoBadOnes(String name) {
    List<String> outcomes =
        Schemes.named(name).vectors().stream().map(Scheme.Vector::outcome).toList();

    assertThat(outcomes.stream().filter("verified"::equals)).isNotEmpty();
    assertThat(outcomes.stream().filter("rejected"::equals)).hasSizeGreaterThanOrEqualTo(2);
  }

  private static Map<String, Scheme.Vector> vectorsOf(String scheme) {
    Map<String, Scheme.Vector> byName = new LinkedHashMap<>();
    for (Scheme.Vector vector : Schemes.named(scheme).vectors()) {
      assertThat(byName.put(vector.name(), vector)).as(scheme + " " + vector.name()).isNull();
    }
    return byName;
  }

  private static Scheme.Vector vector(JsonNode made) {
    List<String> secrets = new ArrayList<>();
    made.path("secrets").forEach(secret -> secrets.add(secret.asText()));
    return new Scheme.Vector(
        made.path("name").asText(),
        secrets,
        texts(made.path("params")),
        made.path("method").asText("POST"),
        made.path("url").asText(""),
        texts(made.path("headers")),
        made.path("body").asText(""),
        made.path("now").asText(""),
        made.path("outcome").asText("verified"),
        made.path("reason").asText(""));
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
    return texts;
  }

  private JsonNode printed() throws IOException, InterruptedException {
    Assumptions.assumeTrue(isNodeThere(), "no node on the PATH to make the vectors with");
    File out = dir.resolve("vectors.json").toFile();
    File err = dir.resolve("errors.txt").toFile();
    Process node =
        new ProcessBuilder("node", SCRIPTS.resolve("main.mjs").toString())
            .redirectOutput(out)
            .redirectError(err)
            .start();
    assertThat(node.waitFor(60, TimeUnit.SECONDS)).as("node ended in time").isTrue();
    assertThat(node.exitValue()).as(Files.readString(err.toPath())).isZero();
    return JsonMapper.builder().build().readTree(out);
  }

  private static boolean isNodeThere() {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, "node"))) {
        return true;
      }
    }
    return false;
  }
}
