package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/operations.md and the files beside it, held against a receiver that runs. */
class OperationsTest {
  private static final Path DOCS = Path.of("").toAbsolutePath();
  private static final Path RULES = DOCS.resolve("operations/prometheus-rules.yaml");
  private static final Path DASHBOARD = DOCS.resolve("operations/grafana-dashboard.json");
  private static final String DURATION = "([0-9]+(ms|s|m|h|d|w|y))+";
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:gatehouse|jvm|process)_[a-z0-9_]+\\b");

  @TempDir Path dir;

  private static JsonNode rules() throws Exception {
    return new ObjectMapper(new YAMLFactory()).readTree(RULES.toFile());
  }

  private static JsonNode dashboard() throws Exception {
    return new ObjectMapper().readTree(DASHBOARD.toFile());
  }

  private static List<String> expressions() throws Exception {
    List<String> all = new ArrayList<>(rules().findValuesAsText("expr"));
    all.addAll(dashboard().findValuesAsText("expr"));
    return all;
  }

  private static List<String> fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void rules_eachOne_haveTheShapeThatPrometheusReads() throws Exception {
    String page = Files.readString(DOCS.resolve("operations.md"));
    assertThat(fields(rules())).containsExactly("groups");
    Set<String> names = new TreeSet<>();
    for (JsonNode group : rules().get("groups")) {
      assertThat(List.of("name", "interval", "limit", "rules")).containsAll(fields(group));
      assertThat(group.get("name").isTextual()).isTrue();
      for (JsonNode rule : group.get("rules")) {
        assertThat(List.of("alert", "expr", "for", "keep_firing_for", "labels", "annotations"))
            .containsAll(fields(rule));
        String name = rule.get("alert").asText();
        assertThat(names.add(name)).as(name + " twice").isTrue();
        assertThat(name).matches("[a-zA-Z_][a-zA-Z0-9_]*");
        assertThat(rule.path("for").asText("0s")).matches(DURATION);
        assertThat(rule.at("/labels/severity").asText()).isIn("warning", "critical");
        assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
        rule.get("labels").forEach(label -> assertThat(label.isTextual()).isTrue());
        rule.get("annotations").forEach(text -> assertThat(text.isTextual()).isTrue());
        assertThat(page).as("what to do about " + name).contains(name);
      }
    }
    assertThat(names).hasSizeGreaterThan(8);
  }

  @Test
  void dashboard_eachPanel_asksForSomething() throws Exception {
    JsonNode panels = dashboard().get("panels");
    Set<Integer> ids = new TreeSet<>();
    for (JsonNode panel : panels) {
      assertThat(ids.add(panel.get("id").asInt())).isTrue();
      assertThat(panel.get("title").asText()).isNotBlank();
      assertThat(panel.get("targets")).isNotEmpty();
      assertThat(panel.at("/gridPos/w").asInt()).isBetween(1, 24);
    }
    assertThat(ids).hasSizeGreaterThan(10);
  }

  @Test
  void expressions_allOfThem_areBalanced() throws Exception {
    for (String expression : expressions()) {
      String bare = expression.replaceAll("\"[^\"]*\"", "");
      for (String pair : List.of("()", "{}", "[]")) {
        assertThat(count(bare, pair.charAt(0)))
            .as(expression)
            .isEqualTo(count(bare, pair.charAt(1)));
      }
      assertThat(bare).as(expression).doesNotContain("\"");
    }
  }

  private static long count(String text, char of) {
    return text.chars().filter(c -> c == of).count();
  }

  @Test
  void metrics_thatRulesDashboardAndPageName_areExposed() throws Exception {
    Set<String> named = new TreeSet<>();
    Stream.concat(
            expressions().stream(), Stream.of(Files.readString(DOCS.resolve("operations.md"))))
        .map(METRIC::matcher)
        .flatMap(Matcher::results)
        .forEach(found -> named.add(found.group()));
    Commands commands = Commands.in(dir);
    try (Commands.Server server = commands.serve("--port 0 --management-port 0")) {
      String management = server.find("management +(http://\\S+)");
      commands.run(0, server.find("(\\./gatehouse send .*)"));
      server.readUntil("delivered ");
      awaitDelivered(commands, management);
      String exposed = get(management + "/metrics");
      String replayed =
          commands.run(
              0,
              "./gatehouse deliveries replay --source demo --state delivered --management "
                  + management);

      for (String name : named) {
        // a histogram is named without its suffix in prose
        assertThat(exposed).as(name).containsPattern("(?m)^" + name + "(_bucket|_count)?[{ ]");
      }
      assertThat(named).contains("gatehouse_ack_seconds_bucket", "gatehouse_circuit_state");
      assertThat(replayed)
          .contains("demo: 1 looked at, 1 replayed …", "replayed 1 of 1 deliveries looked at");
    }
  }

  private static void awaitDelivered(Commands commands, String management) throws Exception {
    String list = "./gatehouse deliveries list --state delivered --management " + management;
    long deadline = System.nanoTime() + 120_000_000_000L;
    while (!commands.run(0, list).contains("dlv_")) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  private static String get(String url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }

  @Test
  void backup_takenWhileItRuns_isRestored() throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "sqlite3"))),
        "the command sqlite3 is not installed");
    Commands commands = Commands.in(dir);
    List<String> blocks = shellBlocks("## Back up and restore");
    String kept;
    try (Commands.Server server = commands.serve("--port 0 --management-port 0")) {
      String send = server.find("(\\./gatehouse send .*)");
      String at = " --management " + server.find("management +(http://\\S+)");
      commands.run(0, send);
      kept = commands.run(0, "./gatehouse deliveries list --json" + at);
      assertThat(commands.run(0, blocks.get(0))).contains("ok");
      commands.run(0, send);
    }
    commands.run(0, blocks.get(1));
    try (Commands.Server again = commands.serve("--port 0 --management-port 0")) {
      String at = " --management " + again.find("management +(http://\\S+)");
      String listed = commands.run(0, "./gatehouse deliveries list --json" + at);

      assertThat(ids(listed)).isEqualTo(ids(kept)).hasSize(1);
    }
  }

  private static List<String> ids(String json) {
    return Pattern.compile("dlv_[0-9a-zA-Z]{13}")
        .matcher(json)
        .results()
        .map(found -> found.group())
        .toList();
  }

  private static List<String> shellBlocks(String section) throws Exception {
    String page = Files.readString(DOCS.resolve("operations.md"));
    String from = page.substring(page.indexOf(section) + section.length());
    String only = from.substring(0, from.indexOf("\n## "));
    return Pattern.compile("(?ms)^```bash\\n(.*?)^```$")
        .matcher(only)
        .results()
        .map(block -> block.group(1))
        .toList();
  }
}
