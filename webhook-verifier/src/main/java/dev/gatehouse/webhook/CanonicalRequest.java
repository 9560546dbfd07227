package dev.gatehouse.webhook;

import dev.gatehouse.webhook.scheme.Pair;
import dev.gatehouse.webhook.scheme.UrlParts;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The canonical form of a request's method, path and query whose hash Atlassian puts into {@code
 * qsh}: {@code POST&/path&a=1&b=2,3}.
 *
 * <p>The path is relative to the app's base URL, without a slash at its end and with {@code &}
 * escaped; names and values are escaped as RFC 3986 has it, names sorted, the values of one name
 * sorted and joined by commas, and the parameter {@code jwt} left out.
 */
final class CanonicalRequest {
  private CanonicalRequest() {}

  /**
   * The canonical form; empty if the URL cannot be read, or does not lie under the base.
   *
   * @param base the app's base URL; only its path counts, since a proxy may change the rest
   */
  static Optional<String> of(String method, String url, String base) {
    Optional<FormPairs> query = FormPairs.ofQuery(url);
    Optional<String> path = pathOf(url).flatMap(p -> relative(p, base));
    if (query.isEmpty() || path.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(method + "&" + path.get() + "&" + canonical(query.get()));
  }

  private static Optional<String> pathOf(String url) {
    try {
      String path = URI.create(url).getRawPath();
      return Optional.of(path == null || path.isEmpty() ? "/" : path);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> relative(String path, String base) {
    String prefix = pathOf(base).orElse("/");
    prefix = prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    boolean under = path.equals(prefix) || path.startsWith(prefix + "/");
    if (!under) {
      return Optional.empty();
    }
    int end = path.length();
    while (end > prefix.length() + 1 && path.charAt(end - 1) == '/') {
      end--;
    }
    String rest = path.substring(prefix.length(), end);
    return Optional.of(rest.isEmpty() ? "/" : rest.replace("&", "%26"));
  }

  private static String canonical(FormPairs query) {
    Map<String, List<String>> sorted = new TreeMap<>();
    for (Pair pair : query.all()) {
      if (!pair.name().equals("jwt")) {
        sorted
            .computeIfAbsent(escape(pair.name()), name -> new ArrayList<>())
            .add(escape(pair.value()));
      }
    }
    List<String> pairs = new ArrayList<>();
    sorted.forEach(
        (name, values) ->
            pairs.add(name + "=" + String.join(",", values.stream().sorted().toList())));
    return String.join("&", pairs);
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean unreserved =
          (b >= 'a' && b <= 'z')
              || (b >= 'A' && b <= 'Z')
              || (b >= '0' && b <= '9')
              || "-._~".indexOf(b) >= 0;
      escaped.append(unreserved ? String.valueOf((char) b) : UrlParts.percent(b));
    }
    return escaped.toString();
  }
}
