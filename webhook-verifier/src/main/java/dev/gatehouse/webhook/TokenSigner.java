package dev.gatehouse.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Encoding;
import dev.gatehouse.webhook.scheme.JwtRule;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.SchemeKey;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.ValueSource;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes the token that a scheme's sender would send. */
final class TokenSigner {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration LIFE = Duration.ofMinutes(1);

  private final Scheme scheme;
  private final JwtRule rule;
  private final Map<String, String> params;

  TokenSigner(Scheme scheme, JwtRule rule, Map<String, String> params) {
    this.scheme = scheme;
    this.rule = rule;
    this.params = params;
  }

  /**
   * The header's value.
   *
   * @param id the key's id: the {@code kid} of a public key, or what the secret's claim names
   */
  String sign(String id, Acceptance acceptance, SchemeKey key, Outgoing request) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("alg", acceptance.label());
    header.put("typ", "JWT");
    if (acceptance.algorithm().isPublicKey()) {
      header.put("kid", id);
    }
    byte[] payload =
        rule.detached() ? request.body() : json(claims(id, acceptance.label(), request));
    String content =
        Encoding.BASE64URL.encode(json(header)) + "." + Encoding.BASE64URL.encode(payload);
    String signature = Encoding.BASE64URL.encode(signature(acceptance, key, content));
    String sent = rule.detached() ? content.substring(0, content.indexOf('.') + 1) : content;
    return (rule.word().isEmpty() ? "" : rule.word() + " ") + sent + "." + signature;
  }

  private Map<String, Object> claims(String id, String label, Outgoing request) {
    Map<String, Object> claims = new LinkedHashMap<>();
    if (!rule.secretClaim().isEmpty()) {
      claims.put(rule.secretClaim(), id);
    }
    for (JwtRule.ClaimRule claim : rule.claims()) {
      if (claim.holdsFor(label)) {
        String value = claim.values(params).get(0);
        claims.put(claim.name(), value.equals("true") ? true : value);
      }
    }
    Scheme.Variant variant = scheme.variants().get(0);
    TimeRule time = variant.time();
    if (time != null) {
      claims.put(time.in().name(), request.time().getEpochSecond());
    }
    if (rule.requireExpiry()) {
      claims.put("exp", request.time().plus(LIFE).getEpochSecond());
    }
    for (ValueSource source : variant.ids()) {
      if (source.kind() == ValueSource.Kind.CLAIM) {
        claims.put(source.name(), request.id());
      }
    }
    hashes(claims, request);
    return claims;
  }

  private void hashes(Map<String, Object> claims, Outgoing request) {
    JwtRule.BodyHash body = rule.bodyHash();
    if (body != null && !(body.onlyWithBody() && request.body().length == 0)) {
      claims.put(body.claim(), sha256(request.body()));
    }
    JwtRule.UrlHash url = rule.urlHash();
    if (url == null) {
      return;
    }
    String hashed = request.url();
    if (url.form() == JwtRule.UrlHashForm.CANONICAL_REQUEST) {
      String base = params.getOrDefault(url.base(), "");
      hashed =
          CanonicalRequest.of(request.method(), request.url(), base)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "url: must lie under params." + url.base() + ": its path is signed"));
    }
    claims.put(url.claim(), sha256(hashed.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] signature(Acceptance acceptance, SchemeKey key, String content) {
    String jcaName = acceptance.algorithm().jcaName();
    byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
    try {
      if (key instanceof SchemeKey.Private privateKey) {
        Signature signature = Signature.getInstance(jcaName);
        signature.initSign(privateKey.reveal());
        signature.update(bytes);
        return signature.sign();
      }
      Mac mac = Mac.getInstance(jcaName);
      mac.init(new SecretKeySpec(((SchemeKey.Shared) key).revealBytes(), jcaName));
      return mac.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot sign with " + jcaName, e);
    }
  }

  private static String sha256(byte[] content) {
    return HexFormat.of().formatHex(Fingerprint.sha256(content));
  }

  private static byte[] json(Map<String, Object> members) {
    try {
      return JSON.writeValueAsBytes(members);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts, numbers and booleans are JSON", e);
    }
  }

  /** The acceptance of a token scheme for which a secret is a key to sign with. */
  static Acceptance acceptanceFor(Scheme scheme, String secret) {
    boolean pem = secret.startsWith("-----BEGIN ");
    List<Acceptance> accepts = scheme.accepts();
    return accepts.stream()
        .filter(a -> a.algorithm().isPublicKey() == pem)
        .findFirst()
        .orElse(accepts.get(0));
  }
}
