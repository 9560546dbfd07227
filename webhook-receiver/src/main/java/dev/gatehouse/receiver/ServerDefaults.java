package dev.gatehouse.receiver;

import dev.gatehouse.core.StrictJson;
import java.time.Duration;
import java.util.Optional;

/**
 * What the server says for all sources, and each source may say for itself.
 *
 * @param maxBodyBytes the largest body
 * @param bodyTimeout how long a body may take
 * @param publicUrl where senders reach the server; the request's path and query are appended
 * @param maxBodiesInFlight how much the bodies of all sources share, which none says for itself
 */
record ServerDefaults(
    long maxBodyBytes, Duration bodyTimeout, Optional<String> publicUrl, long maxBodiesInFlight) {
  private static final long LARGEST_BODY = 256L << 20;
  private static final Duration LONGEST_BODY = Duration.ofMinutes(10);

  static ServerDefaults read(StrictJson in) {
    ServerDefaults builtIn =
        new ServerDefaults(
            1 << 20,
            Duration.ofSeconds(10),
            Optional.empty(),
            in.size("maxBodiesInFlight", 64L << 20, 64L << 10, 16L << 30));
    if (!in.has("maxBodyBytes") && builtIn.maxBodyBytes > builtIn.maxBodiesInFlight) {
      in.problem(
          "maxBodiesInFlight",
          "is less than maxBodyBytes, 1MiB unless it is given: bodies of that size never get in;"
              + " raise it, or lower that");
    }
    return builtIn.overriddenBy(in);
  }

  /** These, unless the object says otherwise. */
  ServerDefaults overriddenBy(StrictJson in) {
    Optional<String> url = in.string("publicUrl");
    if (url.isPresent() && !url.get().matches("https?://[^\\s?#]+")) {
      in.problem("publicUrl", "must be a URL such as https://hooks.example.com");
    }
    long largest = in.size("maxBodyBytes", maxBodyBytes, 1, LARGEST_BODY);
    if (in.has("maxBodyBytes") && largest > maxBodiesInFlight) {
      in.problem(
          "maxBodyBytes",
          "is more than server.maxBodiesInFlight: bodies of that size never get in; lower it, or"
              + " raise that");
    }
    return new ServerDefaults(
        largest,
        in.duration("bodyTimeout", bodyTimeout, Duration.ofMillis(100), LONGEST_BODY),
        url.or(() -> publicUrl),
        maxBodiesInFlight);
  }
}
