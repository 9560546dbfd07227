package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gatehouse.receiver.Receiver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/receiver.md, held against what the receiver takes and sends. */
class ReceiverPageTest {
  private static final Path PAGE = Path.of("receiver.md");
  private static final Path SOURCES = Path.of("../webhook-receiver/src/main/java");
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\n]+`");
  private static final Pattern WORD = Pattern.compile("(?<![\\w/])[a-z]\\w*");
  private static final Pattern HEADER = Pattern.compile("\"(Gatehouse-[A-Za-z-]+)\"");

  private static String code() throws IOException {
    return CODE.matcher(Files.readString(PAGE))
        .results()
        .map(MatchResult::group)
        .collect(Collectors.joining("\n"));
  }

  private static Set<String> settings() throws IOException {
    Set<String> names = new TreeSet<>();
    try (InputStream schema = Receiver.class.getResourceAsStream("gatehouse.schema.json")) {
      for (JsonNode each : new ObjectMapper().readTree(schema).findValues("properties")) {
        addAll(each, names);
      }
    }
    return names;
  }

  // Finding does not look into what it found.
  private static void addAll(JsonNode properties, Set<String> names) {
    properties
        .fieldNames()
        .forEachRemaining(
            name -> {
              names.add(name);
              properties.get(name).findValues("properties").forEach(each -> addAll(each, names));
            });
  }

  @Test
  void settings_allOfThem_areOnThePage() throws Exception {
    Set<String> told =
        WORD.matcher(code()).results().map(MatchResult::group).collect(Collectors.toSet());

    assertThat(settings()).hasSizeGreaterThan(60);
    assertThat(told).containsAll(settings());
  }

  @Test
  void headers_thatAreSent_areOnThePage() throws Exception {
    String page = Files.readString(PAGE);

    List<String> sent;
    try (Stream<Path> files = Files.walk(SOURCES)) {
      sent = files.filter(Files::isRegularFile).flatMap(ReceiverPageTest::headers).toList();
    }

    assertThat(sent).contains("Gatehouse-Delivery", "Gatehouse-Verdict");
    assertThat(sent).allSatisfy(header -> assertThat(page).contains("`" + header));
  }

  private static Stream<String> headers(Path file) {
    try {
      return HEADER.matcher(Files.readString(file)).results().map(found -> found.group(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
