package dev.gatehouse.webhook.keys;

import static dev.gatehouse.webhook.keys.KeyServer.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From a request that names a certificate to its verdict, over real https. */
class CertificateVerificationTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final LocalAuthority AUTHORITY = new LocalAuthority("Local Test CA");
  private static final LocalAuthority.Issued SIGNER = AUTHORITY.issue("sign.example");
  private static final String URL = "https://certs.example/v1/certs/CERT-1.pem";
  private static final String HEADER_SCHEME =
      """
      name: own-certificates
      signature:
        in: header:Own-Signature
        grammar: bare
        accept: [ { algorithm: rsa-sha256, encoding: base64, key: { form: base64 } } ]
      content: "{body}"
      keys:
        certificate: header:Own-Cert-Url
        hosts: [certs.example]
        paths: ["/v1/certs/*"]
        subject: [sign.example]
      params:
        certificate: { description: "the certificate" }
      """;
  private static final String BODY_SCHEME =
      HEADER_SCHEME.replace("header:Own-Cert-Url", "json:/certUrl");
  private static Vertx vertx;

  private KeyServer server;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() {
    await(vertx.close());
  }

  @BeforeEach
  void serve() {
    server = new KeyServer(vertx, AUTHORITY, "certs.example").serving(SIGNER.pem());
  }

  @AfterEach
  void close() {
    server.close();
  }

  private WebhookVerifier verifier(String yaml, Instant now) {
    Scheme scheme = Schemes.parse(yaml);
    KeyLocation location = Objects.requireNonNull(scheme.keys());
    KeyFetching options =
        server
            .options()
            .certificateAuthorities(List.of(AUTHORITY.certificate()))
            .clock(InstantSource.fixed(now))
            .build();
    return WebhookVerifier.builder(scheme)
        .keySource(KeySource.published(vertx, location, options))
        .clock(InstantSource.fixed(now))
        .build();
  }

  private static WebhookRequest request(String url, String body, PrivateKey key) {
    try {
      Signature signer = Signature.getInstance("SHA256withRSA");
      signer.initSign(key);
      signer.update(body.getBytes(StandardCharsets.UTF_8));
      String signature = Base64.getEncoder().encodeToString(signer.sign());
      return WebhookRequest.post(
          "", Headers.of("Own-Signature", signature, "Own-Cert-Url", url), body);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String verdict(Verification outcome) {
    return outcome instanceof Verification.Rejected rejected
        ? rejected.reason().code()
        : "verified";
  }

  private String decided(WebhookVerifier verifier, WebhookRequest request) {
    return verdict(await(verifier.decide(request)));
  }

  @Test
  void request_underAServedCertificate_isVerified() {
    WebhookVerifier verifier = verifier(HEADER_SCHEME, NOW);
    WebhookRequest good = request(URL, "{}", SIGNER.pair().getPrivate());

    assertThat(verdict(verifier.verify(good))).isEqualTo("unknown_key");
    assertThat(decided(verifier, good)).isEqualTo("verified");
    assertThat(verdict(verifier.verify(good))).isEqualTo("verified");
    assertThat(decided(verifier, request(URL, "{}", LocalAuthority.rsa().getPrivate())))
        .isEqualTo("signature_mismatch");
  }

  @Test
  void request_whoseBodyNamesTheCertificate_isVerified() {
    WebhookVerifier verifier = verifier(BODY_SCHEME, NOW);
    PrivateKey key = SIGNER.pair().getPrivate();

    assertThat(decided(verifier, request("", "{\"certUrl\":\"" + URL + "\"}", key)))
        .isEqualTo("verified");
    assertThat(decided(verifier, request("", "{\"certUrl\":1}", key))).isEqualTo("unknown_key");
    assertThat(decided(verifier, request("", "no JSON", key))).isEqualTo("unknown_key");
    String twice = "{\"certUrl\":\"" + URL + "\",\"certUrl\":\"https://evil.example/c.pem\"}";
    assertThat(decided(verifier, request("", twice, key))).isEqualTo("unknown_key");
  }

  @Test
  void request_namingAnotherHost_isUnknownAndNothingIsFetched() {
    WebhookVerifier verifier = verifier(HEADER_SCHEME, NOW);
    String evil = "https://certs.example.evil.example/v1/certs/CERT-1.pem";

    assertThat(decided(verifier, request(evil, "{}", SIGNER.pair().getPrivate())))
        .isEqualTo("unknown_key");
    assertThat(server.asked).hasValue(0);
  }

  @Test
  void request_underACertificateOutsideItsDates_isUnderAnExpiredKey() {
    WebhookRequest good = request(URL, "{}", SIGNER.pair().getPrivate());

    assertThat(decided(verifier(HEADER_SCHEME, Instant.parse("2049-01-01T00:00:01Z")), good))
        .isEqualTo("expired_key");
    assertThat(decided(verifier(HEADER_SCHEME, Instant.parse("2019-12-31T23:59:59Z")), good))
        .isEqualTo("expired_key");
  }

  @Test
  void request_underACertificateOfAnotherAuthority_isNotDecided() {
    LocalAuthority other = new LocalAuthority("Local Test CA");
    LocalAuthority.Issued forged = other.issue("sign.example");
    server.serving(forged.pem() + other.pem());

    assertThatThrownBy(
            () ->
                decided(
                    verifier(HEADER_SCHEME, NOW), request(URL, "{}", forged.pair().getPrivate())))
        .hasCauseInstanceOf(KeysUnavailableException.class);
  }

  @Test
  void certificate_thatIsConfigured_isUsedWithoutAFetch() {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.parse(HEADER_SCHEME))
            .param("certificate", SIGNER.pem())
            .clock(InstantSource.fixed(NOW))
            .build();
    PrivateKey key = SIGNER.pair().getPrivate();

    assertThat(verdict(verifier.verify(request(URL, "{}", key)))).isEqualTo("verified");
    assertThat(verdict(verifier.verify(request("https://evil.example/c.pem", "{}", key))))
        .isEqualTo("unknown_key");
    assertThatThrownBy(
            () ->
                WebhookVerifier.builder(Schemes.parse(HEADER_SCHEME))
                    .param("certificate", "no PEM")
                    .build())
        .hasMessageContaining("params.certificate is not a certificate");
  }
}
