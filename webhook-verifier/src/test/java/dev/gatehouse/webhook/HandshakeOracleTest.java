package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.HandshakeSchemes.BRAINTREE;
import static dev.gatehouse.webhook.HandshakeSchemes.CRC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Handshake.Alphabet;
import dev.gatehouse.webhook.scheme.Handshake.Echo;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A handshake that signs must not sign anything that would pass as a delivery. */
class HandshakeOracleTest {
  private static final WebhookVerifier X = HandshakeSchemes.verifier(HandshakeSchemes.with(CRC));

  private static Verification get(WebhookVerifier verifier, String query) {
    String url = "https://h.example.com/hook?" + query;
    return verifier.verify(WebhookRequest.of("GET", url, Headers.of(), new byte[0]));
  }

  private static String post(WebhookVerifier verifier, String signature, String body) {
    return Requests.verdict(verifier, List.of(new Header("X-Own-Signature", signature)), body);
  }

  /** The hex signature that a stranger gets for a token. */
  private static String signedFor(String token) {
    String body = ((Verification.Handshake) get(X, "crc_token=" + token)).body();
    String base64 = body.substring(body.indexOf('=') + 1, body.lastIndexOf('"'));
    return "sha256=" + HexFormat.of().formatHex(Base64.getDecoder().decode(base64));
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {"1", "12345", "true", "null", "abc", "payload", "1e3", "-1", "abc="})
  void answer_usedAsASignatureOverItsToken_isNoDelivery(String token) {
    assertThat(post(X, signedFor(token), token)).isEqualTo("malformed_body");
  }

  @Test
  void answer_usedOverAnotherBody_isNoDelivery() {
    assertThat(post(X, signedFor("abc"), "abc\n")).isEqualTo("signature_mismatch");
    assertThat(post(X, signedFor("abc"), "{}")).isEqualTo("signature_mismatch");
  }

  @Test
  void delivery_askedForAsAToken_isNotSigned() {
    for (String body :
        new String[] {"%7B%7D", "%5B%5D", "%22a%22", "%201", "", "1%0A", "{}", "[]"}) {
      assertThat(Requests.verdict(get(X, "crc_token=" + body)))
          .as(body)
          .isEqualTo("handshake_refused");
    }
  }

  @Test
  void deliveries_ofJsonObjectsAndArrays_pass() {
    for (String body : new String[] {"{}", "[]", "{\"a\":1}", "a".repeat(129)}) {
      assertThat(post(X, HandshakeSchemes.signature(body), body)).isEqualTo("verified");
    }
  }

  @Test
  void braintreeAnswer_usedOverItsChallenge_isNoDelivery() {
    WebhookVerifier verifier =
        HandshakeSchemes.verifier(HandshakeSchemes.with(BRAINTREE), "public_key", "p");
    String challenge = "20f9f8ed05f77439fe955c977e4c8a53";
    String body = ((Verification.Handshake) get(verifier, "bt_challenge=" + challenge)).body();
    String signature = "sha1=" + body.substring(2);

    assertThat(post(verifier, signature, challenge)).isEqualTo("malformed_body");
    assertThat(post(verifier, signature, challenge + "\n")).isEqualTo("signature_mismatch");
  }

  @Test
  void answer_withSeveralKeys_isMadeWithTheFirstThatIsValid() {
    WebhookVerifier rotating =
        WebhookVerifier.builder(HandshakeSchemes.with(CRC))
            .clock(Hook.CLOCK)
            .secrets(
                SecretSource.of(
                    Secret.of("old", "own-old-secret")
                        .validBetween(null, Hook.NOW.minus(Duration.ofDays(1))),
                    Secret.of("new", Hook.SECRET)))
            .build();
    Verification.Handshake answer = (Verification.Handshake) get(rotating, "crc_token=abc");

    assertThat(answer.keyId()).isEqualTo("new");
    assertThat(answer.body()).isEqualTo(((Verification.Handshake) get(X, "crc_token=abc")).body());
  }

  @Test
  void answer_withoutAValidKey_isRefused() {
    WebhookVerifier expired =
        WebhookVerifier.builder(HandshakeSchemes.with(CRC))
            .clock(Hook.CLOCK)
            .secrets(
                SecretSource.of(
                    Secret.of("old", Hook.SECRET)
                        .validBetween(null, Hook.NOW.minus(Duration.ofDays(1)))))
            .build();

    assertThat(Requests.verdict(get(expired, "crc_token=abc"))).isEqualTo("handshake_refused");
  }

  @ParameterizedTest
  @EnumSource(Alphabet.class)
  void alphabet_any_holdsNothingThatLeavesATextAHeaderOrAJsonString(Alphabet alphabet) {
    Echo echo = new Echo(new ValueSource(ValueSource.Kind.QUERY, "q"), alphabet, 1, 8);

    for (char c = 0; c < 0x2100; c++) {
      boolean harmless = c >= ' ' && c <= '~' && "\"'<>&{}\\`;".indexOf(c) < 0;
      assertThat(!echo.allows(String.valueOf(c)) || harmless)
          .as("%s %x", alphabet, (int) c)
          .isTrue();
    }
    assertThat(echo.allows("")).isFalse();
    assertThat(echo.allows("{}")).isFalse();
    assertThat(echo.allows("123456789")).isFalse();
  }

  @Test
  void zoomTokens_ofTheCatalogue_areNeverItsSignedContent() {
    WebhookVerifier zoom = Requests.verifier("zoom", "own-zoom-token");
    String body =
        "{\"event\":\"endpoint.url_validation\",\"payload\":{\"plainToken\":\"v0-1767225600\"}}";
    List<Header> headers =
        Requests.sign("zoom", "own-zoom-token", "", "", body.getBytes(StandardCharsets.UTF_8));

    Verification.Handshake answer =
        (Verification.Handshake) zoom.verify(WebhookRequest.post("", Headers.of(headers), body));

    String mac = answer.body().substring(answer.body().lastIndexOf(':') + 2).replace("\"}", "");
    List<Header> forged = Requests.with(headers, "x-zm-signature", "v0=" + mac);
    assertThat(Requests.verdict(zoom, forged, "v0-1767225600")).isEqualTo("signature_mismatch");
  }
}
