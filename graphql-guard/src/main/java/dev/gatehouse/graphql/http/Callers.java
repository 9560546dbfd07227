package dev.gatehouse.graphql.http;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Authenticator;
import dev.gatehouse.core.Decision;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.jwt.CertificatePrincipals;
import dev.gatehouse.core.jwt.UserPrincipals;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who sends a request. One credential decides: a bearer token if there is one, else the user that
 * an earlier handler verified, else the client certificate. One that proves nothing is refused, and
 * never counts as none.
 */
final class Callers {
  // RFC 6750 §2.1
  private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +([A-Za-z0-9._~+/-]+=*)");
  static final int UNAUTHORIZED = 401;
  static final int FORBIDDEN = 403;

  private final @Nullable Authenticator authenticator;
  private final @Nullable UserPrincipals users;
  private final @Nullable CertificatePrincipals certificates;
  private final @Nullable KillSwitch killSwitch;
  private final boolean requiresPrincipal;
  private final Duration timeout;
  private final InstantSource clock;

  Callers(
      @Nullable Authenticator authenticator,
      @Nullable UserPrincipals users,
      @Nullable CertificatePrincipals certificates,
      @Nullable KillSwitch killSwitch,
      boolean requiresPrincipal,
      Duration timeout,
      InstantSource clock) {
    this.authenticator = authenticator;
    this.users = users;
    this.certificates = certificates;
    this.killSwitch = killSwitch;
    this.requiresPrincipal = requiresPrincipal;
    this.timeout = timeout;
    this.clock = clock;
  }

  /** The answer to who calls. */
  sealed interface Caller {
    /** This one, or somebody unknown. */
    record Of(Optional<Principal> principal) implements Caller {}

    /** Somebody who is not let in. */
    record Refused(int status, Decision.Deny why) implements Caller {}
  }

  /** Whether tokens can be verified at all. */
  boolean knowsTokens() {
    return authenticator != null;
  }

  boolean requiresPrincipal() {
    return requiresPrincipal;
  }

  /** Whether the request could prove who sends it by a cookie that a browser adds by itself. */
  boolean mayBeByCookie(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    boolean byHeader =
        authenticator != null && request.headers().contains(HttpHeaders.AUTHORIZATION);
    return request.headers().contains(HttpHeaders.COOKIE) && ctx.user() != null && !byHeader;
  }

  /** Fails if nothing could be decided. */
  Future<Caller> of(RoutingContext ctx) {
    Optional<Future<Authentication>> shown = shown(ctx);
    return shown.isEmpty()
        ? Future.succeededFuture(new Caller.Of(Optional.empty()))
        : shown.get().map(this::judge);
  }

  /** The same for the text of an Authorization header that came otherwise. */
  Future<Caller> ofAuthorization(String text) {
    return bearer(List.of(text)).map(this::judge);
  }

  private Optional<Future<Authentication>> shown(RoutingContext ctx) {
    List<String> headers = ctx.request().headers().getAll(HttpHeaders.AUTHORIZATION);
    if (authenticator != null && !headers.isEmpty()) {
      return Optional.of(bearer(headers));
    }
    User user = ctx.user();
    if (user != null) {
      if (users == null) {
        throw new IllegalStateException(
            "a User was verified for this request, but nothing says how it becomes a principal:"
                + " give the service users(…)");
      }
      return Optional.of(Future.succeededFuture(users.authenticate(user)));
    }
    return certificates == null
        ? Optional.empty()
        : certificates.authenticate(ctx.request().sslSession()).map(Future::succeededFuture);
  }

  private Future<Authentication> bearer(List<String> headers) {
    Matcher token = BEARER.matcher(headers.get(0));
    if (headers.size() != 1 || authenticator == null || !token.matches()) {
      return Future.succeededFuture(
          Authentication.refused("malformed_authorization", "this is no bearer token"));
    }
    return authenticator
        .authenticate(token.group(1))
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Caller judge(Authentication authentication) {
    if (authentication instanceof Authentication.Refused refused) {
      return new Caller.Refused(UNAUTHORIZED, refused.reason());
    }
    Principal principal = ((Authentication.Proven) authentication).principal();
    if (principal.isExpired(clock)) {
      return new Caller.Refused(
          UNAUTHORIZED, new Decision.Deny("expired", "the credential has expired"));
    }
    return isStopped(principal)
        ? new Caller.Refused(FORBIDDEN, new Decision.Deny("stopped", "the caller is stopped"))
        : new Caller.Of(Optional.of(principal));
  }

  boolean isStopped(Principal principal) {
    return killSwitch != null
        && (killSwitch.stops(KillSwitch.Kind.PRINCIPAL, principal.id())
            || principal
                .tenant()
                .map(tenant -> killSwitch.stops(KillSwitch.Kind.TENANT, tenant.value()))
                .orElse(false));
  }
}
