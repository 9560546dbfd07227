package dev.gatehouse.benchmarks;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.SseHandler;
import dev.gatehouse.events.TopicCatalogue;
import dev.gatehouse.events.TopicDeclaration;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The servers of {@code fanout} and {@code sockets}: the hub behind its event stream and behind
 * GraphQL subscriptions, beside those that write the same frames without it. Told by commands how
 * many events to publish.
 */
interface FanoutServer {
  /** What a subscriber is told of one event, as long as a bare frame of the same event. */
  String TOPIC = "orders.paid";

  /** Opens so many places in the limits, and more. */
  int MANY = 50_000;

  /** Sends so many events of so many bytes of data to all that are connected. */
  void publish(int count, int bytes);

  /** Ends everything that is open. */
  void revoke();

  /** Starts the one of that name; says where it listens. */
  static FanoutServer start(String name) {
    Vertx vertx = Vertx.vertx();
    return switch (name) {
      case "events" -> new Guarded(vertx);
      case "events-bare" -> new Bare(vertx);
      case "events-websocket" -> new Sockets(vertx);
      case "events-graphql", "events-graphql-silent" ->
          new GuardedSubscriptions(vertx, EventHub.builder(vertx), false);
      case "events-graphql-shared" ->
          new GuardedSubscriptions(vertx, EventHub.builder(vertx), true);
      case "events-graphql-dropping" ->
          new GuardedSubscriptions(vertx, EventHub.builder(vertx).topics(dropping()), true);
      case "events-graphql-java" -> new GraphqlJavaSubscriptions(vertx);
      case "events-graphql-bare" -> new UnguardedSockets.Loop(vertx);
      default -> throw new IllegalArgumentException("no such server: " + name);
    };
  }

  private static TopicCatalogue dropping() {
    return TopicCatalogue.of(TopicDeclaration.of(TOPIC).dropOldest().build());
  }

  /** Listens on a free port, and says on which. */
  static void listen(HttpServer server) {
    server
        .listen(0, "127.0.0.1")
        .onSuccess(ready -> System.out.println("listening " + ready.actualPort()));
  }

  private static HttpServer server(Vertx vertx, Handler<HttpServerRequest> handler) {
    return vertx
        .createHttpServer(new HttpServerOptions().setAcceptBacklog(10_000))
        .requestHandler(handler);
  }

  /** What an event carries. */
  static JsonObject data(int n, int bytes) {
    return new JsonObject().put("n", 1_000_000 + n).put("text", "x".repeat(bytes));
  }

  /** The hub and its door. */
  final class Guarded extends HubServer {
    Guarded(Vertx vertx) {
      super(EventHub.builder(vertx));
      Router router = Router.router(vertx);
      router
          .get("/events")
          .handler(
              SseHandler.builder(hub)
                  .maxOpening(MANY)
                  .heartbeat(Duration.ofMinutes(10))
                  .principals(ctx -> Future.succeededFuture(Authentication.proven(caller())))
                  .build());
      listen(server(vertx, router));
    }
  }

  /** Writes the same bytes, and does nothing else. */
  final class Bare implements FanoutServer {
    private final List<HttpServerResponse> open = new CopyOnWriteArrayList<>();
    private volatile Context loop;
    private int next;

    Bare(Vertx vertx) {
      loop = vertx.getOrCreateContext();
      Router router = Router.router(vertx);
      router.get("/events").handler(ctx -> opened(ctx.response()));
      listen(server(vertx, router));
    }

    private void opened(HttpServerResponse response) {
      loop = Objects.requireNonNull(Vertx.currentContext());
      response.setChunked(true).putHeader("Content-Type", "text/event-stream");
      response.write("retry: 2000\nid: " + "c".repeat(44) + "\n\n");
      open.add(response);
    }

    @Override
    public void publish(int count, int bytes) {
      for (int i = 0; i < count; i++) {
        int n = next++;
        loop.runOnContext(here -> write(frame(n, bytes)));
      }
    }

    private void write(Buffer frame) {
      for (HttpServerResponse response : open) {
        if (!response.writeQueueFull()) {
          response.write(frame);
        }
      }
    }

    private static Buffer frame(int n, int bytes) {
      JsonObject event =
          new JsonObject()
              .put("specversion", "1.0")
              .put("id", "00000000-0000-0000-0000-000000000000")
              .put("source", "/")
              .put("type", TOPIC)
              .put("topic", TOPIC)
              .put("time", "2026-01-01T00:00:00.123456789Z")
              .put("datacontenttype", "application/json")
              .put("data", data(n, bytes));
      return Buffer.buffer("id: " + "c".repeat(44) + "\ndata: " + event.encode() + "\n\n");
    }

    @Override
    public void revoke() {
      open.forEach(HttpServerResponse::end);
    }
  }

  /** Sockets that are open, for their memory. */
  final class Sockets implements FanoutServer {
    private final OpenSockets open = new OpenSockets();

    Sockets(Vertx vertx) {
      HttpServer server = vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(10_000));
      listen(
          server.webSocketHandler(
              socket -> {
                socket.handler(frame -> {});
                open.add(socket);
              }));
    }

    @Override
    public void publish(int count, int bytes) {
      open.write("x".repeat(bytes));
    }

    @Override
    public void revoke() {
      open.close();
    }
  }
}
