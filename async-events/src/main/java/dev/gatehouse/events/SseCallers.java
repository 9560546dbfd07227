package dev.gatehouse.events;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Authenticator;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who opens a stream. What proves nothing is refused; nobody comes in without a name. */
final class SseCallers {
  // RFC 6750 §2.1
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");
  private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +(" + TOKEN.pattern() + ")");
  private static final String QUERY_TOKEN = "access_token";

  private final Function<RoutingContext, Future<Authentication>> source;

  private SseCallers(Function<RoutingContext, Future<Authentication>> source) {
    this.source = source;
  }

  /** Those who send a bearer token in the header that it belongs into, or if need be elsewhere. */
  static SseCallers byToken(Authenticator authenticator, boolean queryAllowed) {
    return new SseCallers(ctx -> bearer(authenticator, ctx, queryAllowed));
  }

  /** Whoever the function says. */
  static SseCallers by(Function<RoutingContext, Future<Authentication>> source) {
    return new SseCallers(source);
  }

  /** Whether the request shows a token where proxies, histories and logs would keep it. */
  static boolean showsTokenInQuery(RoutingContext ctx) {
    return !ctx.queryParam(QUERY_TOKEN).isEmpty();
  }

  /** A failed future says that it could not be found out. */
  Future<Authentication> of(RoutingContext ctx) {
    try {
      return source.apply(ctx);
    } catch (RuntimeException | Error e) {
      return Future.failedFuture(e);
    }
  }

  private static Future<Authentication> bearer(
      Authenticator authenticator, RoutingContext ctx, boolean queryAllowed) {
    List<String> headers = ctx.request().headers().getAll(HttpHeaders.AUTHORIZATION);
    List<String> inQuery = queryAllowed ? ctx.queryParam(QUERY_TOKEN) : List.of();
    if (headers.size() + inQuery.size() > 1) {
      return refused("malformed_authorization", "there is more than one credential");
    }
    String token = headers.isEmpty() ? only(inQuery) : ofHeader(headers.get(0));
    if (token == null) {
      return headers.isEmpty() && inQuery.isEmpty()
          ? refused("unauthenticated", "a bearer token is needed")
          : refused("malformed_authorization", "this is no bearer token");
    }
    return authenticator.authenticate(token);
  }

  private static @Nullable String ofHeader(String header) {
    Matcher bearer = BEARER.matcher(header);
    return bearer.matches() ? bearer.group(1) : null;
  }

  private static @Nullable String only(List<String> tokens) {
    return tokens.size() == 1 && TOKEN.matcher(tokens.get(0)).matches() ? tokens.get(0) : null;
  }

  private static Future<Authentication> refused(String code, String message) {
    return Future.succeededFuture(Authentication.refused(code, message));
  }
}
