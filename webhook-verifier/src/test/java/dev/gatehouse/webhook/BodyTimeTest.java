package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.sign;
import static dev.gatehouse.webhook.Requests.verdict;
import static dev.gatehouse.webhook.Requests.verified;
import static dev.gatehouse.webhook.Requests.verifierAt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.keys.LocalAuthority;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Times that stand in the signed body, and bodies that tell deliveries apart. */
class BodyTimeTest {
  private static final String SECRET = "own-text";

  private static VerifiedWebhook delivery(String scheme, Instant now, String body) {
    return verified(verifierAt(now, Schemes.named(scheme), SECRET), signed(scheme, body), body);
  }

  private static List<Header> signed(String scheme, String body) {
    return sign(scheme, SECRET, "", "d-1", utf8(body));
  }

  private static String linear(String around, Instant at) {
    return "{\"a\":\"" + around + "\",\"webhookTimestamp\":" + at.toEpochMilli() + ",\"b\":1}";
  }

  @Test
  void timeInTheBody_ofARetry_isLeftOutOfWhatTellsDeliveriesApart() {
    VerifiedWebhook first = delivery("linear", NOW, linear("\u00fc\ud83d\ude00", NOW));
    Instant later = NOW.plusSeconds(3600);
    VerifiedWebhook retry = delivery("linear", later, linear("\u00fc\ud83d\ude00", later));
    VerifiedWebhook other = delivery("linear", NOW, linear("u", NOW));

    assertThat(first.timestamp()).contains(NOW);
    assertThat(retry.timestamp()).contains(later);
    assertThat(retry.claimKey()).isEqualTo(first.claimKey());
    assertThat(retry.fingerprint()).isEqualTo(first.fingerprint());
    assertThat(other.claimKey()).isNotEqualTo(first.claimKey());
  }

  @Test
  void timeInTheBody_beforeTheSignatureIsRight_isNotLookedAt() {
    String old = linear("x", NOW.minusSeconds(900));
    List<Header> headers = signed("linear", linear("y", NOW));
    WebhookVerifier linear = verifierAt(NOW, Schemes.named("linear"), SECRET);
    assertThat(verdict(linear, headers, old)).isEqualTo("signature_mismatch");
    assertThat(verdict(linear, headers, "no JSON")).isEqualTo("signature_mismatch");
    assertThat(verdict(linear, signed("linear", old), old)).isEqualTo("too_old");
  }

  @Test
  void timeInTheBody_whenTheReplayCheckIsSkipped_isStillTold() {
    String old = linear("x", NOW.minusSeconds(900));
    WebhookVerifier linear =
        WebhookVerifier.builder(Schemes.named("linear"))
            .secrets(Requests.secrets(SECRET))
            .clock(java.time.InstantSource.fixed(NOW))
            .dangerouslySkipReplayCheck()
            .build();
    assertThat(verified(linear, signed("linear", old), old).timestamp())
        .contains(NOW.minusSeconds(900));
  }

  @Test
  void timeInTheBody_asRfc3339_isBoundedAndLeftOut() {
    Scheme scheme =
        Schemes.parse(
            """
            name: own
            signature: { in: "header:X-Sig", accept: [ { algorithm: hmac-sha256 } ] }
            content: "{body}"
            time: { in: "json:/at/0", unit: rfc3339, window: 10s }
            """);
    String body = "{\"at\":[\"%s\"]}";
    WebhookVerifier verifier = verifierAt(NOW, scheme, SECRET);
    VerifiedWebhook first = own(verifier, scheme, body.formatted(NOW));
    VerifiedWebhook retry = own(verifier, scheme, body.formatted(NOW.plusSeconds(10)));
    assertThat(first.timestamp()).contains(NOW);
    assertThat(retry.claimKey()).isEqualTo(first.claimKey());
    String late = body.formatted(NOW.plusSeconds(11));
    assertThat(verdict(verifier, own(scheme, late), late)).isEqualTo("too_new");
  }

  private static VerifiedWebhook own(WebhookVerifier verifier, Scheme scheme, String body) {
    return verified(verifier, own(scheme, body), body);
  }

  private static List<Header> own(Scheme scheme, String body) {
    return WebhookSigner.create(
            scheme, List.of(dev.gatehouse.core.Secret.of("own", SECRET)), java.util.Map.of())
        .sign(
            new WebhookSigner.Outgoing(
                "POST",
                "",
                WebhookRequest.Headers.of(),
                body.getBytes(StandardCharsets.UTF_8),
                "",
                NOW));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"x\":1,\"a\":12,\"b\":2}|{\"x\":1,\"a\":,\"b\":2}",
        "{\"a\":12}|{\"a\":}",
        "{\"a\" : -1.5e3 }|{\"a\" :  }",
        "{\"a\":\"t\\n\u00fc\",\"b\":\"\u00fc\"}|{\"a\":,\"b\":\"\u00fc\"}",
        "{\"b\":\"\ud83d\ude00\",\"a\":true}|{\"b\":\"\ud83d\ude00\",\"a\":}",
        "{\"b\":1}|{\"b\":1}",
        "no JSON|no JSON",
      })
  void scalar_leftOutOfABody_leavesTheRestAsItIs(String body, String left) {
    byte[] without = JsonScalars.without(body.getBytes(StandardCharsets.UTF_8), "/a");
    assertThat(new String(without, StandardCharsets.UTF_8)).isEqualTo(left);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "coinbase-commerce|{\"attempt_number\":%d,\"event\":{\"id\":\"%s\"}}",
        "paddle|{\"notification_id\":\"ntf_%d\",\"event_id\":\"%s\"}",
        "stripe|{\"pending_webhooks\":%d,\"id\":\"%s\"}",
      })
  void retry_whoseBodyCountsAttempts_isTheSameDeliveryByItsSignedId(String scheme, String body) {
    VerifiedWebhook first = delivery(scheme, NOW, body.formatted(1, "e1"));
    VerifiedWebhook retry = delivery(scheme, NOW, body.formatted(2, "e1"));
    VerifiedWebhook other = delivery(scheme, NOW, body.formatted(1, "e2"));
    assertThat(retry.claimKey()).isEqualTo(first.claimKey());
    assertThat(retry.fingerprint()).isEqualTo(first.fingerprint());
    assertThat(other.claimKey()).isNotEqualTo(first.claimKey());
  }

  @ParameterizedTest
  @ValueSource(strings = {"paddle", "stripe"})
  void content_thatDiffersUnderOneSignedId_isToldFromARetry(String scheme) {
    String body =
        "{\"notification_id\":\"n%1$d\",\"pending_webhooks\":%1$d,\"id\":\"e1\",\"event_id\":\"e1\","
            + "\"amount\":%2$d}";
    VerifiedWebhook first = delivery(scheme, NOW, body.formatted(1, 100));
    VerifiedWebhook changed = delivery(scheme, NOW, body.formatted(2, 999));
    assertThat(changed.claimKey()).isEqualTo(first.claimKey());
    assertThat(changed.fingerprint()).isNotEqualTo(first.fingerprint());
  }

  @Test
  void retry_ofTelnyx_isTheSameDeliveryByItsSignedId() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] der = pair.getPrivate().getEncoded();
    String seed =
        Base64.getEncoder().encodeToString(Arrays.copyOfRange(der, der.length - 32, der.length));
    String known = LocalAuthority.pem("PUBLIC KEY", pair.getPublic().getEncoded());
    WebhookVerifier telnyx = verifierAt(NOW, Schemes.named("telnyx"), known);
    String body = "{\"data\":{\"id\":\"e1\"},\"meta\":{\"attempt\":%d}}";
    List<VerifiedWebhook> attempts =
        Stream.of(1, 2)
            .map(body::formatted)
            .map(text -> verified(telnyx, sign("telnyx", seed, "", "", utf8(text)), text))
            .toList();
    assertThat(attempts.get(1).claimKey()).isEqualTo(attempts.get(0).claimKey());
    assertThat(attempts.get(1).fingerprint()).isEqualTo(attempts.get(0).fingerprint());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void equalBodies_withoutAnyId_areEachADeliveryOfTheirOwn() {
    String body = "{\"list_folder\":{\"accounts\":[\"own\"]}}";
    VerifiedWebhook first = delivery("dropbox", NOW, body);
    VerifiedWebhook second = delivery("dropbox", NOW.plusMillis(1), body);
    assertThat(second.claimKey()).isNotEqualTo(first.claimKey());
    assertThat(second.fingerprint()).isEqualTo(first.fingerprint());
    assertThat(first.claimKey()).isEqualTo(first.claimKey());
  }

  @Test
  void key_inUpperCaseHex_isTheSameKey() {
    String hex = "6f776e2d616479656e2d6b65792d6f662d33322d62797465732d6c656e677468";
    List<Header> headers =
        sign("adyen", hex, "", "", Requests.BODY.getBytes(StandardCharsets.UTF_8));
    Scheme adyen = Schemes.named("adyen");
    String upper = hex.toUpperCase(java.util.Locale.ROOT);
    assertThat(verdict(verifierAt(NOW, adyen, upper), headers, Requests.BODY))
        .isEqualTo("verified");
  }
}
