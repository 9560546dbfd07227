package dev.gatehouse.webhook.keys;

import dev.gatehouse.webhook.scheme.KeyLocation;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Lets through only such certificate URLs as the sender itself would write: https, a host of the
 * rule to the letter, no port, no user, no query, no escapes, a path of the rule.
 *
 * <p>The URL comes from a request that nobody has verified. It is matched as text before anything
 * parses it, so that there is no second opinion of where its host ends.
 */
public final class CertificateUrl {
  private static final int MAX_LENGTH = 512;
  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  // No segment of dots only: it would be another path by the time it is asked for.
  private static final String SEGMENT = "(?!\\.+(?:/|$))[A-Za-z0-9._-]+";

  private final List<Pattern> urls;

  private CertificateUrl(List<Pattern> urls) {
    this.urls = urls;
  }

  /** The rule of a location. */
  public static CertificateUrl of(KeyLocation.Certificate location) {
    return new CertificateUrl(
        location.hosts().stream()
            .flatMap(host -> location.paths().stream().map(path -> url(host, path)))
            .toList());
  }

  private static Pattern url(String host, String path) {
    String tail = Pattern.quote(path).replace("*", "\\E" + SEGMENT + "\\Q");
    return Pattern.compile("https://" + host(host) + tail);
  }

  private static String host(String rule) {
    StringBuilder pattern = new StringBuilder();
    for (String label : rule.split("\\.", -1)) {
      pattern.append(pattern.isEmpty() ? "" : "\\.");
      pattern.append(label.equals("*") ? LABEL : Pattern.quote(label));
    }
    return pattern.toString();
  }

  /** The URL, if it fits. */
  public Optional<URI> accept(String url) {
    boolean fits =
        url.length() <= MAX_LENGTH && urls.stream().anyMatch(rule -> rule.matcher(url).matches());
    return fits ? Optional.of(URI.create(url)) : Optional.empty();
  }
}
