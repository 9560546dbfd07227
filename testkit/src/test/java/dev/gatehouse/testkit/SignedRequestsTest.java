package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignedRequestsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String URL = "https://hooks.example.com/in?shop=1";

  @Test
  void genuine_ofEverySharedKeyScheme_isVerifiedAndTamperedIsNot() {
    List<Scheme> shared =
        Schemes.names().stream()
            .map(Schemes::named)
            .filter(s -> s.accepts().stream().allMatch(a -> a.algorithm().isMac()))
            .filter(s -> s.variants().get(0).places().size() == 1)
            .filter(s -> !s.needsWholeRequest())
            .filter(s -> s.variants().get(0).time() == null || !isNested(s.variants().get(0)))
            .toList();
    assertThat(shared).hasSizeGreaterThan(8);
    for (Scheme scheme : shared) {
      Scheme.Vector vector = scheme.vectors().get(0);
      SignedRequests requests =
          SignedRequests.of(scheme, vector.secrets().get(0)).clock(InstantSource.fixed(NOW));
      WebhookVerifier.Builder verifier =
          WebhookVerifier.builder(scheme)
              .secrets(SecretSource.of(Secret.of("k", vector.secrets().get(0))))
              .clock(InstantSource.fixed(NOW));
      for (var param : vector.params().entrySet()) {
        verifier.param(param.getKey(), param.getValue());
        requests = requests.param(param.getKey(), param.getValue());
      }
      SignedRequest genuine = requests.genuine(URL);
      assertThat(verifier.build().verify(genuine.toWebhookRequest()))
          .as(scheme.name())
          .isInstanceOf(Verification.Verified.class);
      byte[] other = genuine.body().clone();
      other[other.length - 3] ^= 1;
      assertThat(verifier.build().verify(genuine.withBody(other).toWebhookRequest()))
          .as(scheme.name())
          .isInstanceOf(Verification.Rejected.class);
    }
  }

  @Test
  void scheme_thatNeedsTheWholeRequest_isRefusedWithWhatToDo() {
    assertThatThrownBy(() -> SignedRequests.of("mailgun", "own-mailgun-key").post(URL, "{}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mailgun cannot be signed with yet");
  }

  private static boolean isNested(Scheme.Variant variant) {
    TimeRule time = java.util.Objects.requireNonNull(variant.time());
    return time.in().kind() == ValueSource.Kind.JSON && time.in().name().lastIndexOf('/') > 0;
  }

  @Test
  void request_forTheJdksClient_carriesTheSameHeaders() {
    SignedRequest request = SignedRequests.of("github", "own-github-secret").post(URL, "{}");
    assertThat(request.toHttpRequest().headers().firstValue("X-Hub-Signature-256"))
        .contains(request.header("x-hub-signature-256"));
    assertThat(request.toString()).isEqualTo("POST " + URL);
  }

  @Test
  void id_givenByATest_isTheOneThatIsSigned() {
    SignedRequest request =
        SignedRequests.of("svix", "whsec_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=")
            .id("msg_7")
            .clock(InstantSource.fixed(NOW))
            .post(URL, "{}");
    assertThat(request.header("svix-id")).isEqualTo("msg_7");
    assertThat(request.header("svix-timestamp")).isEqualTo("" + NOW.getEpochSecond());
  }

  @Test
  void header_thatIsNotThere_isRefusedByName() {
    SignedRequest request = SignedRequests.of("github", "own-github-secret").post(URL, "{}");
    assertThatThrownBy(() -> request.header("X-Nowhere")).hasMessageContaining("X-Nowhere");
  }
}
