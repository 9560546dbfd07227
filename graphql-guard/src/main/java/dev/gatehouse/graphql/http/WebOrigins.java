package dev.gatehouse.graphql.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which pages may open a socket: those of this very origin, and those that are listed, compared
 * letter by letter. Browsers let any page open one, cookies included.
 */
final class WebOrigins {
  private final Set<String> allowed;

  WebOrigins(Set<String> allowed) {
    this.allowed = Set.copyOf(allowed);
  }

  /** Whether the request names no origin, as what is no browser does. */
  static boolean isAbsent(HttpServerRequest request) {
    return !request.headers().contains(HttpHeaders.ORIGIN);
  }

  /** Whether the request's one origin may open a socket. */
  boolean allows(HttpServerRequest request) {
    List<String> origins = request.headers().getAll(HttpHeaders.ORIGIN);
    if (origins.size() != 1) {
      return false;
    }
    String origin = origins.get(0);
    return allowed.contains(origin) || origin.equals(own(request));
  }

  private static String own(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    boolean tls = request.isSSL();
    if (authority == null || authority.host().isEmpty()) {
      return "";
    }
    String host = (tls ? "https://" : "http://") + authority.host().toLowerCase(Locale.ROOT);
    int port = authority.port();
    return port < 0 || port == (tls ? 443 : 80) ? host : host + ":" + port;
  }
}
