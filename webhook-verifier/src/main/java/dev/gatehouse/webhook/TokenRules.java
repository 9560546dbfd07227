package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.JwtRule;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.TimeRule;
import dev.gatehouse.webhook.scheme.UrlForm;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a scheme demands of a token's claims. They are looked at before the signature is, to refuse
 * early and to spare the look-up of a key; accepted they are only after it.
 */
final class TokenRules {
  private final Scheme scheme;
  private final JwtRule rule;

  TokenRules(Scheme scheme, JwtRule rule) {
    this.scheme = scheme;
    this.rule = rule;
  }

  /** Why the claims that need no body refuse the request, or null. */
  @Nullable RejectReason check(Token token, String method, String url, Map<String, String> params) {
    String label = scheme.accepts().get(token.acceptance()).label();
    for (JwtRule.ClaimRule claim : rule.claims()) {
      boolean holds =
          !claim.holdsFor(label)
              || !(claim.issuer().isEmpty() || token.holds("iss", claim.issuer()))
              || claim.values(params).stream().anyMatch(v -> token.holds(claim.name(), v));
      if (!holds) {
        return RejectReason.SIGNATURE_MISMATCH;
      }
    }
    return holdsUrl(token, method, url, params) ? null : RejectReason.SIGNATURE_MISMATCH;
  }

  private boolean holdsUrl(Token token, String method, String url, Map<String, String> params) {
    JwtRule.UrlHash hash = rule.urlHash();
    if (hash == null) {
      return true;
    }
    if (hash.form() == JwtRule.UrlHashForm.CANONICAL_REQUEST) {
      Optional<String> canonical = canonical(hash, method, url, params);
      return canonical.isPresent() && holdsHash(token, hash.claim(), utf8(canonical.get()));
    }
    for (UrlForm form : scheme.urlForms()) {
      if (holdsHash(token, hash.claim(), utf8(form.apply(url)))) {
        return true;
      }
    }
    return false;
  }

  private static Optional<String> canonical(
      JwtRule.UrlHash hash, String method, String url, Map<String, String> params) {
    return CanonicalRequest.of(method, url, params.getOrDefault(hash.base(), ""));
  }

  /**
   * What a token covers of a request that it is right for: however its URL is written where the
   * token does not tell, the text is the same.
   */
  static String covered(
      JwtRule.UrlHash hash, String method, String url, Map<String, String> params) {
    return hash.form() == JwtRule.UrlHashForm.CANONICAL_REQUEST
        ? canonical(hash, method, url, params).orElse(url)
        : url;
  }

  /** Whether the token covers this body as it must. */
  boolean holdsBody(Token token, byte[] body) {
    JwtRule.BodyHash hash = rule.bodyHash();
    if (hash == null) {
      return true;
    }
    if (hash.onlyWithBody() && body.length == 0) {
      return !token.has(hash.claim());
    }
    return holdsHash(token, hash.claim(), body);
  }

  private static boolean holdsHash(Token token, String claim, byte[] content) {
    String expected = HexFormat.of().formatHex(Fingerprint.sha256(content));
    String actual = token.text(claim);
    return actual != null && MessageDigest.isEqual(utf8(expected), utf8(actual));
  }

  /** Why {@code exp} or {@code nbf} refuse the token, or null; they bind wherever they stand. */
  @Nullable RejectReason checkLifetime(Token token, Instant now) {
    if (rule.requireExpiry() && !token.has("exp")) {
      return RejectReason.MISSING_TIMESTAMP;
    }
    for (String claim : new String[] {"exp", "nbf"}) {
      if (!token.has(claim)) {
        continue;
      }
      Optional<Instant> time = token.seconds(claim).flatMap(TimeRule.Unit.S::parse);
      if (time.isEmpty()) {
        return RejectReason.MALFORMED_TIMESTAMP;
      }
      RejectReason flaw = outside(claim, time.get(), now, rule.leeway());
      if (flaw != null) {
        return flaw;
      }
    }
    return null;
  }

  // RFC 7519, sections 4.1.4 and 4.1.5: exp itself is over, nbf itself has begun.
  private static @Nullable RejectReason outside(
      String claim, Instant time, Instant now, Duration leeway) {
    if (claim.equals("exp")) {
      return now.isBefore(time.plus(leeway)) ? null : RejectReason.TOO_OLD;
    }
    return now.isBefore(time.minus(leeway)) ? RejectReason.TOO_NEW : null;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
