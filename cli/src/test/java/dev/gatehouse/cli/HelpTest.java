package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "init",
        "serve",
        "schemes",
        "sign",
        "verify",
        "send",
        "deliveries",
        "deliveries list",
        "deliveries show",
        "deliveries replay",
        "doctor"
      })
  void help_ofEachCommand_explainsItsOptionsAndShowsAnExample(String command) {
    CommandRun.Ended ended = CommandRun.of((command + " --help").strip().split(" "));

    assertThat(ended.status()).isZero();
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out()).contains("Usage: gatehouse").contains("Example");
    assertThat(ended.lines()).anyMatch(line -> line.contains("./gatehouse " + command));
    assertThat(ended.out()).doesNotContain("${").doesNotContain("null");
    List<String> options =
        ended.lines().stream()
            .takeWhile(line -> !line.startsWith("Example"))
            .filter(line -> line.matches("\\s+(-\\w, )?\\s*--\\S+.*"))
            .toList();
    assertThat(options).isNotEmpty().allMatch(line -> line.matches("\\s+\\S.*?\\s{2,}\\S.*"));
  }

  @Test
  void noCommand_isHelp() {
    CommandRun.Ended ended = CommandRun.of();

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).contains("Commands:").contains("serve").contains("deliveries");
  }

  @Test
  void version_isOneLine() {
    assertThat(CommandRun.of("--version").lines()).hasSize(1).first().asString().contains("Java");
  }

  @Test
  void exampleOfVerify_isTrue() {
    CommandRun.Ended ended =
        CommandRun.of(
            "verify",
            "--scheme",
            "github",
            "--secret",
            "It's a Secret to Everybody",
            "--header",
            "X-Hub-Signature-256: sha256="
                + "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            "--text",
            "Hello, World!");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).contains("\"outcome\":\"verified\"");
  }
}
