package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.StrictJson;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the {@code keys} part of a scheme. */
final class KeyLocationReader {
  private static final String HOST = "(\\*|[a-z0-9]([a-z0-9-]*[a-z0-9])?)(\\.(\\*|[a-z0-9-]+))+";

  private KeyLocationReader() {}

  static @Nullable KeyLocation read(StrictJson in) {
    KeyLocation location = location(in);
    if (location == null) {
      in.problem("", "must have one of jwks, pem and certificate");
    }
    in.close();
    return location;
  }

  private static @Nullable KeyLocation location(StrictJson in) {
    if (in.has("jwks")) {
      return new KeyLocation.KeySet(https(in, "jwks"));
    }
    if (in.has("pem")) {
      String url = https(in, "pem");
      if (!url.matches("https://[^/]+/.*\\{kid\\}.*")) {
        in.problem("pem", "must hold {kid} in its path");
      }
      return new KeyLocation.PemByKid(url);
    }
    return in.has("certificate") ? certificate(in) : null;
  }

  private static String https(StrictJson in, String key) {
    String url = in.requiredString(key);
    if (!url.startsWith("https://")) {
      in.problem(key, "must be an https URL: whoever could change it on the way would own the key");
    }
    return url;
  }

  private static @Nullable KeyLocation certificate(StrictJson in) {
    Optional<ValueSource> source = ValueSource.parse(in.requiredString("certificate"));
    boolean known =
        source.isPresent()
            && (source.get().kind() == ValueSource.Kind.HEADER
                || source.get().kind() == ValueSource.Kind.JSON);
    if (!known) {
      in.problem("certificate", "must be header:NAME or json:/POINTER: where the URL stands");
    }
    List<String> hosts = in.strings("hosts");
    if (hosts.isEmpty()) {
      in.problem("hosts", "is missing: a request must not choose who vouches for it");
    }
    for (String host : hosts) {
      if (!host.matches(HOST) || host.matches(".*\\*(\\.[^.]+)?")) {
        in.problem(
            "hosts", "must be lower-case names; * for one whole label, not among the last 2");
      }
    }
    List<String> paths = in.strings("paths");
    if (paths.isEmpty() || paths.stream().anyMatch(path -> !path.startsWith("/"))) {
      in.problem("paths", "must be a list of paths that begin with /; * for part of a segment");
    }
    List<String> subjects = in.strings("subject");
    if (subjects.isEmpty()) {
      in.problem("subject", "is missing: say whose certificate it must be");
    }
    boolean loneLeaf = in.bool("loneLeaf", false);
    return source.isEmpty()
        ? null
        : new KeyLocation.Certificate(source.get(), hosts, paths, subjects, loneLeaf);
  }
}
