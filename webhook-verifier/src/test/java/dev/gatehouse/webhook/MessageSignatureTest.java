package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.verdict;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a verifier makes of HTTP message signatures beyond whether they are right. */
class MessageSignatureTest {
  private static final String URL = "https://hooks.example.com/in";
  private static final String BODY = "{\"id\":\"evt_1\",\"type\":\"paid\",\"account\":\"yours\"}";
  private static final String SECRET = "Z2F0ZWhvdXNlIG93biByZmMgOTQyMSBzaGFyZWQgc2VjcmV0IDAx";
  private static final String OLD = "Z2F0ZWhvdXNlIG93biByZmMgOTQyMSBzaGFyZWQgc2VjcmV0IDAy";
  private static final Scheme RFC9421 = Schemes.named("rfc9421");

  private static WebhookVerifier.Builder verifier(Scheme scheme, Secret... secrets) {
    return WebhookVerifier.builder(scheme)
        .secrets(SecretSource.of(secrets))
        .clock(InstantSource.fixed(NOW));
  }

  private static WebhookRequest with(WebhookRequest request, String name, String... values) {
    List<Header> headers = new ArrayList<>(request.headers().all());
    headers.removeIf(header -> header.name().equals(name));
    for (String value : values) {
      headers.add(new Header(name, value));
    }
    return WebhookRequest.of(
        request.method(), request.url(), Headers.of(headers), request.bodyBytes());
  }

  private static VerifiedWebhook verified(WebhookVerifier verifier, WebhookRequest request) {
    return ((Verification.Verified) verifier.verify(request)).webhook();
  }

  // --- keys

  @Test
  void signatures_ofAnExpiredKeyBesideAValidOne_areVerifiedByTheValidOne() {
    Secret old = Secret.of("old", OLD);
    Secret next = Secret.of("next", SECRET);
    WebhookSigner rotating = WebhookSigner.create(RFC9421, List.of(old, next), Map.of());
    List<Header> headers =
        rotating.sign(new Outgoing("POST", URL, Headers.of(), BODY.getBytes(UTF_8), "d_1", NOW));
    WebhookVerifier verifier =
        verifier(RFC9421, old.validBetween(null, NOW.minusSeconds(1)), next).build();

    WebhookRequest request = WebhookRequest.post(URL, Headers.of(headers), BODY);

    assertThat(verified(verifier, request).keyId()).isEqualTo("next");
    assertThat(verdict(verifier.verify(with(request, "Signature", "sig1=:AAAA:, sig2=:AAAA:"))))
        .isEqualTo("signature_mismatch");
  }
}
