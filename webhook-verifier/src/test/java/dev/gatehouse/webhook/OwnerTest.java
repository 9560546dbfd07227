package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.secrets;
import static dev.gatehouse.webhook.Requests.sign;
import static dev.gatehouse.webhook.Requests.verdict;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.keys.LocalAuthority;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a provider's key signs for all its customers, each could send on what is his own. */
class OwnerTest {
  private static final String OWN =
      """
      name: own
      signature: { in: "header:X-Sig", accept: [ { algorithm: hmac-sha256 } ] }
      content: "{body}"
      params: { accounts: { description: "yours" } }
      owner: { in: "json:/account", param: accounts, list: true }
      """;

  @Test
  void notification_ofAnotherTopic_isRefusedWhereYourTopicsAreGiven() {
    LocalAuthority.Issued signer = new LocalAuthority("Local Test CA").issue("sns.amazonaws.com");
    Map<String, String> params =
        Map.of("certificate", signer.pem(), "minimum_algorithm", "rsa-sha256");
    Scheme sns = Schemes.named("aws-sns");
    RequestSigner aws =
        RequestSigner.create(sns, List.of(Secret.of("own", signer.keyPem())), params);
    WebhookRequest yours = aws.sign(notification("arn:aws:sns:eu-west-1:1:orders"));
    WebhookRequest strangers = aws.sign(notification("arn:aws:sns:eu-west-1:2:orders"));
    WebhookVerifier.Builder builder = WebhookVerifier.builder(sns).clock(InstantSource.fixed(NOW));
    params.forEach(builder::param);

    assertThat(verdict(builder.build().verify(strangers))).isEqualTo("verified");
    builder.param("topic_arns", "arn:aws:sns:eu-west-1:1:returns, arn:aws:sns:eu-west-1:1:orders");
    assertThat(verdict(builder.build().verify(yours))).isEqualTo("verified");
    assertThat(verdict(builder.build().verify(strangers))).isEqualTo("signature_mismatch");
  }

  private static Outgoing notification(String topic) {
    String body =
        "{\"Type\":\"Notification\",\"Message\":\"own\",\"TopicArn\":\"%s\",\"MessageId\":\"m-1\"}"
            .formatted(topic);
    return new Outgoing(
        "POST", "https://hooks.example.com/in", Headers.of(), body.getBytes(UTF_8), "", NOW);
  }

  @ParameterizedTest
  @CsvSource({
    "wise,subscription_ids,subscription_id",
    "fireblocks,workspace_ids,workspaceId",
    "fireblocks-v1,workspace_ids,tenantId"
  })
  void event_ofAnotherCustomer_isRefusedWhereYoursAreGiven(
      String scheme, String param, String member) {
    KeyPair pair = LocalAuthority.rsa();
    String own = LocalAuthority.pem("PRIVATE KEY", pair.getPrivate().getEncoded());
    String known = LocalAuthority.pem("PUBLIC KEY", pair.getPublic().getEncoded());
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named(scheme))
            .secrets(secrets(known))
            .param(param, "a-1,a-2")
            .clock(InstantSource.fixed(NOW))
            .build();

    String yours = "{\"%s\":\"a-2\"}".formatted(member);
    assertThat(verdict(verifier, sign(scheme, own, "", "d-1", yours.getBytes(UTF_8)), yours))
        .isEqualTo("verified");
    for (String other : List.of("a-3", "a", "a-1,a-2", "A-1", "")) {
      String strangers = "{\"%s\":\"%s\"}".formatted(member, other);
      assertThat(
              verdict(verifier, sign(scheme, own, "", "d-1", strangers.getBytes(UTF_8)), strangers))
          .as(other)
          .isEqualTo("signature_mismatch");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|signature_mismatch",
        "{\"account\":null}|signature_mismatch",
        "{\"account\":[\"a-1\"]}|signature_mismatch",
        "{\"account\":\"a-2\",\"account\":\"a-1\"}|malformed_body",
        "a-1|malformed_body",
        "{\"account\":\"a-1\"}|verified",
      })
  void owner_thatIsNotSaidOnce_isNobody(String body, String verdict) {
    Scheme scheme = Schemes.parse(OWN);
    WebhookVerifier verifier =
        WebhookVerifier.builder(scheme)
            .secrets(secrets("own-text"))
            .param("accounts", "a-1")
            .clock(InstantSource.fixed(NOW))
            .build();

    assertThat(
            verdict(
                verifier,
                WebhookSigner.create(scheme, List.of(Secret.of("own", "own-text")), Map.of())
                    .sign(new Outgoing("POST", "", Headers.of(), body.getBytes(UTF_8), "", NOW)),
                body))
        .isEqualTo(verdict);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "in: \"json:/account\"|in: \"header:X-Account\"|owner.in: must be json:/POINTER to what the",
        "algorithm: hmac-sha256|algorithm: token|owner.in: must be json:/POINTER to what the",
        "param: accounts, list|param: others, list|owner.param: names others, which params lacks",
      })
  void owner_thatIsNotSignedOrNotConfigurable_isRefused(String right, String wrong, String told) {
    assertThatThrownBy(() -> Schemes.parse(OWN.replace(right, wrong))).hasMessageContaining(told);
  }
}
