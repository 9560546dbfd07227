package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  private static final String SOURCE =
      """
      sources:
        github:
          scheme: github
          owner: platform
          classification: internal
          limits: { requestsPerSecond: 100 }
          secrets: [{ id: a, value: "${env:GITHUB_SECRET}" }]
      """;

  @TempDir private Path folder;

  @Test
  void doctor_nothingWeak_saysSo() throws IOException {
    CommandRun.Ended ended = doctor(SOURCE, "a-secret-of-twenty-eight-bytes");

    assertThat(ended.lines()).containsExactly("nothing found");
    assertThat(ended.status()).isZero();
  }

  @Test
  void doctor_aWarning_isOneLineWithItsFixAndTheAnswerNo() throws IOException {
    CommandRun.Ended ended = doctor(SOURCE + "    mode: observe\n", "abcdefgh");

    assertThat(ended.lines())
        .hasSize(2)
        .allMatch(line -> line.matches("warning  \\S+ .*; fix: .+"));
    assertThat(ended.lines().get(0)).contains("sources.github.secrets[0].value is 8 bytes long");
    assertThat(ended.lines().get(1)).contains("sources.github.mode is observe");
    assertThat(ended.everything()).doesNotContain("abcdefgh");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void doctor_adviceAlone_isNoWarning() throws IOException {
    CommandRun.Ended ended =
        doctor(SOURCE.replace("    classification: internal\n", ""), "a-secret-of-28-bytes-or-so");

    assertThat(ended.lines()).hasSize(1);
    assertThat(ended.lines().get(0)).startsWith("advice   sources.github.classification");
    assertThat(ended.status()).isZero();
  }

  @Test
  void doctor_json_isAnArrayOfFindings() throws IOException {
    write(SOURCE);

    CommandRun.Ended ended =
        new CommandRun().in(folder).env("GITHUB_SECRET", "abcdefgh").run("doctor", "--json");

    assertThat(ended.lines()).hasSize(1);
    assertThat(ended.out())
        .startsWith("[{\"level\":\"warning\",\"path\":\"sources.github.secrets[0].value\"")
        .contains("\"fix\":\"");
  }

  @Test
  void doctor_refusedConfiguration_isWhatServeSays() throws IOException {
    write(SOURCE.replace("owner: platform", "ownr: platform"));

    CommandRun.Ended ended =
        new CommandRun().in(folder).env("GITHUB_SECRET", "abcdefgh").run("doctor");

    assertThat(ended.errors()).anyMatch(line -> line.startsWith("sources.github.ownr: "));
    assertThat(ended.out()).isEmpty();
    assertThat(ended.status()).isEqualTo(2);
  }

  @Test
  void doctor_keyThatWouldMoveTheCursor_isOneLineWithout() throws IOException {
    CommandRun.Ended ended =
        doctor(SOURCE + "    \"a\\e[2J\\nb\": 1\n", "a-secret-of-28-bytes-or-so");

    assertThat(ended.errors())
        .singleElement()
        .asString()
        .startsWith("sources.github.a?[2J?b: ")
        .matches("\\P{Cc}+");
    assertThat(ended.status()).isEqualTo(2);
  }

  @Test
  void doctor_destinationOfAnEmbeddedReceiver_isRefusedAsByServe() throws IOException {
    write(SOURCE + "    deliver: { eventBus: orders }\n");
    CommandRun here =
        new CommandRun().in(folder).env("GITHUB_SECRET", "a-secret-of-28-bytes-or-so");

    CommandRun.Ended ended = here.run("doctor");

    assertThat(ended.errors())
        .singleElement()
        .asString()
        .startsWith("sources.github.deliver.eventBus: needs a receiver within your own Vert.x");
    assertThat(ended.out()).isEmpty();
    assertThat(ended.status()).isEqualTo(2);
    assertThat(here.run("serve", "--port", "0", "--management-port", "0")).isEqualTo(ended);
  }

  @Test
  void doctor_sourceThatDeliversNowhereNow_isNotRefused() throws IOException {
    CommandRun.Ended ended =
        doctor(
            SOURCE + "    enabled: false\n    deliver: { eventBus: orders }\n",
            "a-secret-of-28-bytes-or-so");

    assertThat(ended.errors()).isEmpty();
    assertThat(ended.status()).isZero();
  }

  @Test
  void doctor_noConfiguration_saysWhereToGetOne() {
    CommandRun.Ended ended = new CommandRun().in(folder).run("doctor");

    assertThat(ended.errors())
        .containsExactly(
            "--config: is missing, and there is no ./gatehouse.yaml: name one, or run 'gatehouse"
                + " init'");
    assertThat(ended.status()).isEqualTo(2);
  }

  @Test
  void doctor_ofWhatInitWrote_hasNoWarning() {
    new CommandRun().in(folder).run("init");

    CommandRun.Ended ended = new CommandRun().in(folder).run("doctor");

    assertThat(ended.lines()).isNotEmpty().allMatch(line -> line.startsWith("advice "));
    assertThat(ended.status()).isZero();
  }

  private CommandRun.Ended doctor(String yaml, String secret) throws IOException {
    write(yaml);
    return new CommandRun().in(folder).env("GITHUB_SECRET", secret).run("doctor");
  }

  private void write(String yaml) throws IOException {
    Files.writeString(folder.resolve("gatehouse.yaml"), yaml);
  }
}
