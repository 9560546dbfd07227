package dev.gatehouse.webhook.scheme;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a scheme demands of the token that it sends instead of a signature: a compact JWS (RFC
 * 7515), mostly with claims (RFC 7519).
 *
 * <p>The algorithms are those of the scheme's acceptances, by their labels; the token's own say in
 * the matter is to name one of them. Where the key is to be found, the token may tell by its {@code
 * kid} only: {@code jwk}, {@code jku}, {@code x5u} and {@code x5c} are not looked at.
 *
 * @param word the authorization scheme's word before the token, such as {@code Bearer}; empty if
 *     the header holds the bare token
 * @param detached whether the payload is the request's body (RFC 7515, appendix F), and there are
 *     no claims
 * @param claims the claims that must have certain values
 * @param requireExpiry whether {@code exp} must be there; it is honoured wherever it stands
 * @param leeway how far {@code exp} and {@code nbf} are stretched for clocks that differ
 * @param bodyHash the claim that holds a hash of the body; null if there is none
 * @param urlHash the claim that holds a hash of the URL; null if there is none
 * @param secretClaim the claim whose value is the id of the secret to use, where several are
 *     configured; empty if any may match. What follows a {@code #} in an id is the operator's own,
 *     and an id that begins with it names nobody: such a secret is tried under any claim
 */
public record JwtRule(
    String word,
    boolean detached,
    List<ClaimRule> claims,
    boolean requireExpiry,
    Duration leeway,
    @Nullable BodyHash bodyHash,
    @Nullable UrlHash urlHash,
    String secretClaim) {

  /**
   * A claim with a fixed value.
   *
   * @param name the claim's name; one that holds a list must have the value among its members
   * @param values the values, one of which it must have; {@code {param.NAME}} in one stands for a
   *     configured constant
   * @param labels for which algorithms the rule holds; empty for all
   * @param issuer for which {@code iss} the rule holds; empty for all
   */
  public record ClaimRule(String name, List<String> values, Set<String> labels, String issuer) {
    private static final Pattern PARAM = Pattern.compile("\\{param\\.([^}]*)\\}");

    /** The values, the configured constants filled in. */
    public List<String> values(Map<String, String> params) {
      return values.stream().map(value -> fill(value, params)).toList();
    }

    private static String fill(String value, Map<String, String> params) {
      return PARAM
          .matcher(value)
          .replaceAll(m -> Matcher.quoteReplacement(params.getOrDefault(m.group(1), "")));
    }

    /** Whether the rule holds for tokens of that algorithm. */
    public boolean holdsFor(String label) {
      return labels.isEmpty() || labels.contains(label);
    }
  }

  /**
   * A hash of the body: SHA-256 in lower-case hex.
   *
   * @param claim the claim's name
   * @param onlyWithBody whether the claim is left out for an empty body, and only then
   */
  public record BodyHash(String claim, boolean onlyWithBody) {}

  /**
   * A hash of the URL: SHA-256 in lower-case hex.
   *
   * @param claim the claim's name
   * @param form what is hashed
   * @param base for {@link UrlHashForm#CANONICAL_REQUEST}, the parameter that holds the URL to
   *     which the path is relative
   */
  public record UrlHash(String claim, UrlHashForm form, String base) {}

  /** What a hash of the URL covers. */
  public enum UrlHashForm {
    /** The URL as it was called. */
    URL,
    /** Method, path and sorted query, as Atlassian joins them. */
    CANONICAL_REQUEST
  }

  /** Whether the token covers the body: without that, anybody who saw one can send another body. */
  public boolean coversBody() {
    return detached || bodyHash != null;
  }
}
