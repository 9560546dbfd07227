package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WrongUseTest {
  private static final String SECRET = "whsec_Hd7fQeK0p3bX9uT5";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          sign --secret abcdefgh --text x | --scheme: is missing: give the name of a scheme
          sign --scheme github --text x | --secret: is missing: give at least one
          sign --scheme github --secret abcdefgh | --body: is missing: give a file, or - for standard input
          sign --scheme github --secret abcdefgh --body none | --body: the file cannot be read: check that it exists and its permissions
          sign --scheme github --secret abcdefgh --body a --text b | --text: excludes --body: give one of them
          sign --scheme github --secret abcdefgh --text b --now x | --now: must be seconds since the epoch, or RFC 3339 such as 2026-01-01T00:00:00Z
          sign --scheme github --secret abcdefgh --text b --method P! | --method: must be an HTTP method such as POST
          sign --scheme github --secret abcdefgh --text b --header x | --header: must be 'Name: value'
          sign --scheme standard-webhooks --secret whsec_abc --text b | --secret: is not base64 with padding after whsec_: copy it again from the sender
          sign --scheme github --secret abcdefgh --secret changeme --text b | --secret[1]: is a placeholder: put the real value in its place
          sign --scheme github --secret env:NOT_SET --text b | --secret: the environment variable NOT_SET is not set
          sign --scheme github --secret file:none --text b | --secret: the file cannot be read: check that it exists and its permissions
          sign --scheme square --secret abcdefgh --text b | --param notification_url: is missing: it is signed
          sign --scheme square --secret abcdefgh --text b --param x=y | --param: the name before = is not known to scheme square; it takes notification_url
          sign --scheme square --secret abcdefgh --text b --param x | --param: must be NAME=VALUE
          sign --scheme svix --secret abcdefgh --text b --id x --id y | --id: is given twice; give it once
          sign --scheme githb --secret abcdefgh --text b | --scheme: there is no such scheme; did you mean github?
          sign --scheme none.yaml --secret abcdefgh --text b | --scheme: the file cannot be read: check that it exists and its permissions
          sign --scheme aws-sns --secret abcdefgh --text b | --scheme: aws-sns cannot be signed by headers alone: its signature depends on the whole request, or stands outside the headers. RequestSigner makes the whole request; in tests, SignedRequests of gatehouse-testkit does
          verify --batch none | --batch: the file cannot be read: check that it exists and its permissions
          verify --batch . | --batch: the file cannot be read: check that it exists and its permissions
          verify --batch - --now 1 | --batch: excludes the other options: they stand in the cases
          verify --scheme square --secret abcdefgh | --param notification_url: is missing: the notification URL of the subscription, exactly as entered at Square
          send --scheme github --secret abcdefgh --text b | --to: is missing; see gatehouse send --help
          send --to x --scheme github --secret abcdefgh --text b | --to: must be a URL such as http://127.0.0.1:8080/hooks/demo
          send --to http://127.0.0.1:65536/ --scheme github --secret abcdefgh --text b | --to: must be a URL such as http://127.0.0.1:8080/hooks/demo
          send --to http://127.0.0.1/ --count 0 | --count: must be between 1 and 10000000
          send --to http://127.0.0.1/ --count -1 | --count: must be between 1 and 10000000
          send --to http://127.0.0.1/ --count 99999999999 | --count: must be between 1 and 10000000
          serve --port 99999999999 | --port: must be between 0 and 65535
          send --to http://127.0.0.1/ --count x | --count: must be a whole number
          send --to http://127.0.0.1/ --concurrency 0 | --concurrency: must be between 1 and 10000
          serve --config none | --config: the file cannot be read: check that it exists and its permissions
          serve --port x | --port: must be a whole number
          serve --port 65536 | --port: must be between 0 and 65535
          serve --management-port 65536 | --management-port: must be between 0 and 65535
          schemes githb | NAME: there is no such scheme; did you mean github?
          schemes a b | gatehouse schemes: an argument too many, without an option before it; see gatehouse schemes --help
          deliveries | deliveries: say what to do: list, show or replay; see gatehouse deliveries --help
          deliveries show | ID: is missing; see gatehouse deliveries show --help
          deliveries show x | ID: must be dlv_ and 13 characters, as deliveries list shows it
          deliveries list --management x | --management: must be a URL such as http://127.0.0.1:9090
          deliveries list --management http://127.0.0.1:65536 | --management: must be a URL such as http://127.0.0.1:9090
          deliveries list --token env:NOT_SET | --token: the environment variable NOT_SET is not set
          graphql | graphql: say what to do: cost or audit; see gatehouse graphql --help
          graphql cost | --schema: is missing: give a file
          graphql cost --schema none | --schema: the file cannot be read: check that it exists and its permissions
          graphql cost --schema none --default-list-size x | --default-list-size: must be a whole number, or Infinity
          graphql cost --batch none | --batch: the file cannot be read: check that it exists and its permissions
          graphql cost --batch - --schema x | --batch: excludes the other options: they stand in the cases
          graphql cost --batch - --query x | --batch: excludes the other options: they stand in the cases
          graphql audit | --schema: is missing: give a file
          graphql audit --schema . | --schema: the file cannot be read: check that it exists and its permissions
          verify --secrt x | --secrt: is not known to gatehouse verify; did you mean --secret?
          verify --secret | --secret: lacks its value, VALUE
          doctor --config none | --config: the file cannot be read: check that it exists and its permissions
          srve | srve: is not a command of gatehouse; did you mean serve?
          """)
  void command_wrongUse_isOneLineThatNamesTheOption(String line, String error) {
    CommandRun.Ended ended = CommandRun.of(line.split(" "));

    assertThat(ended.errors()).containsExactly(error);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.status()).isEqualTo(2);
  }

  static Stream<List<String>> astray() {
    return Stream.of(
        List.of(SECRET),
        List.of("sign", SECRET),
        List.of("sign", "--secrt", SECRET, "--scheme", "github"),
        List.of("sign", "--secrt=" + SECRET),
        List.of("sign", "--secret" + SECRET),
        List.of("sign", "--" + SECRET),
        List.of("sign", "-" + SECRET),
        List.of("sign", "-s", SECRET),
        List.of("sign", "--scheme", SECRET, "--secret", SECRET, "--text", "x"),
        List.of("sign", "--scheme", SECRET + ".yaml", "--secret", SECRET, "--text", "x"),
        List.of("sign", "--scheme", "discord", "--secret", SECRET, "--text", "x"),
        List.of("sign", "--scheme", "standard-webhooks-v1a", "--secret", SECRET, "--text", "x"),
        List.of("sign", "--scheme", "standard-webhooks", "--secret", SECRET, "--text", "x"),
        List.of("verify", "--scheme", "sendgrid", "--secret", SECRET, "--text", "x"),
        List.of("sign", "--scheme", "github", "--secret", "env:" + SECRET, "--text", "x"),
        List.of("sign", "--scheme", "github", "--secret", "file:" + SECRET, "--text", "x"),
        List.of("sign", "--scheme", "github", "--secret", SECRET, "--body", SECRET),
        List.of("sign", "--scheme", "github", "--secret", SECRET, "--text", "x", "--now", SECRET),
        List.of(
            "sign", "--scheme", "github", "--secret", SECRET, "--text", "x", "--id", SECRET + " "),
        List.of(
            "sign", "--scheme", "github", "--secret", SECRET, "--text", "x", "--method", SECRET),
        List.of(
            "sign", "--scheme", "github", "--secret", SECRET, "--text", "x", "--header", SECRET),
        List.of("sign", "--scheme", "square", "--secret", SECRET, "--text", "x", "--param", SECRET),
        List.of(
            "sign",
            "--scheme",
            "square",
            "--secret",
            SECRET,
            "--text",
            "x",
            "--param",
            SECRET + "="),
        List.of("sign", "--scheme", "twilio", "--secret", SECRET, "--text", "x", "--url", SECRET),
        List.of("verify", "--batch", SECRET),
        List.of("send", "--scheme", "github", "--secret", SECRET, "--text", "x", "--to", SECRET),
        List.of("send", "--to", "http://127.0.0.1/", "--count", SECRET),
        List.of("send", "--to", "http://127.0.0.1/", "--json=" + SECRET),
        List.of("schemes", SECRET),
        List.of("schemes", "--json=" + SECRET),
        List.of("graphql", SECRET),
        List.of("graphql", "cost", "--schema", SECRET),
        List.of("graphql", "cost", "--batch", SECRET),
        List.of("graphql", "cost", "--default-list-size", SECRET, "--schema", "x"),
        List.of("serve", "--port", SECRET),
        List.of("serve", "--management-port", SECRET),
        List.of("serve", "--config", SECRET),
        List.of("deliveries", SECRET),
        List.of("deliveries", "show", SECRET),
        List.of("deliveries", "replay", SECRET),
        List.of("deliveries", "list", "--limit", SECRET),
        List.of("deliveries", "list", "--management", SECRET),
        List.of(
            "deliveries", "list", "--token", SECRET + " ", "--management", "http://127.0.0.1:1"),
        List.of(
            "deliveries",
            "list",
            "--token",
            SECRET,
            "--management",
            "http://" + SECRET + "@127.0.0.1:1"));
  }

  @ParameterizedTest
  @MethodSource("astray")
  void command_secretInAWrongPlace_isNotRepeated(List<String> line) {
    CommandRun.Ended ended = CommandRun.of(line.toArray(String[]::new));

    assertThat(ended.status()).isPositive();
    assertThat(ended.errors()).hasSize(1);
    assertThat(ended.everything()).doesNotContain("Hd7fQeK0p3bX9uT5").doesNotContain("\tat ");
  }

  @Test
  void output_thatCannotBeWritten_isNoSuccess() {
    CommandRun.Ended ended =
        new CommandRun()
            .runUnwritable("sign", "--scheme", "github", "--secret", "abcdefgh", "--text", "x");

    assertThat(ended.errors()).containsExactly("gatehouse: standard output cannot be written");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void secretFile_withLineEnd_isReadWithoutIt(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("key"), "abcdefgh\n");

    String fromFile = signed(folder, "file:key");

    assertThat(fromFile).isEqualTo(signed(folder, "abcdefgh"));
    assertThat(fromFile).isEqualTo(signed(folder, "env:KEY"));
  }

  private static String signed(Path folder, String secret) {
    return new CommandRun()
        .in(folder)
        .env("KEY", "abcdefgh")
        .run("sign", "--scheme", "shopify", "--secret", secret, "--text", "x", "--id", "1")
        .out();
  }

  @Test
  void argument_thatLooksLikeAnArgumentFile_isTakenAsItIs(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("key"), "--help");

    CommandRun.Ended ended =
        CommandRun.of(
            "sign", "--scheme", "gitlab", "--secret", "@" + folder.resolve("key"), "--text", "x");

    assertThat(ended.out()).contains("X-Gitlab-Token: @" + folder.resolve("key"));
  }

  @Test
  void path_thatNoFileCanHave_isWrongUseAndNoDefect() {
    CommandRun.Ended ended =
        CommandRun.of("sign", "--scheme", "github", "--secret", "abcdefgh", "--body", "a\0b");
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.errors()).hasSize(1);
    assertThat(ended.err()).startsWith("gatehouse: a path holds a character");
  }
}
