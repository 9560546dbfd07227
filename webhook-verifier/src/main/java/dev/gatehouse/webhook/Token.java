package dev.gatehouse.webhook;

import dev.gatehouse.webhook.keys.JsonText;
import dev.gatehouse.webhook.scheme.Acceptance;
import dev.gatehouse.webhook.scheme.Encoding;
import dev.gatehouse.webhook.scheme.JwtRule;
import dev.gatehouse.webhook.scheme.Scheme;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A compact JWS (RFC 7515) taken apart, of which nothing is believed yet.
 *
 * <p>It is read strictly: base64url without padding and without loose bits, header and claims one
 * JSON object each without doubled members, the algorithm one that the scheme accepts, nothing
 * critical that is not understood.
 */
final class Token {
  static final int MAX_LENGTH = 8 * 1024;
  private static final int MAX_KID = 256;

  private final int acceptance;
  private final @Nullable String kid;
  private final String header;
  private final @Nullable String payload;
  private final Map<?, ?> claims;
  private final byte[] signature;

  private Token(
      int acceptance,
      @Nullable String kid,
      String header,
      @Nullable String payload,
      Map<?, ?> claims,
      byte[] signature) {
    this.acceptance = acceptance;
    this.kid = kid;
    this.header = header;
    this.payload = payload;
    this.claims = claims;
    this.signature = signature;
  }

  /** A token, or why there is none. */
  record Read(@Nullable Token token, @Nullable RejectReason flaw) {
    static Read refused(RejectReason flaw) {
      return new Read(null, flaw);
    }
  }

  /** Takes the header's text apart. */
  static Read read(Scheme scheme, JwtRule rule, String text) {
    if (text.length() > MAX_LENGTH) {
      return Read.refused(RejectReason.MALFORMED_SIGNATURE);
    }
    String compact = withoutWord(rule.word(), text);
    if (compact == null) {
      return Read.refused(RejectReason.MALFORMED_SIGNATURE);
    }
    String[] parts = compact.split("\\.", -1);
    if (parts.length != 3 || parts[1].isEmpty() != rule.detached()) {
      return Read.refused(RejectReason.MALFORMED_SIGNATURE);
    }
    Optional<Map<?, ?>> header = object(parts[0]);
    if (header.isEmpty() || !isPlain(header.get())) {
      return Read.refused(RejectReason.MALFORMED_SIGNATURE);
    }
    int acceptance = acceptance(scheme, header.get().get("alg"));
    if (acceptance < 0) {
      return Read.refused(RejectReason.UNKNOWN_SIGNATURE_VERSION);
    }
    byte[] signature = Encoding.BASE64URL.decode(parts[2]);
    Optional<Map<?, ?>> claims = rule.detached() ? Optional.of(Map.of()) : object(parts[1]);
    Acceptance accepted = scheme.accepts().get(acceptance);
    if (signature == null || claims.isEmpty() || !accepted.algorithm().fits(signature.length)) {
      return Read.refused(RejectReason.MALFORMED_SIGNATURE);
    }
    String kid = (String) header.get().get("kid");
    String payload = rule.detached() ? null : parts[1];
    return new Read(new Token(acceptance, kid, parts[0], payload, claims.get(), signature), null);
  }

  // The word is written in any case (RFC 9110, section 11.1); one space, as everybody sends it.
  private static @Nullable String withoutWord(String word, String text) {
    if (word.isEmpty()) {
      return text;
    }
    int length = word.length();
    boolean there =
        text.regionMatches(true, 0, word, 0, length)
            && text.length() > length
            && text.charAt(length) == ' ';
    return there ? text.substring(length + 1) : null;
  }

  // RFC 7515, section 4.1.11: what is critical and not understood refuses the token. b64 (RFC 7797)
  // would change what is signed.
  private static boolean isPlain(Map<?, ?> header) {
    Object kid = header.get("kid");
    return !header.containsKey("crit")
        && !header.containsKey("b64")
        && (kid == null ? !header.containsKey("kid") : kid instanceof String id && isKid(id));
  }

  private static boolean isKid(String id) {
    return !id.isEmpty()
        && id.length() <= MAX_KID
        && id.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  private static int acceptance(Scheme scheme, @Nullable Object algorithm) {
    List<Acceptance> accepts = scheme.accepts();
    for (int i = 0; i < accepts.size(); i++) {
      if (accepts.get(i).label().equals(algorithm)) {
        return i;
      }
    }
    return -1;
  }

  private static Optional<Map<?, ?>> object(String segment) {
    byte[] json = Encoding.BASE64URL.decode(segment);
    return json == null ? Optional.empty() : JsonText.object(json);
  }

  /** The position of the acceptance whose algorithm it names. */
  int acceptance() {
    return acceptance;
  }

  /** The id of the key, as the token has it. */
  @Nullable String kid() {
    return kid;
  }

  byte[] signature() {
    return signature;
  }

  /**
   * What is signed: the header and the payload as they came, or the body in the payload's place.
   */
  byte[] signedContent(byte[] body) {
    String second =
        payload == null ? Base64.getUrlEncoder().withoutPadding().encodeToString(body) : payload;
    return (header + "." + second).getBytes(StandardCharsets.US_ASCII);
  }

  /** A claim's text; null if it is absent or neither text, number nor boolean. */
  @Nullable String text(String claim) {
    Object value = claims.get(claim);
    boolean scalar =
        value instanceof String
            || value instanceof Boolean
            || value instanceof Integer
            || value instanceof Long;
    return scalar ? String.valueOf(value) : null;
  }

  boolean has(String claim) {
    return claims.containsKey(claim);
  }

  /** Whether a claim is this text, or a list that has it among its members (as {@code aud} may). */
  boolean holds(String claim, String expected) {
    if (claims.get(claim) instanceof List<?> list) {
      return list.stream().anyMatch(each -> Objects.equals(each, expected));
    }
    return expected.equals(text(claim));
  }

  /** A NumericDate claim (RFC 7519) in whole seconds, as digits; empty if it is not one. */
  Optional<String> seconds(String claim) {
    Object value = claims.get(claim);
    boolean whole = value instanceof Integer || value instanceof Long;
    return whole ? Optional.of(String.valueOf(value)) : Optional.empty();
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Token[%d claims]", claims.size());
  }
}
