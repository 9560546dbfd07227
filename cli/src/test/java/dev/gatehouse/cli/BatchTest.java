package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchTest {
  private static final String SECRET = "It's a Secret to Everybody";
  private static final String GOOD =
      "{\"case\":\"good\",\"scheme\":\"github\",\"secrets\":[\"It's a Secret to Everybody\"],"
          + "\"headers\":[[\"X-Hub-Signature-256\",\"sha256="
          + "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17\"],"
          + "[\"X-GitHub-Event\",\"push\"]],\"body\":\"Hello, World!\"}";

  private static JsonNode only(CommandRun.Ended ended) {
    assertThat(ended.err()).isEmpty();
    assertThat(ended.status()).isZero();
    assertThat(ended.lines()).hasSize(1);
    return json(ended.lines().get(0));
  }

  private static JsonNode json(String line) {
    try {
      return Json.mapper().readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode answer(String line) {
    return only(new CommandRun().input(line).run("verify", "--batch", "-"));
  }

  @Test
  void batch_goodCase_isAnsweredWithEveryKey() {
    assertThat(answer(GOOD).toString())
        .isEqualTo(
            "{\"case\":\"good\",\"outcome\":\"verified\",\"reason\":null,\"key\":0,"
                + "\"delivery_id\":null,\"event_type\":\"push\",\"timestamp\":null}");
  }

  @ParameterizedTest
  @CsvSource({"vonage", "atlassian-connect"})
  void batch_secretsOfASchemeWhoseTokensNameOne_areEachTried(String scheme) {
    Scheme.Vector vector = Schemes.named(scheme).vectors().get(0);
    ObjectNode of = Json.mapper().createObjectNode().put("case", "new").put("scheme", scheme);
    ArrayNode secrets = of.putArray("secrets").add("the-secret-of-last-year");
    secrets.add(vector.secrets().get(0));
    of.set("params", Json.mapper().valueToTree(vector.params()));
    of.put("method", vector.method()).put("url", vector.url());
    ArrayNode headers = of.putArray("headers");
    vector.headers().forEach((name, value) -> headers.addArray().add(name).add(value));
    of.put("body", vector.body()).put("now", Long.parseLong(vector.now()));

    JsonNode verdict = answer(of.toString());
    assertThat(verdict.get("outcome").asText()).isEqualTo("verified");
    assertThat(verdict.get("key").asInt()).isEqualTo(1);
    secrets.remove(1);
    assertThat(answer(of.toString()).get("reason").asText()).isEqualTo("signature_mismatch");
  }

  @Test
  void batch_keySetInPlaceOfSecrets_isEnough() {
    Scheme.Vector vector = Schemes.named("fireblocks").vectors().get(0);
    ObjectNode of =
        Json.mapper().createObjectNode().put("case", "keys").put("scheme", "fireblocks");
    of.putObject("params").put("jwks", vector.params().get("jwks"));
    ArrayNode headers = of.putArray("headers");
    vector.headers().forEach((name, value) -> headers.addArray().add(name).add(value));
    of.put("body", vector.body());

    JsonNode verdict = answer(of.toString());
    assertThat(verdict.get("outcome").asText()).isEqualTo("verified");
    assertThat(verdict.get("delivery_id").asText()).isEqualTo("own-event");
    of.putArray("secrets");
    assertThat(answer(of.toString()).get("outcome").asText()).isEqualTo("verified");
    of.putObject("params");
    assertThat(answer(of.toString()).get("message").asText()).startsWith("secrets: is empty");
    of.remove("secrets");
    assertThat(answer(of.toString()).get("message").asText()).startsWith("secrets: is missing");
  }

  @Test
  void batch_base64Body_isTheSame() {
    String line =
        GOOD.replace("\"body\":\"Hello, World!\"", "\"body_base64\":\"SGVsbG8sIFdvcmxkIQ==\"");

    assertThat(answer(line).get("outcome").asText()).isEqualTo("verified");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "scheme":"githb" | scheme: there is no such scheme; did you mean github?
          "scheme":7 | scheme: must be a name, or a scheme as an object
          "scheme":null | scheme: is missing: give a name, or a scheme as an object
          "secrets":"x" | secrets: must be a list, not a text
          "secrets":[] | secrets: is empty: give at least one
          "secrets":[7] | secrets[0]: must be a text, not a number: put it in quotes
          "secrets":["secret"] | secrets[0]: is a placeholder: put the real value in its place
          "secrets":["  "] | secrets[0]: is empty: give the value that the sender shows
          "secrets":["${X}"] | secrets[0]: holds an unresolved ${…}: the variable or file it names is not set
          "headers":{} | headers: must be a list of [name, value]
          "headers":[["a"]] | headers[0]: must be [name, value], both texts
          "headers":[["a",1]] | headers[0]: must be [name, value], both texts
          "params":{"certificate":"x"} | params.certificate is not known to scheme github; it takes none
          "params":[] | params: must be an object, not a list
          "method":1 | method: must be a text, not a number: put it in quotes
          "body":1 | body: must be a text, not a number: put it in quotes
          "body":"\\ud800" | body: holds half of a surrogate pair, which no UTF-8 has: use body_base64
          "body":"a","body_base64":"YQ==" | body_base64: excludes body: give one of them
          "body_base64":"YQ" | body_base64: must be base64 with padding (RFC 4648, section 4)
          "body_base64":"YR==" | body_base64: must be base64 with padding (RFC 4648, section 4)
          "now":"yesterday" | now: must be seconds since the epoch, or RFC 3339 such as 2026-01-01T00:00:00Z, in the years 0 to 9999
          "now":1e-999999999 | now: must be seconds since the epoch, or RFC 3339 such as 2026-01-01T00:00:00Z, in the years 0 to 9999
          "now":1e999999999 | now: must be seconds since the epoch, or RFC 3339 such as 2026-01-01T00:00:00Z, in the years 0 to 9999
          "now":true | now: must be seconds since the epoch, or RFC 3339 such as 2026-01-01T00:00:00Z, in the years 0 to 9999
          "scheme":{"name":"x"} | scheme.signature.in: is missing
          """)
  void batch_wrongCase_isAnErrorWithItsPath(String wrong, String message) {
    String base =
        "{\"case\":\"a\",\"scheme\":\"github\",\"secrets\":[\"abcdefgh\"],\"headers\":[],\"params\":{},\"method\":\"POST\"";
    String key = wrong.substring(0, wrong.indexOf(':'));
    String without = base.replaceFirst("," + key + ":(\"[^\"]*\"|\\[[^]]*\\]|\\{\\})", "");

    JsonNode answer = answer(without + "," + wrong + "}");

    assertThat(answer.get("case").asText()).isEqualTo("a");
    assertThat(answer.get("outcome").asText()).isEqualTo("error");
    assertThat(answer.get("message").asText()).startsWith(message);
    assertThat(answer).hasSize(3);
  }

  @Test
  void batch_unknownKey_isAnError() {
    assertThat(answer(GOOD.replace("\"body\"", "\"bodi\"")).get("message").asText())
        .isEqualTo("bodi: is not a known key; did you mean body?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"case":"a","case":"b"} | a | a key stands twice in one object
          {"case":"a","params":{"x":"1","x":"2"}} | a | a key stands twice in one object
          {"case":"a"} trailing | a | the line is not JSON
          {"case":"a", | a | the line is not JSON
          {"secrets":["whsec_abc" | null | the line is not JSON
          whsec_abc | null | the line is not JSON
          [] | null | the line is not a JSON object
          "x" | null | the line is not a JSON object
          null | null | the line is not a JSON object
          {"case":7,"scheme":"github","secrets":["abcdefgh"]} | null | case: must be a text
          """)
  void batch_unreadableLine_isAnErrorThatQuotesNothing(String line, String id, String message) {
    JsonNode answer = answer(line);

    assertThat(answer.get("outcome").asText()).isEqualTo("error");
    assertThat(answer.get("case").asText()).isEqualTo(id);
    assertThat(answer.get("message").asText()).startsWith(message).doesNotContain("whsec");
  }

  @Test
  void batch_invalidUtf8_isAnError() {
    for (byte[] bad :
        new byte[][] {
          {(byte) 0xC0, (byte) 0x80}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, {(byte) 0xFF}, {0}
        }) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      line.writeBytes("{\"case\":\"a\",\"body\":\"".getBytes(StandardCharsets.UTF_8));
      line.writeBytes(bad);
      line.writeBytes("\"}".getBytes(StandardCharsets.UTF_8));

      JsonNode answer =
          only(new CommandRun().input(line.toByteArray()).run("verify", "--batch", "-"));

      assertThat(answer.get("message").asText()).isEqualTo("the line is not UTF-8 text");
      assertThat(answer.get("case").asText()).isEqualTo("a");
    }
  }

  @Test
  void batch_nowWithFraction_isOnTheEdgeOfTheWindow() {
    String line =
        "{\"case\":\"a\",\"scheme\":\"standard-webhooks\",\"secrets\":"
            + "[\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"],\"headers\":"
            + "[[\"webhook-id\",\"msg_p5jXN8AQM9LWM0D4loKWxJek\"],[\"webhook-timestamp\",\"1614265330\"],"
            + "[\"webhook-signature\",\"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\"]],"
            + "\"body\":\"{\\\"test\\\": 2432232314}\",\"now\":";

    assertThat(answer(line + "1614265630}").get("timestamp").asLong()).isEqualTo(1614265330L);
    assertThat(answer(line + "1614265631.0}").get("reason").asText()).isEqualTo("too_old");
    assertThat(answer(line + "1614265330.999999999}").get("outcome").asText())
        .isEqualTo("verified");
    assertThat(answer(line + "\"2021-02-25T15:02:10Z\"}").get("outcome").asText())
        .isEqualTo("verified");
    assertThat(
            only(new CommandRun()
                    .at("2021-02-25T15:02:10Z")
                    .input(line.replace(",\"now\":", "}"))
                    .run("verify", "--batch", "-"))
                .get("outcome")
                .asText())
        .isEqualTo("verified");
  }

  @Test
  void batch_inlineScheme_isReadAndItsVectorsAreChecked() {
    String scheme =
        "{\"name\":\"own\",\"signature\":{\"in\":\"header:X-Own\",\"accept\":[{\"algorithm\":\"hmac-sha256\"}]},"
            + "\"content\":\"{body}\",\"vectors\":[{\"name\":\"v\",\"secrets\":[\"abcdefgh\"],"
            + "\"headers\":{\"X-Own\":\"@\"},\"body\":\"x\"}]}";
    String mac =
        CommandRun.of("sign", "--scheme", "meta", "--secret", "abcdefgh", "--text", "x")
            .out()
            .strip()
            .replaceFirst(".*=", "");
    String line =
        "{\"case\":\"a\",\"secrets\":[\"abcdefgh\"],\"headers\":[[\"x-own\",\""
            + mac
            + "\"]],\"body\":\"x\",\"scheme\":";

    assertThat(answer(line + scheme.replace("@", mac) + "}").get("outcome").asText())
        .isEqualTo("verified");
    assertThat(answer(line + scheme.replace("@", "ab") + "}").get("message").asText())
        .startsWith("scheme: vector 'v': expected verified");
  }

  @Test
  void batch_manyLines_areAnsweredInOrderAndBlankOnesPassedOver(@TempDir Path folder)
      throws Exception {
    String lines =
        IntStream.range(0, 5000)
            .mapToObj(i -> i % 7 == 0 ? "{\"case\":\"c" + i + "\"," : GOOD.replace("good", "c" + i))
            .collect(Collectors.joining("\r\n\n  \n"));
    Files.writeString(folder.resolve("cases.jsonl"), "\n" + lines);

    CommandRun.Ended ended = new CommandRun().in(folder).run("verify", "--batch", "cases.jsonl");

    assertThat(ended.status()).isZero();
    List<String> ids = ended.lines().stream().map(line -> json(line).get("case").asText()).toList();
    assertThat(ids)
        .containsExactlyElementsOf(IntStream.range(0, 5000).mapToObj(i -> "c" + i).toList());
    assertThat(ended.out()).doesNotContain(SECRET);
  }

  @Test
  void batch_whoseReaderLeft_endsBeforeItsInputDoes() throws Exception {
    byte[] cases = (GOOD + "\n").repeat(10_000).getBytes(StandardCharsets.UTF_8);
    InputStream in = new ByteArrayInputStream(cases);

    CommandRun.Ended ended = new CommandRun().input(in).runUnwritable("verify", "--batch", "-");

    assertThat(ended.status()).isEqualTo(1);
    assertThat(in.available()).isGreaterThan(cases.length / 2);
    assertThat(ended.errors()).isEmpty();
  }

  @Test
  void batch_textsThatWouldMoveTheCursor_areEscaped() {
    String id = "a\u009b2J\u007f\u202eä";
    String line = GOOD.replace("\"good\"", "\"" + id + "\"");

    CommandRun.Ended ended = new CommandRun().input(line).run("verify", "--batch", "-");

    assertThat(ended.out()).startsWith("{\"case\":\"a\\u009b2J\\u007F\\u202eä\",");
    assertThat(only(ended).get("case").asText()).isEqualTo(id);
  }

  @Test
  void batch_empty_isDone() {
    CommandRun.Ended ended = CommandRun.of("verify", "--batch", "-");

    assertThat(ended.status()).isZero();
    assertThat(ended.out()).isEmpty();
  }

  @Test
  void batch_lineOverTheLimit_isAnErrorAndTheRunGoesOn() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal = new CommandRun().terminal(out, err, stop -> {});
    String tooLong = GOOD.replace("Hello", "H".repeat(100_000));
    InputStream in =
        new ByteArrayInputStream(
            (tooLong + "\n" + GOOD + "\n" + tooLong).getBytes(StandardCharsets.UTF_8));

    Batch.run(terminal, in, 70_000, new VerdictAnswers(terminal));

    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0))
        .isEqualTo(
            "{\"case\":\"good\",\"outcome\":\"error\",\"message\":\"the line is longer than 70000"
                + " bytes\"}");
    assertThat(lines.get(1)).contains("verified");
    assertThat(lines.get(2)).isEqualTo(lines.get(0));
  }

  @Test
  @Timeout(120)
  void batch_interactive_answersBeforeTheNextLineComes() throws Exception {
    PipedOutputStream typed = new PipedOutputStream();
    PipedInputStream shown = new PipedInputStream();
    InputStream in = new PipedInputStream(typed);
    Terminal base =
        new CommandRun()
            .input(in)
            .terminal(new ByteArrayOutputStream(), new ByteArrayOutputStream(), stop -> {});
    Terminal terminal =
        new Terminal(
            in,
            new java.io.PrintStream(
                new java.io.BufferedOutputStream(new PipedOutputStream(shown)),
                false,
                StandardCharsets.UTF_8),
            base.err(),
            base.folder(),
            base.environment(),
            base.clock(),
            base.signals());
    CompletableFuture<Integer> status =
        CompletableFuture.supplyAsync(() -> Gatehouse.run(terminal, "verify", "--batch", "-"));
    var answers =
        new java.io.BufferedReader(new java.io.InputStreamReader(shown, StandardCharsets.UTF_8));

    for (int i = 0; i < 3; i++) {
      typed.write((GOOD + "\n").getBytes(StandardCharsets.UTF_8));
      typed.flush();
      assertThat(answers.readLine()).contains("verified");
    }
    typed.close();

    assertThat(status.get()).isZero();
  }
}
