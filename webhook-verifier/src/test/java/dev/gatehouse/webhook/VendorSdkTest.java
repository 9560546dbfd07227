package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.slack.api.app_backend.SlackSignature;
import com.twilio.security.RequestValidator;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What the vendors' own SDKs sign we verify, and what we sign they verify: random bodies, ids and
 * secrets, from a fixed seed.
 */
class VendorSdkTest {
  // -Dgatehouse.rounds=10000 for the long run.
  private static final int ROUNDS = Integer.getInteger("gatehouse.rounds", 200);
  // The SDKs read the machine's clock, so the signed time has to be of now.
  private static final Instant NOW =
      InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS);

  private final Random random = new Random(20261124);

  @Test
  void stripe_eachSignsAndTheOtherVerifies() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      String secret = "whsec_" + text(24);
      String body = json();
      String theirs =
          com.stripe.net.Webhook.Signature.generateSignatureHeader(
              body, secret, NOW.getEpochSecond());
      assertVerified("stripe", secret, "", Headers.of("Stripe-Signature", theirs), body);
      assertRejected("stripe", secret, "", Headers.of("Stripe-Signature", theirs), body + " ");

      String ours = value(sign("stripe", secret, "", Headers.of(), body), "Stripe-Signature");
      assertThat(com.stripe.net.Webhook.Signature.verifyHeader(body, ours, secret, 300)).isTrue();
    }
  }

  @Test
  void slack_eachSignsAndTheOtherVerifies() {
    for (int i = 0; i < ROUNDS; i++) {
      String secret = text(32);
      String body = "text=" + text(20) + "&trigger_id=1." + i;
      String time = Long.toString(NOW.getEpochSecond());
      SlackSignature.Generator generator = new SlackSignature.Generator(secret);
      Headers theirs =
          Headers.of(
              "X-Slack-Request-Timestamp",
              time,
              "X-Slack-Signature",
              generator.generate(time, body));
      assertVerified("slack", secret, "", theirs, body);
      assertRejected("slack", secret, "", theirs, body + "&");

      List<Header> ours = sign("slack", secret, "", Headers.of(), body);
      SlackSignature.Verifier verifier = new SlackSignature.Verifier(generator);
      assertThat(verifier.isValid(time, body, value(ours, "X-Slack-Signature"))).isTrue();
    }
  }

  @Test
  void standardWebhooks_eachSignsAndTheOtherVerifies() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      String secret = "whsec_" + Base64.getEncoder().encodeToString(bytes(32));
      String body = json();
      String id = "msg_" + text(12);
      com.standardwebhooks.Webhook sdk = new com.standardwebhooks.Webhook(secret);
      Headers theirs =
          Headers.of(
              "webhook-id",
              id,
              "webhook-timestamp",
              Long.toString(NOW.getEpochSecond()),
              "webhook-signature",
              sdk.sign(id, NOW.getEpochSecond(), body));
      assertVerified("standard-webhooks", secret, "", theirs, body);
      assertRejected("standard-webhooks", secret, "", theirs, body.replace('{', '['));

      sdk.verify(body, map(sign("standard-webhooks", secret, "", Headers.of(), body)));
    }
  }

  @Test
  void svix_eachSignsAndTheOtherVerifies() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      String secret = "whsec_" + Base64.getEncoder().encodeToString(bytes(24));
      String body = json();
      String id = "msg_" + text(12);
      com.svix.Webhook sdk = new com.svix.Webhook(secret);
      Headers theirs =
          Headers.of(
              "svix-id",
              id,
              "svix-timestamp",
              Long.toString(NOW.getEpochSecond()),
              "svix-signature",
              sdk.sign(id, NOW.getEpochSecond(), body));
      assertVerified("svix", secret, "", theirs, body);

      Map<String, List<String>> ours = map(sign("svix", secret, "", Headers.of(), body));
      sdk.verify(body, ours);
      assertThatThrownBy(() -> sdk.verify(body + " ", ours))
          .isInstanceOf(com.svix.exceptions.WebhookVerificationException.class);
    }
  }

  @Test
  void twilio_whatWeSignItsValidatorAccepts() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      String token = text(32);
      String url = "https://hooks.example.com/sms?n=" + i;
      Map<String, String> form = new LinkedHashMap<>();
      form.put("Body", text(5) + " é&=+%" + text(3));
      form.put("From", "+1415" + i);
      form.put("Empty", "");
      String body =
          form.entrySet().stream()
              .map(
                  e ->
                      e.getKey()
                          + "="
                          + java.net.URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
              .collect(Collectors.joining("&"));
      Headers type = Headers.of("Content-Type", "application/x-www-form-urlencoded");
      String ours = value(sign("twilio", token, url, type, body), "X-Twilio-Signature");
      RequestValidator validator = new RequestValidator(token);
      assertThat(validator.validate(url, form, ours)).isTrue();
      form.put("Body", "changed");
      assertThat(validator.validate(url, form, ours)).isFalse();
      assertVerified(
          "twilio",
          token,
          url,
          Headers.of(
              "Content-Type", "application/x-www-form-urlencoded", "X-Twilio-Signature", ours),
          body);

      String jsonBody = json();
      String hash = java.util.HexFormat.of().formatHex(Fingerprint.sha256(bytes(jsonBody)));
      String jsonUrl = url + "&bodySHA256=" + hash;
      String oursOverJson =
          value(sign("twilio-json", token, jsonUrl, Headers.of(), jsonBody), "X-Twilio-Signature");
      assertThat(validator.validate(jsonUrl, jsonBody, oursOverJson)).isTrue();
      assertThat(validator.validate(jsonUrl, jsonBody + " ", oursOverJson)).isFalse();
    }
  }

  private static List<Header> sign(
      String scheme, String secret, String url, Headers headers, String body) {
    return WebhookSigner.create(Schemes.named(scheme), List.of(Secret.of("own", secret)), Map.of())
        .sign(new Outgoing("POST", url, headers, bytes(body), "msg_own", NOW));
  }

  private static Verification verify(
      String scheme, String secret, String url, Headers headers, String body) {
    return WebhookVerifier.builder(Schemes.named(scheme))
        .secrets(SecretSource.of(Secret.of("own", secret)))
        .clock(InstantSource.fixed(NOW))
        .build()
        .verify(WebhookRequest.post(url, headers, body));
  }

  private static void assertVerified(
      String scheme, String secret, String url, Headers headers, String body) {
    assertThat(verify(scheme, secret, url, headers, body))
        .isInstanceOf(Verification.Verified.class);
  }

  private static void assertRejected(
      String scheme, String secret, String url, Headers headers, String body) {
    assertThat(verify(scheme, secret, url, headers, body))
        .isEqualTo(Verification.rejected(RejectReason.SIGNATURE_MISMATCH));
  }

  private static String value(List<Header> headers, String name) {
    return headers.stream().filter(h -> h.name().equals(name)).findFirst().orElseThrow().value();
  }

  private static Map<String, List<String>> map(List<Header> headers) {
    return headers.stream().collect(Collectors.toMap(Header::name, h -> List.of(h.value())));
  }

  private String json() {
    return "{\"id\":\"evt_" + text(8) + "\",\"type\":\"t\",\"text\":\"" + text(40) + "ü€😀\"}";
  }

  private String text(int length) {
    return random
        .ints('a', 'z' + 1)
        .limit(length)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
