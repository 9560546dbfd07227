package dev.gatehouse.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.keys.LocalAuthority;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are signed as a whole are verified, and refused where they could not be. */
class RequestSignerTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String URL = "https://hooks.example.com/in";
  private static final String IN_QUERY =
      """
      name: own-in-query
      signature:
        in: query:sig
        grammar: bare
        accept: [ { algorithm: ALGORITHM, encoding: base64, key: { form: base64 } } ]
      content: "{time}.{body}"
      time: { in: "header:Own-Time", unit: s, window: 5m }
      """;

  private static KeyPair pair(String kind) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
    if (kind.equals("EC")) {
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    }
    return generator.generateKeyPair();
  }

  private static Outgoing outgoing(String body, Header... headers) {
    return new Outgoing(
        "POST", URL, Headers.of(List.of(headers)), body.getBytes(UTF_8), "d_1", NOW);
  }

  private static Verification verify(
      Scheme scheme, Map<String, String> params, WebhookRequest request, String... secrets) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(scheme).clock(InstantSource.fixed(NOW));
    if (secrets.length > 0) {
      builder.secrets(SecretSource.of(Secret.of("own", secrets[0])));
    }
    params.forEach(builder::param);
    return builder.build().verify(request);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void half_ofAPrivateKey_isThePublicKeyThatWasMadeWithIt(String kind) throws Exception {
    for (int i = 0; i < 5; i++) {
      KeyPair pair = pair(kind);
      assertThat(PublicHalf.of(pair.getPrivate()).getEncoded())
          .isEqualTo(pair.getPublic().getEncoded());
    }
  }

  @ParameterizedTest
  @CsvSource({"rsa-sha256,RSA", "ecdsa-p256-sha256,EC", "ed25519,Ed25519"})
  void signature_ofAnyPublicKey_isPutIntoTheQuery(String algorithm, String kind) throws Exception {
    Scheme scheme = Schemes.parse(IN_QUERY.replace("ALGORITHM", algorithm));
    KeyPair pair = pair(kind);
    String secret = LocalAuthority.pem("PRIVATE KEY", pair.getPrivate().getEncoded());
    String other = LocalAuthority.pem("PUBLIC KEY", pair.getPublic().getEncoded());
    byte[] der = pair.getPrivate().getEncoded();
    if (kind.equals("Ed25519")) {
      byte[] seed = java.util.Arrays.copyOfRange(der, der.length - 32, der.length);
      secret = java.util.Base64.getEncoder().encodeToString(seed);
    }
    WebhookRequest signed =
        RequestSigner.create(scheme, List.of(Secret.of("own", secret)), Map.of())
            .sign(outgoing("{\"a\":1}"));
    assertThat(signed.url()).startsWith(URL + "?sig=");
    assertThat(signed.headers().first("own-time")).isEqualTo("" + NOW.getEpochSecond());
    assertThat(verify(scheme, Map.of(), signed, other)).isInstanceOf(Verification.Verified.class);
    WebhookRequest forged = WebhookRequest.post(signed.url(), signed.headers(), "{\"a\":2}");
    assertThat(verify(scheme, Map.of(), forged, other))
        .isEqualTo(Verification.rejected(RejectReason.SIGNATURE_MISMATCH));
  }

  @Test
  void notification_ofSns_isVerifiedByTheCertificateOfItsKey() {
    LocalAuthority.Issued signer = new LocalAuthority("Local Test CA").issue("sns.amazonaws.com");
    Scheme scheme = Schemes.named("aws-sns");
    Map<String, String> params =
        Map.of("certificate", signer.pem(), "minimum_algorithm", "rsa-sha256");
    WebhookRequest signed =
        RequestSigner.create(scheme, List.of(Secret.of("own", signer.keyPem())), params)
            .sign(
                outgoing(
                    "{\"Type\":\"Notification\",\"Message\":\"own\",\"TopicArn\":\"arn:own\","
                        + "\"MessageId\":\"m-1\"}"));
    assertThat(verify(scheme, params, signed)).isInstanceOf(Verification.Verified.class);
    assertThat(signed.body().toString())
        .contains("\"MessageId\":\"m-1\"", "\"SignatureVersion\":\"2\"", "\"SigningCertURL\"");
  }

  @Test
  void secrets_thatAreTwo_signTwiceWhereTheHeaderTakesAList() {
    Scheme scheme = Schemes.named("recurly");
    WebhookRequest signed =
        RequestSigner.create(
                scheme, List.of(Secret.of("new", "own-new"), Secret.of("old", "own-old")), Map.of())
            .sign(outgoing("{}"));
    assertThat(verify(scheme, Map.of(), signed, "own-new"))
        .isInstanceOf(Verification.Verified.class);
    assertThat(verify(scheme, Map.of(), signed, "own-old"))
        .isInstanceOf(Verification.Verified.class);
  }

  @Test
  void signature_thatWouldHaveToSignItself_isRefusedAndNotReturned() {
    Scheme scheme =
        Schemes.parse(
            IN_QUERY
                .replace("ALGORITHM", "hmac-sha256")
                .replace("{time}.{body}", "{time}.{url}.{body}"));
    RequestSigner signer =
        RequestSigner.create(scheme, List.of(Secret.of("own", "b3duLXNlY3JldA==")), Map.of());
    assertThatThrownBy(() -> signer.sign(outgoing("{}")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the request cannot be signed for scheme own-in-query: its verifier would answer"
                + " signature_mismatch; what is signed is {time}.{url}.{body}");
  }

  @Test
  void body_withNumbersAndOtherMembers_keepsThemAsTheyWereWritten() {
    String body = "{\"amount\":1.10,\"big\":123456789012345678901234567890,\"signature\":{}}";
    WebhookRequest signed =
        RequestSigner.create(
                Schemes.named("mailgun"), List.of(Secret.of("own", "own-key")), Map.of())
            .sign(outgoing(body));
    assertThat(signed.body().toString())
        .startsWith("{\"amount\":1.10,\"big\":123456789012345678901234567890,\"signature\":{\"");
  }

  @Test
  void headersAlone_ofSuchAScheme_areRefusedWithWhatSignsIt() {
    assertThatThrownBy(
            () ->
                WebhookSigner.create(
                    Schemes.named("mailgun"), List.of(Secret.of("own", "own-key")), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mailgun cannot be signed by headers alone")
        .hasMessageContaining("SignedRequests of gatehouse-testkit");
  }
}
