package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignAndVerifyTest {
  private static final String NOW = "2026-01-01T00:00:00Z";
  private static final String WHSEC = "whsec_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=";

  @ParameterizedTest
  @CsvSource({
    "box, abcdefgh",
    "github, abcdefgh",
    "gitlab, abcdefgh",
    "gitlab-signing, " + WHSEC,
    "hubspot, abcdefgh",
    "meta, abcdefgh",
    "paddle, abcdefgh",
    "shopify, abcdefgh",
    "slack, abcdefgh",
    "square, abcdefgh",
    "standard-webhooks, " + WHSEC,
    "stripe, abcdefgh",
    "svix, " + WHSEC,
    "zoom, abcdefgh",
  })
  void verify_whatSignSigned_isVerified(String scheme, String secret) throws Exception {
    List<String> options = options(scheme, secret);

    CommandRun.Ended signed = run("sign", options);
    assertThat(signed.err()).isEmpty();
    assertThat(signed.status()).isZero();
    List<String> received = new ArrayList<>(options);
    signed.lines().forEach(header -> received.addAll(List.of("--header", header)));
    CommandRun.Ended verified = run("verify", received);

    assertThat(verified.out()).contains("\"outcome\":\"verified\"");
    assertThat(verified.status()).isZero();
    received.set(received.indexOf("{\"id\":\"1\"}"), "{\"id\":\"2\"}");
    CommandRun.Ended changed = run("verify", received);
    if (!scheme.equals("gitlab")) {
      assertThat(changed.out()).contains("signature_mismatch");
      assertThat(changed.status()).isEqualTo(1);
      assertThat(signed.everything()).doesNotContain(secret);
    }
    assertThat(verified.everything() + changed.everything()).doesNotContain(secret);
  }

  private static List<String> options(String scheme, String secret) {
    List<String> options = new ArrayList<>(List.of("--scheme", scheme, "--secret", secret));
    options.addAll(List.of("--text", "{\"id\":\"1\"}", "--now", NOW, "--id", "msg_1"));
    options.addAll(List.of("--url", "https://hooks.example.com/a?b=c", "--method", "post"));
    if (scheme.equals("square")) {
      options.addAll(List.of("--param", "notification_url=https://hooks.example.com/a"));
    }
    return options;
  }

  private static CommandRun.Ended run(String command, List<String> options) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(options);
    return CommandRun.of(line.toArray(String[]::new));
  }

  @Test
  void verify_aVerdict_hasEveryKey() throws Exception {
    JsonNode verdict =
        Json.mapper()
            .readTree(CommandRun.of("verify", "--scheme", "github", "--secret", "abcdefgh").out());

    assertThat(verdict.fieldNames())
        .toIterable()
        .containsExactly(
            "case", "outcome", "reason", "key", "delivery_id", "event_type", "timestamp");
    assertThat(verdict.get("reason").asText()).isEqualTo("missing_signature");
  }

  @Test
  void verify_handshake_printsTheAnswer() throws Exception {
    CommandRun.Ended ended =
        CommandRun.of(
            "verify",
            "--scheme",
            "meta",
            "--secret",
            "abcdefgh",
            "--param",
            "verify_token=tokentoken",
            "--method",
            "GET",
            "--url",
            "https://x.example/?hub.mode=subscribe&hub.challenge=42&hub.verify_token=tokentoken");

    assertThat(ended.status()).isZero();
    JsonNode response = Json.mapper().readTree(ended.out()).get("response");
    assertThat(response.get("status").asInt()).isEqualTo(200);
    assertThat(response.get("body").asText()).isEqualTo("42");
    assertThat(response.get("headers").isObject()).isTrue();
    assertThat(ended.out()).doesNotContain("tokentoken");
  }

  @Test
  void sign_withoutIdAndNow_takesARandomIdAndTheClock() {
    CommandRun at = new CommandRun().at(NOW);

    CommandRun.Ended one = at.run("sign", "--scheme", "svix", "--secret", WHSEC, "--text", "x");
    CommandRun.Ended two = at.run("sign", "--scheme", "svix", "--secret", WHSEC, "--text", "x");

    assertThat(one.out()).contains("svix-timestamp: 1767225600").contains("svix-id: msg_");
    assertThat(one.out()).isNotEqualTo(two.out());
  }

  @Test
  void sign_bodyFile_isReadByteForByte(@TempDir Path folder) throws Exception {
    byte[] body = {0, (byte) 0xFF, '\r', '\n', '\n'};
    Files.write(folder.resolve("body"), body);
    CommandRun inFolder = new CommandRun().in(folder);

    String file =
        inFolder.run("sign", "--scheme", "meta", "--secret", "abcdefgh", "--body", "body").out();
    String input =
        inFolder
            .input(body)
            .run("sign", "--scheme", "meta", "--secret", "abcdefgh", "--body", "-")
            .out();

    assertThat(file).startsWith("X-Hub-Signature-256: sha256=").isEqualTo(input);
  }

  @Test
  void scheme_fileOfYourOwn_isReadWithItsMistakes(@TempDir Path folder) throws Exception {
    String yaml =
        """
        name: own
        signature:
          in: header:X-Own
          accept: [{algorithm: hmac-sha256}]
        content: "{body}"
        """;
    Files.writeString(folder.resolve("own.yaml"), yaml);
    Files.writeString(folder.resolve("bad.yaml"), yaml + "contend: 1\n");
    CommandRun inFolder = new CommandRun().in(folder);

    CommandRun.Ended good =
        inFolder.run("sign", "--scheme", "own.yaml", "--secret", "abcdefgh", "--text", "x");
    CommandRun.Ended bad =
        inFolder.run("sign", "--scheme", "bad.yaml", "--secret", "abcdefgh", "--text", "x");

    assertThat(good.out()).startsWith("X-Own: ");
    assertThat(bad.status()).isEqualTo(2);
    assertThat(bad.errors()).hasSize(1).first().asString().startsWith("--scheme: contend: ");
  }

  @ParameterizedTest
  @CsvSource({
    "standard-webhooks, " + WHSEC + ", --id, msg.5, --id, malformed_id",
    "standard-webhooks, " + WHSEC + ", --now, -5, --now, malformed_timestamp",
    "stripe, abcdefgh, --now, -5, --now, malformed_timestamp",
    "gitlab-signing, " + WHSEC + ", --id, msg.5, --id, malformed_id",
    "rfc9421, b3duLXJmYzk0MjEtc2VjcmV0LTAx, --now, -5, --now, malformed_timestamp",
    "rfc9421, b3duLXJmYzk0MjEtc2VjcmV0LTAx, --header, Content-Digest: sha-256=:AAAA:, --header,"
        + " malformed_signature",
    "stripe, abcdefgh, --text, no JSON, --body, malformed_body",
    "pusher, abcdefgh, --text, {}, --body, missing_timestamp",
  })
  void sign_whatVerifyRejects_isSignedAndTold(
      String scheme, String secret, String option, String value, String named, String reason) {
    List<String> options = options(scheme, secret);
    int at = options.indexOf(option);
    if (at >= 0) {
      options.set(at + 1, value);
    } else {
      options.addAll(List.of(option, value));
    }

    CommandRun.Ended signed = run("sign", options);
    List<String> received = new ArrayList<>(options);
    signed.lines().forEach(header -> received.addAll(List.of("--header", header)));

    assertThat(signed.status()).isZero();
    assertThat(signed.lines()).isNotEmpty();
    assertThat(signed.errors())
        .containsExactly(named + ": verify rejects what was signed here: " + reason);
    assertThat(run("verify", received).out()).contains(reason);
  }

  // Many a seed is a public key's encoding too, and of another key than its own.
  @ParameterizedTest
  @CsvSource({
    "standard-webhooks-v1a, whsk_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=",
    "discord, 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "discord, d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  })
  void sign_byAPrivateKey_tellsNothingOfVerify(String scheme, String seed) {
    CommandRun.Ended signed = run("sign", options(scheme, seed));
    assertThat(signed.err()).isEmpty();
    assertThat(signed.status()).isZero();
  }
}
