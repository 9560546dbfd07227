package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.verdict;
import static dev.gatehouse.webhook.Requests.verifier;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The attacks on schemes that sign the URL or the pairs of a form. */
final class UrlAttackTest {
  private static final String SECRET = "own-twilio-token";
  private static final String URL = "https://hooks.example.com/sms?a=1&b=2";
  private static final String FORM = "Body=hi&From=%2B1555";

  @Test
  void request_untouched_isVerified() {
    assertThat(twilio(URL, FORM, URL, FORM)).isEqualTo("verified");
    assertThat(hubspot(URL, URL)).isEqualTo("verified");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://other.example.com/sms?a=1&b=2", // another host
        "http://hooks.example.com/sms?a=1&b=2", // another scheme
        "https://hooks.example.com:8443/sms?a=1&b=2", // another port
        "https://hooks.example.com/SMS?a=1&b=2", // another path
        "https://hooks.example.com/%73ms?a=1&b=2", // the same letter, escaped
        "https://hooks.example.com/x/../sms?a=1&b=2",
        "https://hooks.example.com/sms?b=2&a=1", // another order
        "https://hooks.example.com/sms?a=1&b=2&c=3", // one more
        "https://hooks.example.com/sms?a=1&a=1&b=2", // one twice
        "https://hooks.example.com/sms?a=1",
        "https://hooks.example.com/sms",
        "https://user:pw@hooks.example.com/sms?a=1&b=2",
      })
  void url_anyPartChanged_isAMismatch(String called) {
    assertThat(hubspot(URL, called)).isEqualTo("signature_mismatch");
    if (!called.contains(":8443")) {
      assertThat(twilio(URL, FORM, called, FORM)).isEqualTo("signature_mismatch");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://h.example.com/x?q=a%2Bb,https://h.example.com/x?q=a+b,signature_mismatch",
    "https://h.example.com/x?q=a+b,https://h.example.com/x?q=a%20b,signature_mismatch",
    "https://h.example.com/x?q=a%26c=1,https://h.example.com/x?q=a&c=1,signature_mismatch",
    "https://h.example.com/x?q=a%3D1,https://h.example.com/x?q=a=1,signature_mismatch",
    "https://h.example.com/x?q=a%23b,https://h.example.com/x?q=a#b,signature_mismatch",
  })
  void url_escapesThatSeparate_areNotOneWithTheirCharacters(
      String signed, String called, String expected) {
    assertThat(hubspot(signed, called)).isEqualTo(expected);
    assertThat(twilio(signed, FORM, called, FORM)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Body=hi&From=%2B1556",
        "Body=hi",
        "Body=hi&From=%2B1555&To=",
        "Body=hi&From=%2B1555&Body=ho", // one twice, with another value
        "Body=&From=%2B1555",
        "Body=hi&From=1555",
        "body=hi&From=%2B1555",
      })
  void form_anyPairChanged_isAMismatch(String sent) {
    assertThat(twilio(URL, FORM, URL, sent)).isEqualTo("signature_mismatch");
  }

  @Test
  void form_pairsInAnotherOrderOrRepeated_isTheSameDelivery() {
    VerifiedWebhook first = twilioVerified(FORM);
    for (String same : List.of("From=%2B1555&Body=hi", "Body=hi&Body=hi&From=%2B1555")) {
      assertThat(twilioVerified(same).claimKey()).as(same).isEqualTo(first.claimKey());
    }
  }

  @Test
  void form_joinedWithoutDelimiters_isTheSameDeliveryAndNoNewOne() {
    // a=bc and ab=c are one signature to Twilio: the second reading must at least not run again.
    List<Header> own = sign("twilio", URL, "a=bc");
    VerifiedWebhook first = verifiedAt(own, "a=bc");
    VerifiedWebhook second = verifiedAt(own, "ab=c");
    assertThat(second.claimKey()).isEqualTo(first.claimKey());
    assertThat(second.fingerprint()).isEqualTo(first.fingerprint());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Body=%zz", "Body=%f", "Body=%ff", "Body=%"})
  void form_brokenEscapes_isMalformed(String sent) {
    assertThat(twilio(URL, FORM, URL, sent)).isEqualTo("malformed_body");
  }

  @Test
  void host_spoofedWherePublicUrlIsGiven_is401() throws Exception {
    String own = post("hooks.example.com", "", "https://hooks.example.com/hook");
    String foreign = post("other.example.com", "", "https://other.example.com/hook");
    try (Hook hook = hook(o -> o.publicUrl("https://hooks.example.com"))) {
      assertThat(hook.send(own).status()).isEqualTo(204);
      assertThat(hook.send(foreign).status()).isEqualTo(401);
      assertThat(hook.runs).hasValue(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Forwarded-Host: other.example.com\r\nX-Forwarded-Proto: https\r\n",
        "Forwarded: for=1.2.3.4;host=other.example.com;proto=https\r\n",
        "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: other.example.com\r\n",
      })
  void forwarded_byAPeerThatIsNoProxy_isNotBelieved(String spoofed) throws Exception {
    String request = post("localhost", spoofed, "https://other.example.com/hook");
    try (Hook hook = hook(o -> o.trustedProxies(TrustedProxies.of(List.of("10.0.0.0/8"))))) {
      assertThat(hook.send(request).status()).isEqualTo(401);
      assertThat(hook.runs).hasValue(0);
    }
  }

  private static Hook hook(java.util.function.UnaryOperator<WebhookHandler.Builder> options) {
    return Hook.open(
        Schemes.named("twilio"),
        v -> v.secrets(SecretSource.of(Secret.of("own", SECRET))),
        options);
  }

  private static String post(String host, String headers, String signedUrl) {
    String signature = Requests.value(sign("twilio", signedUrl, FORM), "X-Twilio-Signature");
    return "POST /hook HTTP/1.1\r\nHost: "
        + host
        + "\r\n"
        + headers
        + "Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: "
        + signature
        + "\r\nContent-Length: "
        + FORM.length()
        + "\r\n\r\n"
        + FORM;
  }

  private static VerifiedWebhook twilioVerified(String sent) {
    return verifiedAt(sign("twilio", URL, FORM), sent);
  }

  private static VerifiedWebhook verifiedAt(List<Header> headers, String sent) {
    WebhookRequest request = WebhookRequest.post(URL, Headers.of(headers), sent);
    return ((Verification.Verified) verifier("twilio", SECRET).verify(request)).webhook();
  }

  private static String twilio(String signed, String form, String called, String sent) {
    List<Header> headers = sign("twilio", signed, form);
    return verdict(
        verifier("twilio", SECRET).verify(WebhookRequest.post(called, Headers.of(headers), sent)));
  }

  private static String hubspot(String signed, String called) {
    List<Header> headers = sign("hubspot", signed, "[]");
    return verdict(
        verifier("hubspot", SECRET).verify(WebhookRequest.post(called, Headers.of(headers), "[]")));
  }

  private static List<Header> sign(String scheme, String url, String body) {
    Header type = new Header("Content-Type", "application/x-www-form-urlencoded");
    List<Header> headers = new ArrayList<>(List.of(type));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    headers.addAll(
        WebhookSigner.create(Schemes.named(scheme), List.of(Secret.of("own", SECRET)), Map.of())
            .sign(new Outgoing("POST", url, Headers.of(headers), bytes, "m", NOW)));
    return headers;
  }
}
