package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchemesCommandTest {
  @Test
  void schemes_withoutName_listsEachOnALine() {
    CommandRun.Ended ended = CommandRun.of("schemes");

    assertThat(ended.status()).isZero();
    assertThat(ended.lines().get(0)).startsWith("NAME ").endsWith("CONFIDENCE");
    assertThat(ended.lines().stream().skip(1).map(line -> line.split(" ")[0]))
        .containsExactlyElementsOf(Schemes.names());
  }

  @Test
  void schemes_json_isAnArrayOfEach() throws Exception {
    JsonNode all = Json.mapper().readTree(CommandRun.of("schemes", "--json").out());

    assertThat(all).hasSize(Schemes.names().size());
    assertThat(all.findValuesAsText("name")).containsExactlyElementsOf(Schemes.names());
  }

  static List<String> names() {
    return Schemes.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void schemes_withName_tellsItsSourcesAndDoubts(String name) throws Exception {
    Scheme scheme = Schemes.named(name);

    CommandRun.Ended ended = CommandRun.of("schemes", name);

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).contains(scheme.sources()).contains(scheme.notes());
    assertThat(ended.out()).contains("Vectors").contains(" verified");
    scheme.params().keySet().forEach(param -> assertThat(ended.out()).contains(param));
    scheme.uncertain().forEach(doubt -> assertThat(ended.out()).contains(doubt));
    scheme.handshakes().forEach(h -> assertThat(ended.out()).contains(h.name() + ": "));
    JsonNode json = Json.mapper().readTree(CommandRun.of("schemes", name, "--json").out());
    assertThat(json.get("name").asText()).isEqualTo(name);
    assertThat(json.get("sources")).hasSize(scheme.sources().size());
  }

  @Test
  void schemes_ofMessageSignatures_callsTheNonceSigned() {
    assertThat(CommandRun.of("schemes", "rfc9421").out())
        .contains("nonce", ", signed")
        .doesNotContain("not signed");
  }

  @Test
  void schemes_alias_isFound() {
    assertThat(CommandRun.of("schemes", "whatsapp").out()).startsWith("Meta (");
  }
}
