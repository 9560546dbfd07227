package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.NOW;
import static dev.gatehouse.webhook.Requests.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.keys.JsonWebKeys;
import dev.gatehouse.webhook.keys.KeySource;
import dev.gatehouse.webhook.keys.LocalAuthority;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that must not pass, whoever signed them. */
class TokenAttackTest {
  private static final String BODY = "{\"webhook_code\":\"OWN\"}";
  private static final KeyPair RSA = LocalAuthority.rsa();
  private static final KeyPair EC = p256();
  private static final String HEADER = "{\"alg\":\"ES256\",\"kid\":\"k\"}";

  private static KeyPair p256() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String b64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String b64(String text) {
    return b64(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String sha256(String text) {
    return HexFormat.of().formatHex(Fingerprint.sha256(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String claims(String more) {
    return "{\"iat\":"
        + NOW.getEpochSecond()
        + ",\"request_body_sha256\":\""
        + sha256(BODY)
        + "\""
        + more
        + "}";
  }

  private static byte[] signed(String jca, PrivateKey key, String content) {
    try {
      Signature signer = Signature.getInstance(jca);
      signer.initSign(key);
      signer.update(content.getBytes(StandardCharsets.US_ASCII));
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String es256(String header, String claims) {
    String content = b64(header) + "." + b64(claims);
    return content + "." + b64(signed("SHA256withECDSAinP1363Format", EC.getPrivate(), content));
  }

  private static String hmac(String jca, byte[] key, String header, String claims) {
    String content = b64(header) + "." + b64(claims);
    try {
      Mac mac = Mac.getInstance(jca);
      mac.init(new SecretKeySpec(key, jca));
      return content + "." + b64(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String ecJwk(String more) {
    ECPublicKey key = (ECPublicKey) EC.getPublic();
    byte[] spki = key.getEncoded();
    return "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"x\":\""
        + b64(Arrays.copyOfRange(spki, spki.length - 64, spki.length - 32))
        + "\",\"y\":\""
        + b64(Arrays.copyOfRange(spki, spki.length - 32, spki.length))
        + "\""
        + more
        + "}";
  }

  private static String rsaJwk() {
    byte[] n = ((RSAPublicKey) RSA.getPublic()).getModulus().toByteArray();
    return "{\"kty\":\"RSA\",\"kid\":\"k\",\"e\":\"AQAB\",\"n\":\""
        + b64(Arrays.copyOfRange(n, n.length - 256, n.length))
        + "\"}";
  }

  private static WebhookVerifier plaid(String jwk) {
    return WebhookVerifier.builder(Schemes.named("plaid"))
        .param("jwks", "{\"keys\":[" + jwk + "]}")
        .clock(InstantSource.fixed(NOW))
        .build();
  }

  private static String judge(String token) {
    return judge(plaid(ecJwk("")), token);
  }

  private static String judge(WebhookVerifier verifier, String token) {
    return verdict(
        verifier.verify(WebhookRequest.post("", Headers.of("Plaid-Verification", token), BODY)));
  }

  @Test
  void token_honest_isVerified() {
    assertThat(judge(es256(HEADER, claims("")))).isEqualTo("verified");
    assertThat(judge(es256(HEADER, claims(",\"x\":[1,{\"y\":2.5}]")))).isEqualTo("verified");
  }

  static Stream<Arguments> refused() {
    String good = es256(HEADER, claims(""));
    String[] parts = good.split("\\.");
    return Stream.of(
        Arguments.of("alg none", none("none"), "unknown_signature_version"),
        Arguments.of("alg None", none("None"), "unknown_signature_version"),
        Arguments.of(
            "alg es256", es256("{\"alg\":\"es256\"}", claims("")), "unknown_signature_version"),
        Arguments.of("no alg", es256("{\"kid\":\"k\"}", claims("")), "unknown_signature_version"),
        Arguments.of(
            "alg list", es256("{\"alg\":[\"ES256\"]}", claims("")), "unknown_signature_version"),
        Arguments.of(
            "crit",
            es256("{\"alg\":\"ES256\",\"kid\":\"k\",\"crit\":[]}", claims("")),
            "malformed_signature"),
        Arguments.of(
            "b64",
            es256("{\"alg\":\"ES256\",\"kid\":\"k\",\"b64\":false}", claims("")),
            "malformed_signature"),
        Arguments.of(
            "two algs",
            es256("{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"k\"}", claims("")),
            "malformed_signature"),
        Arguments.of(
            "two kids",
            es256("{\"alg\":\"ES256\",\"kid\":\"k\",\"kid\":\"k\"}", claims("")),
            "malformed_signature"),
        Arguments.of(
            "kid a number",
            es256("{\"alg\":\"ES256\",\"kid\":1}", claims("")),
            "malformed_signature"),
        Arguments.of(
            "kid null",
            es256("{\"alg\":\"ES256\",\"kid\":null}", claims("")),
            "malformed_signature"),
        Arguments.of(
            "kid empty",
            es256("{\"alg\":\"ES256\",\"kid\":\"\"}", claims("")),
            "malformed_signature"),
        Arguments.of("no kid", es256("{\"alg\":\"ES256\"}", claims("")), "unknown_key"),
        Arguments.of("header behind", es256(HEADER + "{}", claims("")), "malformed_signature"),
        Arguments.of("two times", es256(HEADER, claims(",\"iat\":1")), "malformed_signature"),
        Arguments.of("claims a list", es256(HEADER, "[]"), "malformed_signature"),
        Arguments.of(
            "claims deep",
            es256(HEADER, claims(",\"x\":" + "[".repeat(60) + "]".repeat(60))),
            "malformed_signature"),
        Arguments.of(
            "claims not UTF-8",
            es256(HEADER, "x")
                .replace(b64("x"), b64(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'})),
            "malformed_signature"),
        Arguments.of("padding", good + "=", "malformed_signature"),
        Arguments.of(
            "standard alphabet",
            good.replace('-', '+').replace('_', '/') + "+",
            "malformed_signature"),
        Arguments.of("four parts", good + ".x", "malformed_signature"),
        Arguments.of("five parts", "a.b.c.d.e", "malformed_signature"),
        Arguments.of("no payload", parts[0] + ".." + parts[2], "malformed_signature"),
        Arguments.of("no signature", parts[0] + "." + parts[1] + ".", "malformed_signature"),
        Arguments.of("space before", " " + good, "malformed_signature"),
        Arguments.of("space behind", good + " ", "malformed_signature"),
        Arguments.of("a word", "Bearer " + good, "malformed_signature"),
        Arguments.of("JSON form", "{\"payload\":\"x\"}", "malformed_signature"),
        Arguments.of(
            "too long",
            es256(HEADER, claims(",\"x\":\"" + "x".repeat(8_000) + "\"")),
            "malformed_signature"),
        Arguments.of(
            "zero signature",
            parts[0] + "." + parts[1] + "." + b64(new byte[64]),
            "signature_mismatch"),
        Arguments.of(
            "DER signature",
            parts[0]
                + "."
                + parts[1]
                + "."
                + b64(signed("SHA256withECDSA", EC.getPrivate(), parts[0] + "." + parts[1])),
            "malformed_signature"),
        Arguments.of(
            "hash in upper case",
            es256(
                HEADER,
                claims("").replace(sha256(BODY), sha256(BODY).toUpperCase(java.util.Locale.ROOT))),
            "signature_mismatch"),
        Arguments.of(
            "time text",
            es256(HEADER, claims("").replaceFirst("iat\":(\\d+)", "iat\":\"$1\"")),
            "malformed_timestamp"),
        Arguments.of(
            "time fraction",
            es256(HEADER, claims("").replaceFirst("iat\":(\\d+)", "iat\":$1.5")),
            "malformed_timestamp"),
        Arguments.of(
            "time exponent",
            es256(HEADER, claims("").replaceFirst("iat\":(\\d+)", "iat\":1e9")),
            "malformed_timestamp"),
        Arguments.of(
            "time negative",
            es256(HEADER, claims("").replaceFirst("iat\":(\\d+)", "iat\":-1")),
            "malformed_timestamp"),
        Arguments.of(
            "time 2^63",
            es256(HEADER, claims("").replaceFirst("iat\":(\\d+)", "iat\":9223372036854775807")),
            "malformed_timestamp"),
        Arguments.of(
            "time null",
            es256(HEADER, claims("").replaceFirst("iat\":(\\d+)", "iat\":null")),
            "malformed_timestamp"),
        Arguments.of("exp text", es256(HEADER, claims(",\"exp\":\"9\"")), "malformed_timestamp"),
        Arguments.of(
            "exp now", es256(HEADER, claims(",\"exp\":" + NOW.getEpochSecond())), "too_old"),
        Arguments.of(
            "nbf ahead",
            es256(HEADER, claims(",\"nbf\":" + (NOW.getEpochSecond() + 1))),
            "too_new"));
  }

  private static String none(String alg) {
    return b64("{\"alg\":\"" + alg + "\",\"kid\":\"k\"}") + "." + b64(claims("")) + ".";
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void token_notStrictly_isRefused(String name, String token, String reason) {
    assertThat(judge(token)).isEqualTo(reason);
  }

  @Test
  void token_withLooseBits_isRefused() {
    String good = es256(HEADER, claims(""));
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // 64 bytes leave four bits of the last character unused.
    int last = alphabet.indexOf(good.charAt(good.length() - 1));
    String other = good.substring(0, good.length() - 1) + alphabet.charAt(last | 1);

    assertThat(judge(other)).isEqualTo("malformed_signature");
  }

  @Test
  void token_bringingItsOwnKey_isJudgedByOurs() {
    KeyPair own = p256();
    byte[] spki = own.getPublic().getEncoded();
    String jwk =
        ecJwk("")
            .replaceFirst(
                "\"x\":\"[^\"]*\"",
                "\"x\":\""
                    + b64(Arrays.copyOfRange(spki, spki.length - 64, spki.length - 32))
                    + "\"")
            .replaceFirst(
                "\"y\":\"[^\"]*\"",
                "\"y\":\"" + b64(Arrays.copyOfRange(spki, spki.length - 32, spki.length)) + "\"");
    String header =
        "{\"alg\":\"ES256\",\"kid\":\"k\",\"jwk\":"
            + jwk
            + ",\"jku\":\"https://evil.example/set\",\"x5u\":\"https://evil.example/c.pem\"}";
    String content = b64(header) + "." + b64(claims(""));
    byte[] signature = signed("SHA256withECDSAinP1363Format", own.getPrivate(), content);

    assertThat(judge(content + "." + b64(signature))).isEqualTo("signature_mismatch");
  }

  @Test
  void key_ofAnotherType_isNoKeyForTheToken() {
    assertThatThrownBy(() -> plaid(rsaJwk())).hasMessageContaining("no key of a kind");
    assertThat(
            judge(
                plaid(rsaJwk() + "," + ecJwk("").replace("\"k\"", "\"l\"")),
                es256(HEADER, claims(""))))
        .isEqualTo("unknown_key");
  }

  @Test
  void key_forAnotherAlgorithm_isNoKeyForTheToken() {
    assertThat(judge(plaid(ecJwk(",\"alg\":\"ES256\"")), es256(HEADER, claims(""))))
        .isEqualTo("verified");
    assertThatThrownBy(() -> plaid(ecJwk(",\"alg\":\"ES384\""))).hasMessageContaining("no key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"use\":\"enc\"",
        ",\"key_ops\":[\"sign\"]",
        ",\"d\":\"AAAA\"",
        ",\"use\":1",
        ",\"not_before\":\"soon\"",
        ",\"kid\":\"l\""
      })
  void key_notForUs_isRefusedWhereItIsConfigured(String more) {
    assertThatThrownBy(() -> plaid(ecJwk(more)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("params.jwks");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"soon\"", "1.5", "999999999999999999", "true", "\"\""})
  void key_whoseTimeIsNone_isRefusedInWordsOfOurs(String time) {
    assertThatThrownBy(() -> plaid(ecJwk(",\"not_after\":" + time)))
        .hasMessage(
            "params.jwks keys[0] has a not_after that is no time: seconds since the epoch, or RFC"
                + " 3339");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"kty\":\"oct\",\"k\":\"b3duLXNlY3JldC1vZi0zMi1ieXRlcy1vZi1sZW5ndGg\",\"kid\":\"k\"}",
        "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"AAAA\"}",
        "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AAAA\",\"y\":\"AAAA\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
            + "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"AAAA\"}",
        "{\"keys\":{}}",
        "[]",
        "{}",
        "x"
      })
  void keySet_thatProtectsNothing_isRefused(String set) {
    assertThatThrownBy(() -> JsonWebKeys.parse(set)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void secret_thatIsAPublicKey_isRefused() {
    String pem = LocalAuthority.pem("PUBLIC KEY", RSA.getPublic().getEncoded());
    String certificate = new LocalAuthority("Own").pem();
    for (String text : List.of(pem, rsaJwk(), certificate)) {
      assertThatThrownBy(
              () ->
                  WebhookVerifier.builder(Schemes.named("netlify"))
                      .secrets(SecretSource.of(Secret.of("s", text)))
                      .build())
          .as(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'s'");
    }
  }

  @Test
  void hmacUnderAPublicKey_whereBothKindsAreTaken_isRefused() {
    String pem = LocalAuthority.pem("PUBLIC KEY", RSA.getPublic().getEncoded()).strip();
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("atlassian-connect"))
            .secrets(SecretSource.of(Secret.of("s", "own-shared-secret"), Secret.of("p", pem)))
            .param("base_url", "https://a.example")
            .clock(InstantSource.fixed(NOW))
            .build();
    String claims =
        "{\"iss\":\"p\",\"iat\":"
            + NOW.getEpochSecond()
            + ",\"exp\":"
            + (NOW.getEpochSecond() + 60)
            + ",\"qsh\":\""
            + sha256("POST&/hook&")
            + "\"}";
    String token =
        hmac("HmacSHA256", pem.getBytes(StandardCharsets.UTF_8), "{\"alg\":\"HS256\"}", claims);

    assertThat(
            verdict(
                verifier.verify(
                    WebhookRequest.post(
                        "https://a.example/hook",
                        Headers.of("Authorization", "JWT " + token),
                        BODY))))
        .isEqualTo("unknown_key");
  }

  @Test
  void secretOfAnotherTenant_signingInItsName_isNotTried() {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("vonage"))
            .secrets(SecretSource.of(Secret.of("acc1", "own-1"), Secret.of("acc2", "own-2")))
            .clock(InstantSource.fixed(NOW))
            .build();

    assertThat(vonage(verifier, "own-1", "acc1")).isEqualTo("verified");
    assertThat(vonage(verifier, "own-2", "acc2")).isEqualTo("verified");
    assertThat(vonage(verifier, "own-2", "acc1")).isEqualTo("signature_mismatch");
    assertThat(vonage(verifier, "own-1", "acc3")).isEqualTo("unknown_key");
  }

  @Test
  void secret_whoseIdNamesNobody_isTriedUnderAnyClaim() {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("vonage"))
            .secrets(
                SecretSource.of(
                    Secret.of("acc1", "own-1"),
                    Secret.of("#2026-05", "own-2"),
                    Secret.of("#2026-11", "own-3")))
            .clock(InstantSource.fixed(NOW))
            .build();
    assertThat(vonage(verifier, "own-2", "acc9")).isEqualTo("verified");
    assertThat(vonage(verifier, "own-3", "acc9")).isEqualTo("verified");
    assertThat(vonage(verifier, "own-1", "acc1")).isEqualTo("verified");
    assertThat(vonage(verifier, "own-1", "acc9")).isEqualTo("signature_mismatch");
  }

  private static String vonage(WebhookVerifier verifier, String secret, String account) {
    String claims =
        "{\"iss\":\"Vonage\",\"jti\":\"j\",\"iat\":"
            + NOW.getEpochSecond()
            + ",\"api_key\":\""
            + account
            + "\",\"payload_hash\":\""
            + sha256(BODY)
            + "\"}";
    byte[] key = secret.getBytes(StandardCharsets.UTF_8);
    String token = hmac("HmacSHA256", key, "{\"alg\":\"HS256\"}", claims);
    return verdict(
        verifier.verify(
            WebhookRequest.post("", Headers.of("authorization", "bearer " + token), BODY)));
  }

  @Test
  void token_twiceWithDifferentValues_isAmbiguous() {
    String good = es256(HEADER, claims(""));
    Headers headers = Headers.of("Plaid-Verification", good, "plaid-verification", good + "x");

    assertThat(verdict(plaid(ecJwk("")).verify(WebhookRequest.post("", headers, BODY))))
        .isEqualTo("ambiguous_header");
  }

  @Test
  void jwkAsASecret_isTheKeyOfItsKid() {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("plaid"))
            .secrets(SecretSource.of(Secret.of("s", ecJwk(""))))
            .clock(InstantSource.fixed(NOW))
            .build();

    assertThat(judge(verifier, es256(HEADER, claims("")))).isEqualTo("verified");
    assertThat(judge(verifier, es256("{\"alg\":\"ES256\",\"kid\":\"l\"}", claims(""))))
        .isEqualTo("unknown_key");
  }

  @Test
  void verifier_withoutAnyKey_isNotBuilt() {
    assertThatThrownBy(() -> WebhookVerifier.builder(Schemes.named("plaid")).build())
        .hasMessageContaining("secrets is missing");
    assertThatThrownBy(
            () ->
                WebhookVerifier.builder(Schemes.named("netlify"))
                    .keySource(KeySource.fixed(List.of()))
                    .build())
        .hasMessageContaining("no public keys");
  }

  @Test
  void delivery_underATokenThatCoversTheBody_keepsItsIdentityWhenSignedAnew() {
    WebhookVerifier verifier = plaid(ecJwk(""));
    VerifiedWebhook first = verified(verifier, es256(HEADER, claims("")), BODY);
    VerifiedWebhook again =
        verified(
            verifier,
            es256(
                HEADER,
                claims("").replaceFirst("iat\":(\\d+)", "iat\":" + (NOW.getEpochSecond() + 30))),
            BODY);

    assertThat(first.isIntegrityProtected()).isTrue();
    assertThat(again.claimKey()).isEqualTo(first.claimKey());
    assertThat(again.fingerprint()).isEqualTo(first.fingerprint());
  }

  private static VerifiedWebhook verified(WebhookVerifier verifier, String token, String body) {
    return ((Verification.Verified)
            verifier.verify(WebhookRequest.post("", Headers.of("Plaid-Verification", token), body)))
        .webhook();
  }

  private static WebhookVerifier verifierOf(Scheme scheme, Scheme.Vector vector) {
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(scheme)
            .clock(InstantSource.fixed(Instant.ofEpochSecond(Long.parseLong(vector.now()))));
    vector.params().forEach(builder::param);
    return builder.build();
  }

  @Test
  void delivery_underATokenThatCoversNoBody_saysSo() {
    Scheme scheme = Schemes.named("google-pubsub");
    Scheme.Vector good = scheme.vectors().get(0);
    WebhookVerifier verifier = verifierOf(scheme, good);
    Headers headers = Headers.of("Authorization", good.headers().getOrDefault("Authorization", ""));
    String other = good.body().replace("b3du", "b3Ro");
    VerifiedWebhook first =
        accepted(verifier.verify(WebhookRequest.post("", headers, good.body())));
    VerifiedWebhook changed = accepted(verifier.verify(WebhookRequest.post("", headers, other)));

    assertThat(first.isIntegrityProtected()).isFalse();
    assertThat(first.deliveryId()).contains(new Attested("own-1", false));
    assertThat(first.eventType()).isEmpty();
    // The same message with other content is a conflict, and no second delivery.
    assertThat(changed.claimKey()).isEqualTo(first.claimKey());
    assertThat(changed.fingerprint()).isNotEqualTo(first.fingerprint());
  }

  @Test
  void delivery_ofPubSubThatCountsItsAttempts_isTheSameUnlessItsContentDiffers() {
    Scheme scheme = Schemes.named("google-pubsub");
    Scheme.Vector good = scheme.vectors().get(0);
    WebhookVerifier verifier = verifierOf(scheme, good);
    Headers headers = Headers.of("Authorization", good.headers().getOrDefault("Authorization", ""));
    List<VerifiedWebhook> attempts =
        Stream.of("{\"deliveryAttempt\":1,", "{\"deliveryAttempt\":12,")
            .map(begin -> begin + good.body().substring(1))
            .map(body -> accepted(verifier.verify(WebhookRequest.post("", headers, body))))
            .toList();
    String other = "{\"deliveryAttempt\":1," + good.body().substring(1).replace("b3du", "b3Ro");
    VerifiedWebhook changed = accepted(verifier.verify(WebhookRequest.post("", headers, other)));

    assertThat(attempts.get(1).claimKey()).isEqualTo(attempts.get(0).claimKey());
    assertThat(attempts.get(1).fingerprint()).isEqualTo(attempts.get(0).fingerprint());
    assertThat(changed.fingerprint()).isNotEqualTo(attempts.get(0).fingerprint());
  }

  @Test
  void token_sentAgainToAnotherSpellingOfItsUrl_isTheSameDelivery() {
    Map<String, String> base = Map.of("base_url", "https://a.example/app");
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
    List<WebhookRequest.Header> headers =
        WebhookSigner.create(
                Schemes.named("atlassian-connect"), List.of(Secret.of("k", "own-secret")), base)
            .sign(
                new WebhookSigner.Outgoing(
                    "POST", "https://a.example/app/hook?b=2&a=1", Headers.of(), body, "id-1", NOW));
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("atlassian-connect"))
            .clock(InstantSource.fixed(NOW))
            .param("base_url", "https://a.example/app")
            .secrets(SecretSource.of(Secret.of("k", "own-secret")))
            .build();

    Set<ClaimKey> keys = new HashSet<>();
    for (String url :
        List.of(
            "https://a.example/app/hook?b=2&a=1",
            "https://b.example/app/hook?a=1&b=2",
            "https://a.example/app/hook/?b=2&a=1&jwt=x")) {
      Verification again =
          verifier.verify(WebhookRequest.of("POST", url, Headers.of(headers), body));
      keys.add(accepted(again).claimKey());
    }

    assertThat(keys).hasSize(1);
  }

  private static VerifiedWebhook accepted(Verification outcome) {
    return ((Verification.Verified) outcome).webhook();
  }

  static Stream<Arguments> signers() {
    String rsa = LocalAuthority.pem("PRIVATE KEY", RSA.getPrivate().getEncoded()).strip();
    String ec = LocalAuthority.pem("PRIVATE KEY", EC.getPrivate().getEncoded()).strip();
    Map<String, String> base = Map.of("base_url", "https://a.example");
    Map<String, String> google = Map.of("audience", "https://a.example/hook");
    Map<String, String> push =
        Map.of("audience", "https://a.example/hook", "service_account", "s@own.example");
    return Stream.of(
        Arguments.of("plaid", ec, Map.of()),
        Arguments.of("fireblocks", rsa, Map.of()),
        Arguments.of("google-chat", rsa, google),
        Arguments.of("google-pubsub", rsa, push),
        Arguments.of("messagebird", "own-secret", Map.of()),
        Arguments.of("netlify", "own-secret", Map.of()),
        Arguments.of("vonage", "own-secret", Map.of()),
        Arguments.of("atlassian-connect", "own-secret", base),
        Arguments.of("atlassian-connect", rsa, base));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("signers")
  void signer_ofATokenScheme_makesWhatItsVerifierAccepts(
      String name, String secret, Map<String, String> params) {
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
    String url = "https://a.example/hook?b=2&a=1";
    List<WebhookRequest.Header> headers =
        WebhookSigner.create(Schemes.named(name), List.of(Secret.of("k", secret)), params)
            .sign(new WebhookSigner.Outgoing("POST", url, Headers.of(), body, "id-1", NOW));
    WebhookVerifier.Builder verifier =
        WebhookVerifier.builder(Schemes.named(name)).clock(InstantSource.fixed(NOW));
    params.forEach(verifier::param);
    if (secret.startsWith("own")) {
      verifier.secrets(SecretSource.of(Secret.of("k", secret)));
    } else {
      verifier.param("jwks", "{\"keys\":[" + (name.equals("plaid") ? ecJwk("") : rsaJwk()) + "]}");
    }

    assertThat(
            verdict(
                verifier.build().verify(WebhookRequest.of("POST", url, Headers.of(headers), body))))
        .isEqualTo("verified");
  }
}
