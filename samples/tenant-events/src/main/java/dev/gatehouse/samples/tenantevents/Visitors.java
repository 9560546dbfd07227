package dev.gatehouse.samples.tenantevents;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.RoutingContext;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who visits the page: whoever picks a name, for this is a sample. What comes after that is what a
 * service of yours would do: a session whose id is a secret, in a cookie that no script can read
 * and no other site can send, and whose tenant is the visitor's own. Only that the cookie is not
 * {@code Secure}: the sample has no TLS, and is reached from its own machine alone.
 */
final class Visitors {
  private static final String COOKIE = "session";
  private static final Duration SESSION = Duration.ofMinutes(10);
  private static final int MOST = 1_000;
  private static final Map<String, TenantId> TENANTS =
      Map.of("ann", TenantId.of("acme"), "gus", TenantId.of("globex"));

  private final SecureRandom random = new SecureRandom();
  private final InstantSource clock;
  private final Map<String, Principal> sessions =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Principal> eldest) {
          return size() > MOST;
        }
      };

  Visitors(InstantSource clock) {
    this.clock = clock;
  }

  /** Begins a session; false if there is nobody of that name. */
  synchronized boolean signIn(RoutingContext ctx, String name) {
    TenantId tenant = TENANTS.get(name);
    if (tenant == null) {
      return false;
    }
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    sessions.put(
        id,
        Principal.vouchedBy("sample", Principal.Kind.USER, name)
            .tenant(tenant)
            .expiry(clock.instant().plus(SESSION))
            .build());
    ctx.response()
        .addCookie(
            Cookie.cookie(COOKIE, id)
                .setHttpOnly(true)
                .setSameSite(CookieSameSite.STRICT)
                .setPath("/"));
    return true;
  }

  /** Whose session the request's cookie names. */
  synchronized Future<Authentication> of(RoutingContext ctx) {
    Cookie cookie = ctx.request().getCookie(COOKIE);
    Principal principal = cookie == null ? null : sessions.get(cookie.getValue());
    return Future.succeededFuture(
        principal == null || principal.isExpired(clock)
            ? Authentication.refused("unauthenticated", "sign in first")
            : Authentication.proven(principal));
  }
}
