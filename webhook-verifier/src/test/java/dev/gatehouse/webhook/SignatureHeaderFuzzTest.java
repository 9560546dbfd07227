package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.BODY;
import static dev.gatehouse.webhook.Requests.WHSEC;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Any text in the signature header: no exception, and a verified verdict only where the right
 * signature stands there, spelled as its sender spells it.
 *
 * <p>The first byte chooses the scheme; {@code $} in the rest stands for the right signature.
 */
final class SignatureHeaderFuzzTest {
  private record Door(String header, String right, WebhookVerifier verifier, List<Header> signed) {
    static Door of(String scheme, String secret, String header, String before) {
      List<Header> signed = Requests.signed(scheme, secret);
      String value = Requests.value(signed, header);
      String right = value.substring(value.lastIndexOf(before) + before.length());
      return new Door(header, right, Requests.verifier(scheme, secret), signed);
    }
  }

  private final List<Door> doors =
      List.of(
          Door.of("standard-webhooks", WHSEC, "webhook-signature", "v1,"),
          Door.of("github", "own-secret", "X-Hub-Signature-256", "sha256="),
          Door.of("stripe", "own-secret", "Stripe-Signature", "v1="),
          Door.of("slack", "own-secret", "X-Slack-Signature", "v0="),
          Door.of("shopify", "own-secret", "X-Shopify-Hmac-Sha256", ""),
          Door.of("paddle", "own-secret", "Paddle-Signature", "h1="));

  @FuzzTest(maxDuration = "10m")
  void header_anyText_isVerifiedOnlyWithTheRightSignature(byte[] input) {
    if (input.length == 0) {
      return;
    }
    Door door = doors.get((input[0] & 0xFF) % doors.size());
    String text = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1);
    String value = text.replace("$", door.right());
    List<Header> headers = Requests.with(door.signed(), door.header(), value);
    Verification first = door.verifier().verify(request(headers));
    assertThat(Requests.verdict(door.verifier().verify(request(headers))))
        .isEqualTo(Requests.verdict(first));
    assertThat(first).isNotInstanceOf(Verification.Handshake.class);
    if (first instanceof Verification.Verified verified) {
      assertThat(value).contains(door.right());
      assertThat(verified.webhook().claimKey())
          .isEqualTo(Requests.verified(door.verifier(), door.signed(), BODY).claimKey());
    }
  }

  private static WebhookRequest request(List<Header> headers) {
    return WebhookRequest.post("", Headers.of(headers), BODY);
  }
}
