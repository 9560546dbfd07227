package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A client of a real socket that says whatever it is told to. */
final class SocketClient {
  // one that is collected closes its sockets
  private final WebSocketClient client;
  private final WebSocket socket;
  final BlockingQueue<JsonObject> received = new LinkedBlockingQueue<>();
  final AtomicInteger count = new AtomicInteger();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();

  private SocketClient(WebSocketClient client, WebSocket socket) {
    this.client = client;
    this.socket = socket;
    socket.textMessageHandler(
        text -> {
          count.incrementAndGet();
          received.add(new JsonObject(text));
        });
    socket.exceptionHandler(broken -> {});
    socket.closeHandler(gone -> closed.complete((int) socket.closeStatusCode()));
  }

  static WebSocketConnectOptions options(Door door) {
    return new WebSocketConnectOptions()
        .setHost("127.0.0.1")
        .setPort(door.port())
        .setURI("/graphql")
        .addSubProtocol(GraphQLSocketHandler.SUBPROTOCOL);
  }

  private static Future<SocketClient> begin(
      Door door, WebSocketConnectOptions options, boolean compresses) {
    WebSocketClient client =
        door.vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setMaxFrameSize(32 << 20)
                .setMaxMessageSize(64 << 20)
                .setTryUsePerMessageCompression(compresses));
    return client.connect(options).map(socket -> new SocketClient(client, socket));
  }

  static SocketClient connect(Door door, WebSocketConnectOptions options) {
    return Door.await(begin(door, options, false));
  }

  static SocketClient compressing(Door door, WebSocketConnectOptions options) {
    return Door.await(begin(door, options, true));
  }

  static SocketClient connect(Door door) {
    return connect(door, options(door));
  }

  /** A connection that is acknowledged. */
  static SocketClient ready(Door door) {
    return connect(door).initialise();
  }

  /** The status with which an upgrade is refused. */
  static int refusal(Door door, WebSocketConnectOptions options) {
    try {
      begin(door, options, false)
          .toCompletionStage()
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
      return 101;
    } catch (Exception e) {
      return e.getCause() instanceof UpgradeRejectedException refused ? refused.getStatus() : -1;
    }
  }

  SocketClient initialise() {
    send("{\"type\":\"connection_init\"}");
    return acknowledged();
  }

  SocketClient initialise(String token) {
    send(
        new JsonObject()
            .put("type", "connection_init")
            .put("payload", new JsonObject().put("Authorization", "Bearer " + token))
            .encode());
    return acknowledged();
  }

  private SocketClient acknowledged() {
    assertThat(next().getString("type")).isEqualTo("connection_ack");
    return this;
  }

  SocketClient send(String text) {
    socket.writeTextMessage(text);
    return this;
  }

  SocketClient frame(WebSocketFrame frame) {
    socket.writeFrame(frame);
    return this;
  }

  SocketClient binary(Buffer bytes) {
    socket.writeBinaryMessage(bytes);
    return this;
  }

  SocketClient subscribe(String id, String document) {
    return send(
        new JsonObject()
            .put("id", id)
            .put("type", "subscribe")
            .put("payload", new JsonObject().put("query", document))
            .encode());
  }

  SocketClient complete(String id) {
    return send(new JsonObject().put("id", id).put("type", "complete").encode());
  }

  JsonObject next() {
    try {
      JsonObject message = received.poll(20, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no message came; closed: " + closed.getNow(-1));
      }
      return message;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  JsonObject next(String type) {
    JsonObject message = next();
    assertThat(message.getString("type")).as(message.encode()).isEqualTo(type);
    return message;
  }

  /** The code with which the server closes. */
  int closed() {
    try {
      return closed.get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("the socket stays open", e);
    }
  }

  String closeReason() {
    closed();
    return socket.closeReason();
  }

  boolean isOpen() {
    return !closed.isDone();
  }

  void pause() {
    socket.pause();
  }

  void resume() {
    socket.resume();
  }

  void close() {
    client.close();
  }
}
