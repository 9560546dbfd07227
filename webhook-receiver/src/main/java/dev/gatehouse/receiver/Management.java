package dev.gatehouse.receiver;

import dev.gatehouse.core.Secret;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The management port: health, metrics, deliveries, sources, kill switches.
 *
 * <p>A configured token is asked for on every path but {@code /health/}, which tells nothing. On a
 * loopback address without a token, requests must name this machine as their host: a web page that
 * rebinds its own name to 127.0.0.1 does not. There is no CORS: no page may read an answer. Nor may
 * one of another origin ask for a replay without reading the answer: browsers name its origin.
 */
final class Management {
  private static final int MAX_HEADERS = 16 * 1024;
  private static final int IDLE_SECONDS = 30;
  private static final String BEARER = "Bearer ";

  private final ReceiverConfig.Management config;
  private final HttpServer server;
  private final ManagementApi api;

  Management(Vertx vertx, ReceiverConfig.Management config, ManagementApi api) {
    this.config = config;
    this.api = api;
    this.server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(config.host())
                    .setPort(config.port())
                    .setMaxHeaderSize(MAX_HEADERS)
                    .setIdleTimeout(IDLE_SECONDS))
            .requestHandler(guarded(router(vertx)));
  }

  private static Handler<HttpServerRequest> guarded(Router router) {
    return request -> {
      if (UnknownSource.namesNoHost(request)) {
        request.response().setStatusCode(400).putHeader("Connection", "close").end();
      } else {
        router.handle(request);
      }
    };
  }

  private Router router(Vertx vertx) {
    Router router = Router.router(vertx);
    router.route().handler(Management::secure).handler(this::checkHost);
    api.mountHealth(router);
    router.route().handler(this::checkToken);
    api.mount(router);
    router.errorHandler(404, ctx -> unserved(ctx, router));
    router.errorHandler(405, ctx -> unserved(ctx, router));
    router.errorHandler(400, ctx -> ManagementApi.refuse(ctx, 400, "not a readable request"));
    router.errorHandler(413, ctx -> ManagementApi.refuse(ctx, 413, "the body is too large"));
    router.errorHandler(500, ManagementApi::broken);
    return router;
  }

  // Vert.x names no methods, and takes a wrong one for a wrong path where a later route fits all.
  private static void unserved(RoutingContext ctx, Router router) {
    String allowed =
        router.getRoutes().stream()
            .filter(route -> isAt(route.getPath(), ctx.normalizedPath()))
            .flatMap(route -> route.methods() == null ? Stream.empty() : route.methods().stream())
            .map(HttpMethod::name)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    if (allowed.isEmpty()) {
      ManagementApi.refuse(ctx, 404, "there is nothing here");
      return;
    }
    ctx.response().putHeader("Allow", allowed);
    ManagementApi.refuse(ctx, 405, "wrong method");
  }

  private static boolean isAt(@Nullable String template, String path) {
    return template != null && path.matches(template.replaceAll(":[a-z]+", "[^/]+") + "/?");
  }

  private static void secure(RoutingContext ctx) {
    ctx.response()
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Cache-Control", "no-store")
        .putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        .putHeader("Referrer-Policy", "no-referrer");
    ctx.next();
  }

  private void checkHost(RoutingContext ctx) {
    HostAndPort authority = ctx.request().authority();
    if (config.token().isPresent()) {
      ctx.next();
    } else if (authority == null || !Loopback.isLoopback(authority.host())) {
      ManagementApi.refuse(ctx, 403, "the Host header must name localhost, 127.0.0.1 or [::1]");
    } else if (isForeign(ctx.request().getHeader("Origin"), authority)) {
      ManagementApi.refuse(ctx, 403, "pages of other origins may ask for nothing here");
    } else {
      ctx.next();
    }
  }

  private static boolean isForeign(@Nullable String origin, HostAndPort authority) {
    return origin != null && !origin.equalsIgnoreCase("http://" + authority);
  }

  private void checkToken(RoutingContext ctx) {
    Optional<Secret> token = config.token();
    if (token.isEmpty() || shows(ctx.request().getHeader("Authorization"), token.get())) {
      ctx.next();
      return;
    }
    ctx.response().putHeader("WWW-Authenticate", "Bearer");
    ManagementApi.refuse(ctx, 401, "show the token: Authorization: Bearer …");
  }

  private static boolean shows(@Nullable String authorization, Secret token) {
    return authorization != null
        && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
        && token.matches(
            authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8));
  }

  Future<Integer> listen() {
    return server
        .listen()
        .map(HttpServer::actualPort)
        .recover(
            failure ->
                Future.failedFuture(
                    new ListenException(
                        "server.management.port", config.host(), config.port(), failure)));
  }

  /** From now on the receiver is not ready. */
  void stopping() {
    api.stopping();
  }

  Future<Void> close() {
    return server.shutdown(1, TimeUnit.SECONDS);
  }
}
