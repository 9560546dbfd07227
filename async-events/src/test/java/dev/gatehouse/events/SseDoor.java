package dev.gatehouse.events;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Authenticator;
import dev.gatehouse.core.Principal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A server with an event stream on a free port. */
final class SseDoor implements AutoCloseable {
  private final Map<String, Principal> known;
  private final HttpServer server;

  private SseDoor(Vertx vertx, SseHandler.Builder handler, Map<String, Principal> known) {
    this.known = known;
    Router router = Router.router(vertx);
    router.route("/events").handler(handler.build());
    this.server =
        Await.get(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(2_000)))
                .requestHandler(router)
                .listen(0, "127.0.0.1"));
  }

  static SseDoor open(Vertx vertx, EventHub hub) {
    return open(vertx, SseHandler.builder(hub));
  }

  /** The handler gets an authenticator that knows what {@link #knows} says. */
  static SseDoor open(Vertx vertx, SseHandler.Builder handler) {
    Map<String, Principal> known = new ConcurrentHashMap<>();
    Authenticator authenticator =
        token -> {
          Principal principal = known.get(token);
          return Future.succeededFuture(
              principal == null
                  ? Authentication.refused("unknown_token", "the token is not known")
                  : Authentication.proven(principal));
        };
    return new SseDoor(vertx, handler.authenticator(authenticator), known);
  }

  /** The handler is as it is. */
  static SseDoor exactly(Vertx vertx, SseHandler.Builder handler) {
    return new SseDoor(vertx, handler, Map.of());
  }

  SseDoor knows(String token, Principal principal) {
    known.put(token, principal);
    return this;
  }

  int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    Await.get(server.close());
  }
}
