package dev.gatehouse.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.RejectReason;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Algorithm;
import dev.gatehouse.webhook.scheme.Reading;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scheme of the catalogue is signed for a test, and no scheme is left out. */
class SignedCatalogueTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String URL = "https://hooks.example.com/in?shop=1";
  private static final String ID = "0b5f2a7c-signed-by-the-test";

  /**
   * Schemes that no test can sign, each with the reason. None: keys are made where none is held.
   */
  private static final Map<String, String> UNSIGNABLE = Map.of();

  static List<String> schemes() {
    return Schemes.names().stream().filter(name -> !UNSIGNABLE.containsKey(name)).toList();
  }

  @Test
  void list_ofWhatCannotBeSigned_namesSchemesOfTheCatalogue() {
    assertThat(UNSIGNABLE.keySet()).isSubsetOf(Schemes.names());
    assertThat(schemes()).hasSizeGreaterThan(100);
  }

  @ParameterizedTest
  @MethodSource("schemes")
  void genuine_ofEveryScheme_isVerifiedAndOneByteMakesItRefused(String name) {
    Scheme scheme = Schemes.named(name);
    TestKeys keys = TestKeys.of(scheme);
    Map<String, String> params = params(scheme);
    SignedRequests requests =
        SignedRequests.of(scheme, keys.signing()).id(ID).clock(InstantSource.fixed(NOW));
    WebhookVerifier.Builder builder =
        WebhookVerifier.builder(scheme)
            .secrets(SecretSource.of(Secret.of("testkit", keys.verifying())))
            .clock(InstantSource.fixed(NOW));
    for (Map.Entry<String, String> param : params.entrySet()) {
      requests = requests.param(param.getKey(), param.getValue());
      builder.param(param.getKey(), param.getValue());
    }
    WebhookVerifier verifier = builder.build();
    SignedRequest genuine = requests.genuine(URL);
    assertThat(verifier.verify(genuine.toWebhookRequest()))
        .isInstanceOf(Verification.Verified.class);
    SignedRequest forged = oneByteChanged(scheme, genuine, keys.signing());
    assertThat(verifier.verify(forged.toWebhookRequest()))
        .isEqualTo(Verification.rejected(RejectReason.SIGNATURE_MISMATCH));
  }

  private static Map<String, String> params(Scheme scheme) {
    Map<String, String> params =
        scheme.vectors().stream()
            .filter(vector -> vector.outcome().equals("verified"))
            .findFirst()
            .map(vector -> new TreeMap<>(vector.params()))
            .orElseGet(TreeMap::new);
    params.keySet().removeAll(List.of("jwks", "certificate"));
    if (params.containsKey("base_url")) {
      params.put("base_url", "https://hooks.example.com");
    }
    return params;
  }

  // What is signed differs: the body or the fields of it that hold the id, else a header that does;
  // a token covers only itself.
  private static SignedRequest oneByteChanged(Scheme scheme, SignedRequest genuine, String secret) {
    if (scheme.isToken()) {
      return tokenChanged(scheme, genuine, secret);
    }
    boolean open =
        scheme.jwt() != null
            ? !scheme.protectsIntegrity()
            : scheme.reading().covers() == Reading.Covers.NOTHING;
    boolean idSignedInBody = scheme.variants().get(0).ids().stream().anyMatch(s -> s.isInBody());
    if (open && scheme.jwt() != null) {
      return jwtChanged(scheme, genuine);
    }
    if (open && !idSignedInBody) {
      return headerChanged(genuine);
    }
    return bodyChanged(genuine, ID);
  }

  private static SignedRequest bodyChanged(SignedRequest genuine, String text) {
    byte[] body = genuine.body().clone();
    int at = new String(body, ISO_8859_1).lastIndexOf(text);
    assertThat(at).as("the body holds what is signed").isNotNegative();
    // In an id a digit stays one, and JSON stays JSON.
    body[at + 3] = (byte) (body[at + 3] == 'f' ? 'e' : 'f');
    return genuine.withBody(body);
  }

  private static SignedRequest headerChanged(SignedRequest genuine) {
    Header holder =
        genuine.headers().stream().filter(h -> h.value().contains(ID)).findFirst().orElseThrow();
    return genuine.withHeader(holder.name(), holder.value().replace(ID, ID.replace("5", "6")));
  }

  // The time, a second later: the token stays one that can be read.
  private static SignedRequest jwtChanged(Scheme scheme, SignedRequest genuine) {
    Scheme.Variant variant = scheme.variants().get(0);
    String header = variant.places().get(0).header();
    String claim = "\"" + requireNonNull(variant.time()).in().name() + "\":";
    String[] parts = genuine.header(header).split("\\.", -1);
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    String later = claims.replace(claim + NOW.getEpochSecond(), claim + (NOW.getEpochSecond() + 1));
    assertThat(later).isNotEqualTo(claims);
    String payload =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(later.getBytes(StandardCharsets.UTF_8));
    return genuine.withHeader(header, parts[0] + "." + payload + "." + parts[2]);
  }

  private static SignedRequest tokenChanged(Scheme scheme, SignedRequest genuine, String secret) {
    String other = (secret.charAt(0) == 'x' ? "y" : "x") + secret.substring(1);
    boolean base64 = scheme.accepts().get(0).encoding().name().startsWith("BASE64");
    String sent = base64 ? base64(secret) : secret;
    String changed = base64 ? base64(other) : other;
    List<Header> headers = new ArrayList<>();
    genuine
        .headers()
        .forEach(h -> headers.add(new Header(h.name(), h.value().replace(sent, changed))));
    String body = new String(genuine.body(), StandardCharsets.UTF_8).replace(sent, changed);
    String url = genuine.url().replace(escaped(sent), escaped(changed));
    SignedRequest forged =
        new SignedRequest(genuine.method(), url, headers, body.getBytes(StandardCharsets.UTF_8));
    assertThat(forged).isNotEqualTo(genuine);
    return forged;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** A key pair of the scheme's kind, or the secret of its vectors twice. */
  private record TestKeys(String signing, String verifying) {
    static TestKeys of(Scheme scheme) {
      boolean shared =
          scheme.message() != null
              || scheme.accepts().stream().anyMatch(a -> !a.algorithm().isPublicKey());
      if (shared) {
        String secret =
            scheme.vectors().stream()
                .filter(v -> v.outcome().equals("verified") && !v.secrets().isEmpty())
                .map(v -> v.secrets().get(0))
                .filter(s -> !s.startsWith("-----BEGIN ") && !s.startsWith("{"))
                .findFirst()
                .orElseThrow();
        return new TestKeys(secret, secret);
      }
      return pair(scheme);
    }

    private static TestKeys pair(Scheme scheme) {
      var acceptance = scheme.accepts().get(scheme.accepts().size() - 1);
      Algorithm algorithm = acceptance.algorithm();
      KeyPairs.Texts pair =
          algorithm == Algorithm.ED25519
              ? KeyPairs.ed25519(acceptance.key())
              : algorithm.isRsa() ? KeyPairs.rsa() : KeyPairs.p256();
      return new TestKeys(pair.privateKey(), pair.publicKey());
    }
  }
}
