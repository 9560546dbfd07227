package dev.gatehouse.benchmarks;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.util.Objects;

/**
 * As much of {@code graphql-transport-ws} as well-behaved clients need, by Vert.x alone. All
 * sockets are on one event loop.
 */
abstract class UnguardedSockets implements FanoutServer {
  private final Vertx vertx;
  private volatile Context loop;
  private int next;

  UnguardedSockets(Vertx vertx) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
  }

  /** To be called by the constructor that knows what to do with a socket. */
  final void listen() {
    FanoutServer.listen(
        vertx
            .createHttpServer(OrderSubscription.serverOptions())
            .webSocketHandler(
                socket -> {
                  loop = Objects.requireNonNull(Vertx.currentContext());
                  socket.textMessageHandler(text -> said(socket, new JsonObject(text)));
                }));
  }

  private void said(ServerWebSocket socket, JsonObject message) {
    String type = message.getString("type");
    if (type.equals("connection_init")) {
      socket.writeTextMessage(OrderSubscription.connectionAck());
      acknowledged(socket);
    } else if (type.equals("subscribe")) {
      subscribed(socket, message.getJsonObject("payload").getString("query"));
    }
  }

  @Override
  public final void publish(int count, int bytes) {
    for (int i = 0; i < count; i++) {
      JsonObject order = FanoutServer.data(next++, bytes);
      loop.runOnContext(here -> publish(order));
    }
  }

  /** A client has introduced itself; on the event loop, as all of these. */
  abstract void acknowledged(ServerWebSocket socket);

  /** A client wants the events. */
  abstract void subscribed(ServerWebSocket socket, String document);

  /** There is an event. */
  abstract void publish(JsonObject order);

  /** Writes the same bytes as a subscription, and does nothing else. */
  static final class Loop extends UnguardedSockets {
    private final OpenSockets open = new OpenSockets();

    Loop(Vertx vertx) {
      super(vertx);
      listen();
    }

    @Override
    void acknowledged(ServerWebSocket socket) {
      open.add(socket);
    }

    @Override
    void subscribed(ServerWebSocket socket, String document) {}

    @Override
    void publish(JsonObject order) {
      JsonObject result = new JsonObject().put("data", new JsonObject().put("order", order));
      open.write(OrderSubscription.next(result));
    }

    @Override
    public void revoke() {
      open.close();
    }
  }
}
