package dev.gatehouse.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignedRequestsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String URL = "https://hooks.example.com/in?shop=1";

  @Test
  void signature_thatStandsInTheBody_isPutThereBesideWhatTheTestGave() {
    SignedRequest request =
        SignedRequests.of("mailgun", "own-mailgun-key")
            .id("token-7")
            .clock(InstantSource.fixed(NOW))
            .post(
                URL, "{\"event-data\":{\"event\":\"opened\"},\"signature\":{\"timestamp\":\"1\"}}");
    assertThat(new String(request.body(), UTF_8))
        .contains("{\"event\":\"opened\"}", "\"token\":\"token-7\"", "\"signature\":\"")
        .contains("\"timestamp\":\"" + NOW.getEpochSecond() + "\"");
    assertThat(verify("mailgun", "own-mailgun-key", request))
        .isInstanceOf(Verification.Verified.class);
  }

  @Test
  void form_ofASchemeThatTakesJsonToo_isSignedAsAForm() {
    Header type = new Header("Content-Type", "application/x-www-form-urlencoded");
    SignedRequest request =
        SignedRequests.of("mailgun", "own-mailgun-key")
            .clock(InstantSource.fixed(NOW))
            .sign("POST", URL, List.of(type), "recipient=a%40example.com".getBytes(UTF_8));
    assertThat(new String(request.body(), UTF_8))
        .startsWith("recipient=a%40example.com&timestamp=")
        .contains("&signature=");
    assertThat(verify("mailgun", "own-mailgun-key", request))
        .isInstanceOf(Verification.Verified.class);
  }

  @Test
  void parameters_ofARequestWithoutABody_areSignedInTheQuery() {
    SignedRequest request =
        SignedRequests.of("vonage-sms", "own-vonage-secret")
            .clock(InstantSource.fixed(NOW))
            .sign("GET", URL + "&msisdn=447700900001", List.of(), new byte[0]);
    assertThat(request.url()).startsWith(URL + "&msisdn=447700900001&").contains("&sig=");
    assertThat(verify("vonage-sms", "own-vonage-secret", request))
        .isInstanceOf(Verification.Verified.class);
    assertThat(
            verify(
                "vonage-sms",
                "own-vonage-secret",
                request.withUrl(request.url().replace("900001", "900002"))))
        .isInstanceOf(Verification.Rejected.class);
  }

  @Test
  void batch_ofItems_hasEachOneSigned() {
    String item =
        "{\"NotificationRequestItem\":{\"pspReference\":\"%s\",\"amount\":{\"value\":10}}}";
    String body =
        "{\"notificationItems\":["
            + item.replace("%s", "own-1")
            + ","
            + item.replace("%s", "own-2")
            + "]}";
    SignedRequest request = SignedRequests.of("adyen-standard", "44af").post(URL, body);
    assertThat(new String(request.body(), UTF_8).split("hmacSignature", -1)).hasSize(3);
    assertThat(verify("adyen-standard", "44af", request)).isInstanceOf(Verification.Verified.class);
    byte[] other = new String(request.body(), UTF_8).replace("own-2", "own-3").getBytes(UTF_8);
    assertThat(verify("adyen-standard", "44af", request.withBody(other)))
        .isInstanceOf(Verification.Rejected.class);
  }

  @Test
  void body_thatLacksWhatIsSigned_isRefusedWithWhatIsSigned() {
    assertThatThrownBy(
            () ->
                SignedRequests.of("aws-sns", KeyPairs.rsa().privateKey())
                    .post(URL, "{\"Type\":\"Notification\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("malformed_body")
        .hasMessageContaining("TopicArn");
  }

  @Test
  void body_thatIsNoJsonWhereTheSignatureStands_isRefusedWithoutShowingIt() {
    assertThatThrownBy(
            () -> SignedRequests.of("mailgun", "own-mailgun-key").post(URL, "customer=7"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("body: must be a JSON object, no member in it twice");
  }

  @Test
  void secret_thatIsNotTheReceivers_signsWhatTheReceiverRefuses() {
    SignedRequest request =
        SignedRequests.of("mailgun", "own-mailgun-key")
            .secret("another-key")
            .clock(InstantSource.fixed(NOW))
            .genuine(URL);
    assertThat(verify("mailgun", "own-mailgun-key", request))
        .isInstanceOf(Verification.Rejected.class);
  }

  @Test
  void attacks_onASchemeThatIsJudgedOverTheWholeRequest_areRefused() {
    assertThatThrownBy(
            () ->
                HostileRequests.against(
                    java.net.URI.create(URL), Schemes.named("mailgun"), "own-mailgun-key"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("judged over the whole request");
  }

  private static Verification verify(String scheme, String secret, SignedRequest request) {
    return WebhookVerifier.builder(Schemes.named(scheme))
        .secrets(SecretSource.of(Secret.of("k", secret)))
        .clock(InstantSource.fixed(NOW))
        .build()
        .verify(request.toWebhookRequest());
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
