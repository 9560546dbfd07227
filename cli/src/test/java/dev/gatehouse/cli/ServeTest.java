package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServeTest {
  private static final String[] FREE_PORTS = {"--port", "0", "--management-port", "0"};

  @TempDir Path folder;

  private CommandRun here() {
    return new CommandRun().in(folder);
  }

  private static String[] with(String[] command, String... more) {
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray(String[]::new);
  }

  private void awaitDelivered(String management, int count) {
    String[] list = {"deliveries", "list", "--state", "delivered", "--management", management};
    long begun = System.nanoTime();
    while (here().run(list).lines().size() < 1 + count) {
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(120));
    }
  }

  @Test
  void serve_demo_takesTheWebhookOfTheCommandThatItPrints() throws Exception {
    try (ServedReceiver served = ServedReceiver.in(folder, FREE_PORTS)) {
      CommandRun.Ended sent = here().run(served.sendCommand());
      CommandRun.Ended many =
          here().run(with(served.sendCommand(), "--count", "40", "--concurrency", "4", "--json"));

      assertThat(sent.status()).isZero();
      assertThat(sent.out()).contains("sent 1").contains("status 204").contains("latency");
      assertThat(many.status()).isZero();
      JsonNode report = Json.mapper().readTree(many.out());
      assertThat(report.get("statuses").get("204").asInt()).isEqualTo(40);
      assertThat(report.get("latency_ms").fieldNames())
          .toIterable()
          .containsExactly("min", "p50", "p95", "p99", "max");
      assertThat(
              here().run("deliveries", "list", "--management", served.after("management")).lines())
          .hasSize(1 + 41);

      // what it prints of the deliveries comes from another thread than its last line
      awaitDelivered(served.after("management"), 41);
      assertThat(served.stop()).isZero();
      assertThat(served.out()).endsWith("stopped\n");
      assertThat(served.err()).isEmpty();
    }
  }

  @Test
  void serve_demoAgain_keepsItsSecretAndItsDeliveries() throws Exception {
    String secret;
    try (ServedReceiver first = ServedReceiver.in(folder, FREE_PORTS)) {
      secret = first.sendCommand()[4];
      here().run(first.sendCommand());
    }

    try (ServedReceiver second = ServedReceiver.in(folder, FREE_PORTS)) {
      assertThat(second.sendCommand()[4]).isEqualTo(secret).startsWith("whsec_");
      assertThat(
              here().run("deliveries", "list", "--management", second.after("management")).lines())
          .hasSize(2);
    }
  }

  @Test
  void send_wrongSecretAndRepeatedId_tellsTheStatuses() throws Exception {
    try (ServedReceiver served = ServedReceiver.in(folder, FREE_PORTS)) {
      String[] command = served.sendCommand();
      CommandRun.Ended same =
          here().run(with(command, "--id", "msg_same", "--count", "3", "--json"));
      command[4] = "whsec_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=";
      CommandRun.Ended refused = here().run(with(command, "--json"));

      assertThat(same.status()).isZero();
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.out()).contains("\"401\":1");
      assertThat(
              here().run("deliveries", "list", "--management", served.after("management")).lines())
          .hasSize(2);
    }
  }

  @Test
  void deliveries_showAndReplay_tellWhatTheReceiverAnswers() throws Exception {
    try (ServedReceiver served = ServedReceiver.in(folder, FREE_PORTS)) {
      here().run(served.sendCommand());
      String at = served.after("management");
      String id =
          Json.mapper()
              .readTree(here().run("deliveries", "list", "--json", "--management", at).out())
              .get("deliveries")
              .get(0)
              .get("id")
              .asText();

      awaitDelivered(at, 1); // under way it would not be replayed
      CommandRun.Ended shown = here().run("deliveries", "show", id, "--body", "--management", at);
      CommandRun.Ended json = here().run("deliveries", "show", id, "--json", "--management", at);
      CommandRun.Ended replayed = here().run("deliveries", "replay", id, "--management", at);
      CommandRun.Ended none =
          here().run("deliveries", "show", "dlv_0000000000000", "--management", at);
      CommandRun.Ended badState =
          here().run("deliveries", "list", "--state", "lost", "--management", at);
      CommandRun.Ended badLimit =
          here().run("deliveries", "list", "--limit", "0", "--management", at);

      assertThat(shown.out()).contains(id).contains("demo.hello").contains("\"hello\":\"world\"");
      assertThat(Json.mapper().readTree(json.out()).get("id").asText()).isEqualTo(id);
      assertThat(replayed.status()).isZero();
      assertThat(replayed.errors()).isEmpty();
      assertThat(none.status()).isEqualTo(1);
      assertThat(none.errors()).containsExactly("ID: no such delivery");
      assertThat(badState.errors())
          .hasSize(1)
          .first()
          .asString()
          .startsWith("--state: must be one");
      assertThat(badState.status()).isEqualTo(2);
      assertThat(badLimit.errors()).containsExactly("--limit: must be between 1 and 500");
    }
  }

  @Test
  void deliveries_nothingListens_saysHowToStart() throws Exception {
    CommandRun.Ended ended =
        CommandRun.of("deliveries", "list", "--management", "http://127.0.0.1:" + closedPort());

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.errors()).hasSize(1).first().asString().contains("./gatehouse serve");
  }

  @Test
  void send_nothingListens_isOneLine() throws Exception {
    CommandRun.Ended ended =
        CommandRun.of(
            "send",
            "--scheme",
            "github",
            "--secret",
            "abcdefgh",
            "--text",
            "x",
            "--count",
            "50",
            "--concurrency",
            "8",
            "--to",
            "http://127.0.0.1:" + closedPort());

    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.errors())
        .filteredOn(line -> !line.equals("sent 0 of 50")) // progress, where it takes its time
        .hasSize(1)
        .first()
        .asString()
        .startsWith("--to: 127.0.0.1:")
        .contains("nothing accepts connections there");
  }

  private static int closedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void serve_portTaken_namesTheOption() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      CommandRun.Ended open = here().run("serve", "--port", port, "--management-port", "0");
      CommandRun.Ended management = here().run("serve", "--port", "0", "--management-port", port);

      assertThat(open.status()).isEqualTo(2);
      assertThat(open.errors()).hasSize(1).first().asString().startsWith("--port: ");
      assertThat(management.status()).isEqualTo(2);
      assertThat(management.errors())
          .hasSize(1)
          .first()
          .asString()
          .startsWith("--management-port: ");
    }
  }

  @Test
  void serve_configuredPortTaken_namesWhatIsConfigured() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      writeConfig("server: {port: " + port + ", management: {port: 0}}\n");
      CommandRun.Ended open = here().run("serve");
      writeConfig("server: {port: 0, management: {port: " + port + "}}\n");
      CommandRun.Ended management = here().run("serve");
      CommandRun.Ended option = here().run("serve", "--management-port", port);

      assertThat(open.errors()).singleElement().asString().startsWith("server.port: ");
      assertThat(management.errors())
          .singleElement()
          .asString()
          .startsWith("server.management.port: ");
      assertThat(option.errors()).singleElement().asString().startsWith("--management-port: ");
    }
  }

  @Test
  void serve_dataFolderInUse_isOneLine() throws Exception {
    try (ServedReceiver served = ServedReceiver.in(folder, FREE_PORTS)) {
      assertThat(served.out()).isNotEmpty();

      CommandRun.Ended second = here().run(with(new String[] {"serve"}, FREE_PORTS));

      assertThat(second.status()).isEqualTo(2);
      assertThat(second.errors())
          .singleElement()
          .asString()
          .as("the demo has no configuration")
          .startsWith("--data: ")
          .contains("is in use by another receiver");
    }
  }

  private void writeConfig(String server) throws Exception {
    Files.writeString(
        folder.resolve("gatehouse.yaml"),
        server
            + """
            sources:
              shop:
                scheme: github
                owner: me
                secrets: [{id: a, value: a-secret-of-20-bytes}]
            """);
  }

  private static Stream<List<String>> dataFolders() {
    return Stream.of(List.of(), List.of("--data", "elsewhere"));
  }

  @Test
  void serve_configurationThatLeadsNowhere_isRefusedAndNoDemo() throws Exception {
    Files.createSymbolicLink(folder.resolve("gatehouse.yaml"), folder.resolve("unmounted.yaml"));
    // the demo could not start here, so that it would end as well
    Files.createFile(folder.resolve("gatehouse-data"));

    CommandRun.Ended refused = serveRefused(List.of());

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.errors())
        .singleElement()
        .asString()
        .startsWith("--config: ")
        .endsWith("gatehouse.yaml cannot be read: check that it exists and its permissions");
  }

  private CommandRun.Ended serveRefused(List<String> more) {
    return here().run(with(with(new String[] {"serve"}, FREE_PORTS), more.toArray(String[]::new)));
  }

  @ParameterizedTest
  @MethodSource("dataFolders")
  void serve_postgresThatIsDown_namesItsUrl(List<String> data) throws Exception {
    String url = "jdbc:postgresql://127.0.0.1:" + closedPort() + "/hooks";
    writeConfig(
        "store: {kind: postgres, url: '" + url + "', user: hooks, password: of-nobody-at-all}\n");

    CommandRun.Ended refused = serveRefused(data);

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.errors())
        .singleElement()
        .asString()
        .startsWith("store.url: jdbc:postgresql://127.0.0.1:")
        .endsWith("cannot be reached: check the URL, and that the server runs");
    assertThat(refused.lines())
        .as("what is said of --data")
        .hasSize(data.isEmpty() ? 0 : 1)
        .allMatch(line -> line.startsWith("--data has no effect: "));
  }

  @ParameterizedTest
  @MethodSource("dataFolders")
  void serve_redisThatIsDown_namesItsUrl(List<String> data) throws Exception {
    writeConfig("shared: {kind: redis, url: 'redis://127.0.0.1:" + closedPort() + "'}\n");

    CommandRun.Ended refused = serveRefused(data);

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.errors())
        .containsExactly(
            "shared.url: this Redis cannot be reached: check the URL, and that the server runs");
  }

  @ParameterizedTest
  @MethodSource("dataFolders")
  void serve_withoutAKeyThatRowsNeed_namesTheKeys(List<String> data) throws Exception {
    String key = "'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='";
    writeConfig("store: {encryption: {keys: [{id: first, value: " + key + "}]}}\n");
    String[] options = with(FREE_PORTS, data.toArray(String[]::new));
    try (ServedReceiver served = ServedReceiver.in(folder, options)) {
      String to = served.after("webhooks");
      String[] send = {"send", "--scheme", "github", "--secret", "a-secret-of-20-bytes"};
      assertThat(here().run(with(send, "--text", "{}", "--to", to)).out()).contains("status 204");
    }
    writeConfig("");

    CommandRun.Ended refused = serveRefused(data);

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.errors())
        .singleElement()
        .asString()
        .startsWith("store.encryption.keys: deliveries are sealed with first");
  }

  @Test
  void serve_dataFolderThatIsInUse_namesTheOption() throws Exception {
    String[] options = with(FREE_PORTS, "--data", "mine");
    try (ServedReceiver served = ServedReceiver.in(folder, options)) {
      assertThat(served.out()).isNotEmpty();

      CommandRun.Ended second = here().run(with(new String[] {"serve"}, options));

      assertThat(second.status()).isEqualTo(2);
      assertThat(second.errors())
          .singleElement()
          .asString()
          .startsWith("--data: ")
          .doesNotContain("store.path")
          .contains("is in use by another receiver");
    }
  }

  @Test
  void init_thenServe_startsWithIt() throws Exception {
    CommandRun.Ended written = here().run("init");
    assertThat(written.status()).isZero();
    assertThat(written.out()).contains("wrote gatehouse.yaml").contains("./gatehouse serve");
    String yaml = Files.readString(folder.resolve("gatehouse.yaml"));
    String secret = yaml.replaceFirst("(?s).*(whsec_[A-Za-z0-9+/=]+).*", "$1");
    assertThat(written.everything()).doesNotContain(secret);

    try (ServedReceiver served = ServedReceiver.in(folder, FREE_PORTS)) {
      CommandRun.Ended sent =
          here()
              .env("S", secret)
              .run(
                  "send",
                  "--scheme",
                  "standard-webhooks",
                  "--secret",
                  "env:S",
                  "--text",
                  "{\"type\":\"a\"}",
                  "--to",
                  served.after("webhooks"));

      assertThat(sent.out()).contains("status 204");
      assertThat(served.out()).doesNotContain(secret);
    }
  }

  @Test
  void init_onAFile_saysThatItIsOne() throws Exception {
    Files.writeString(folder.resolve("notes"), "mine");

    CommandRun.Ended refused = here().run("init", "notes");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.errors()).containsExactly("DIR: is a file: give a folder");
  }

  @Test
  void init_intoALinkedFolder_writesThere() throws Exception {
    Files.createDirectory(folder.resolve("real"));
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));

    assertThat(here().run("init", "link").status()).isZero();
    assertThat(folder.resolve("real/gatehouse.yaml")).exists();
  }

  @Test
  void init_intoALinkToNothing_doesNotSpeakOfAConfiguration() throws Exception {
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));

    CommandRun.Ended refused = here().run("init", "link");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("cannot be written to");
  }

  @Test
  void serve_dataFolderEmpty_isRefused() throws Exception {
    CommandRun.Ended refused = here().run("serve", "--data", "");

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.errors()).hasSize(1).first().asString().startsWith("--data: is empty");
  }

  @Test
  void init_again_refusesUnlessForced() throws Exception {
    here().run("init", "a/b");
    Path file = folder.resolve("a/b/gatehouse.yaml");
    String first = Files.readString(file);

    CommandRun.Ended again = here().run("init", "a/b");
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.errors()).hasSize(1).first().asString().startsWith("DIR: holds");
    assertThat(Files.readString(file)).isEqualTo(first);

    assertThat(here().run("init", "a/b", "--force").out()).contains("--config a/b/gatehouse.yaml");
    assertThat(Files.readString(file)).isNotEqualTo(first);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void serve_badConfiguration_isALineAMistake() throws Exception {
    Files.writeString(
        folder.resolve("own.yaml"),
        """
        server: {port: x}
        sources:
          a:
            scheme: githb
            owner: me
            secrets: [{id: b, value: changeme}]
        """);

    CommandRun.Ended ended = here().run("serve", "--config", "own.yaml");

    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.errors()).hasSizeGreaterThan(1).anyMatch(l -> l.startsWith("server.port: "));
    assertThat(ended.errors()).anyMatch(l -> l.startsWith("sources.a."));
    assertThat(ended.err()).doesNotContain("changeme");
  }

  @Test
  void serve_tokenOfTheManagementPort_isAskedFor() throws Exception {
    here().run("init");
    Path file = folder.resolve("gatehouse.yaml");
    Files.writeString(file, Files.readString(file).replace("# token: \"", "token: \""));
    Map<String, String> environment = Map.of("GATEHOUSE_ADMIN_TOKEN", "tokentoken-0123456789");

    try (ServedReceiver served = ServedReceiver.in(folder, environment, FREE_PORTS)) {
      String at = served.after("management");
      CommandRun.Ended without = here().run("deliveries", "list", "--management", at);
      CommandRun.Ended with =
          here()
              .env("T", "tokentoken-0123456789")
              .run("deliveries", "list", "--management", at, "--token", "env:T");

      assertThat(without.status()).isEqualTo(2);
      assertThat(without.errors()).hasSize(1).first().asString().startsWith("--token: ");
      assertThat(with.status()).isZero();
      assertThat(served.out()).doesNotContain("tokentoken");
    }
  }

  @Test
  void send_twilioForm_signsTheUrlItCalls() throws Exception {
    Files.writeString(
        folder.resolve("gatehouse.yaml"),
        """
        sources:
          sms:
            scheme: twilio
            owner: me
            secrets: [{id: a, value: abcdefgh}]
        """);
    try (ServedReceiver served = ServedReceiver.in(folder, FREE_PORTS)) {
      CommandRun.Ended sent =
          here()
              .run(
                  "send",
                  "--scheme",
                  "twilio",
                  "--secret",
                  "abcdefgh",
                  "--text",
                  "b=2&a=1",
                  "--header",
                  "Content-Type: application/x-www-form-urlencoded",
                  "--to",
                  served.after("webhooks"));

      assertThat(sent.out()).contains("status 204");
    }
  }
}
