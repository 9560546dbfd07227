package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.scheme.Schemes;
import dev.gatehouse.webhook.scheme.UrlForm;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One signature over a request that is cut elsewhere, and requests that are long where a stranger
 * may make them long.
 */
final class RecutAttackTest {
  private static final String SECRET = "own-secret-of-a-recut-request";
  private static final long NOW = Requests.NOW.getEpochSecond();

  private static Verification verify(
      String scheme, Map<String, String> params, String url, Headers headers, String body) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(Schemes.named(scheme))
            .secrets(SecretSource.of(Secret.of("own", SECRET)))
            .clock(InstantSource.fixed(Requests.NOW));
    params.forEach(builder::param);
    return builder.build().verify(WebhookRequest.post(url, headers, body));
  }

  private static Verification hook0(String type, String id, String body) throws Exception {
    String genuine =
        NOW + ".content-type x-event-id.application/vnd.own+json.evt.1.{\"eventType\":\"own\"}";
    String signature =
        "t=" + NOW + ",h=content-type x-event-id,v1=" + hex("HmacSHA256", utf8(SECRET), genuine);
    return verify(
        "coinbase-cdp",
        Map.of(),
        "",
        Headers.of("X-Hook0-Signature", signature, "content-type", type, "x-event-id", id),
        body);
  }

  @Test
  void headers_whoseValuesAreMovedIntoTheBodyOrBack_areRefused() throws Exception {
    String body = "{\"eventType\":\"own\"}";
    assertThat(hook0("application/vnd.own+json", "evt.1", body))
        .isInstanceOf(Verification.Verified.class);

    assertThat(hook0("application/vnd", "own+json.evt.1", body))
        .as("between two headers the cut is the sender's word; it stays one delivery")
        .satisfiesAnyOf(
            moved -> assertThat(moved).isInstanceOf(Verification.Rejected.class),
            moved -> assertThat(key(moved)).isEqualTo(key(original())));
    assertThat(hook0("application/vnd.own+json", "evt", "1." + body))
        .isEqualTo(Verification.rejected(RejectReason.MALFORMED_BODY));
    assertThat(hook0("application/vnd.own+json", "evt.1." + body, ""))
        .isInstanceOf(Verification.Rejected.class);
  }

  private static Verification original() {
    try {
      return hook0("application/vnd.own+json", "evt.1", "{\"eventType\":\"own\"}");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static ClaimKey key(Verification verdict) {
    return ((Verification.Verified) verdict).webhook().claimKey();
  }

  @Test
  void challenge_thatWasSignedForAStranger_isNoDelivery() throws Exception {
    byte[] key = MessageDigest.getInstance("SHA-1").digest(utf8(SECRET));
    String challenge = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
    String form =
        "bt_signature=own_public_key%7C" + hex("HmacSHA1", key, challenge) + "&bt_payload=";
    Headers headers = Headers.of("Content-Type", "application/x-www-form-urlencoded");
    Map<String, String> params = Map.of("public_key", "own_public_key");

    assertThat(verify("braintree", params, "", headers, form + challenge))
        .isInstanceOf(Verification.Rejected.class);
  }

  @Test
  void path_ofAMillionSlashes_isReadInLinearTime() {
    String url = "https://hooks.example.com/" + "/".repeat(1_000_000);

    assertLinear(
        () ->
            assertThat(CanonicalRequest.of("POST", url, "https://hooks.example.com"))
                .contains("POST&/&"));
  }

  @ParameterizedTest
  @CsvSource({"whatwg-query", "without-port", "default-port", "decode %3A %2F"})
  void url_ofAMillionCharactersToEscape_isWrittenInLinearTime(String form) {
    String url = "https://hooks.example.com/in?" + "'%3a".repeat(250_000);

    assertLinear(() -> assertThat(UrlForm.parse(form).orElseThrow().apply(url)).isNotEmpty());
  }

  @Test
  void request_ofOneMegabyteWhereTheSchemeReads_isRefusedInLinearTime() {
    String much = "A".repeat(1_000_000);
    List<String> bodies =
        List.of(
            "{\"sig\":\"" + much + "\",\"timestamp\":\"" + NOW + "\"}",
            "[".repeat(1_000_000),
            "{\"a\":".repeat(500_000),
            "{" + "\"a\":1,".repeat(200_000) + "\"b\":1}",
            "1".repeat(1_000_000));
    for (String scheme : List.of("vonage-sms", "mailgun", "microsoft-graph", "figma")) {
      for (String body : bodies) {
        assertLinear(
            () ->
                assertThat(verify(scheme, Map.of(), "", Headers.of(), body))
                    .isInstanceOf(Verification.Rejected.class));
      }
    }
  }

  // In the thread's own time: what is not linear in a million takes minutes of it.
  private static void assertLinear(Runnable work) {
    long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    work.run();
    long took = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start;
    assertThat(took).isLessThan(5_000_000_000L);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(String algorithm, byte[] key, String content)
      throws GeneralSecurityException {
    Mac mac = Mac.getInstance(algorithm);
    mac.init(new SecretKeySpec(key, algorithm));
    return HexFormat.of().formatHex(mac.doFinal(utf8(content)));
  }
}
