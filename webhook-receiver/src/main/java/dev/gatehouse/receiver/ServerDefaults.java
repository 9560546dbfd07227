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
 */
record ServerDefaults(long maxBodyBytes, Duration bodyTimeout, Optional<String> publicUrl) {
  private static final long LARGEST_BODY = 256L << 20;
  private static final Duration LONGEST_BODY = Duration.ofMinutes(10);

  static ServerDefaults read(StrictJson in) {
    ServerDefaults builtIn = new ServerDefaults(1 << 20, Duration.ofSeconds(10), Optional.empty());
    return builtIn.overriddenBy(in);
  }

  /** These, unless the object says otherwise. */
  ServerDefaults overriddenBy(StrictJson in) {
    Optional<String> url = in.string("publicUrl");
    if (url.isPresent() && !url.get().matches("https?://[^\\s?#]+")) {
      in.problem("publicUrl", "must be a URL such as https://hooks.example.com");
    }
    return new ServerDefaults(
        in.size("maxBodyBytes", maxBodyBytes, 1, LARGEST_BODY),
        in.duration("bodyTimeout", bodyTimeout, Duration.ofMillis(100), LONGEST_BODY),
        url.or(() -> publicUrl));
  }
}
