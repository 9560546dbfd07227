package dev.gatehouse.graphql.http;

import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.AllowedOperations;
import graphql.language.OperationDefinition.Operation;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.http.WebSocketFrameType;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.json.EncodeException;
import io.vertx.core.json.JsonObject;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One socket, from its upgrade to its end; everything happens on its context.
 *
 * <p>While its client does not read, nothing more is read from the client either, and no event is
 * asked for: what waits here is what was written, or asked for, before the queue was full.
 */
final class SocketSession implements LiveCallers.Ending {
  private static final Logger LOG = LoggerFactory.getLogger(GraphQLSocketHandler.class);
  private static final long CLOSING_MILLIS = 2_000;
  private static final String INFLATERS = "io.netty.handler.codec.http.websocketx.extensions";

  private enum State {
    OPENED,
    INITIALISING,
    READY,
    CLOSED
  }

  private final GraphQLSocketHandler door;
  private final Context context;
  private final HttpConnection connection;
  private final ServerWebSocket socket;
  private final OpenConnections.Place place;
  private final TokenBucket messages;
  private final Map<String, SocketOperation> operations = new LinkedHashMap<>();
  private GuardedService.Origin origin;
  private State state = State.OPENED;
  private LiveCallers.@Nullable Live live;
  private @Nullable Buffer fragments;
  private boolean paused;
  private boolean heard;
  private boolean gone;
  private long initTimer = -1;
  private long keepAliveTimer = -1;

  SocketSession(
      GraphQLSocketHandler door,
      Context context,
      HttpConnection connection,
      ServerWebSocket socket,
      GuardedService.Origin origin,
      OpenConnections.Place place) {
    this.door = door;
    this.context = context;
    this.connection = connection;
    this.socket = socket;
    this.origin = origin;
    this.place = place;
    this.messages = new TokenBucket(door.messagesPerSecond, door.messageBurst, door.service.clock);
  }

  void begin() {
    door.service.observer().ifPresent(o -> o.connections(Transport.WEBSOCKET, 1));
    try {
      listen();
    } catch (IllegalStateException closed) {
      // since it was accepted: Vert.x takes no handler of a closed socket, and calls none
      gone();
      return;
    }
    if (!GraphQLSocketHandler.SUBPROTOCOL.equals(socket.subProtocol())) {
      LOG.error("the server does not offer the subprotocol: make it with serverOptions(…)");
      close(SocketClose.NO_SUBPROTOCOL);
      return;
    }
    // the upgrade's answer is on its way, and what inflates is added once it is written
    context.runOnContext(here -> refuseInflating());
    initTimer =
        context
            .owner()
            .setTimer(
                door.initTimeout.toMillis(),
                late -> {
                  initTimer = -1;
                  close(SocketClose.INIT_TIMEOUT);
                });
    keepAliveTimer = context.owner().setPeriodic(door.keepAlive.toMillis(), tick -> keepAlive());
    watch();
  }

  private void listen() {
    socket.closeHandler(closed -> gone());
    socket.exceptionHandler(this::broken);
    socket.drainHandler(drained -> drained());
    socket.frameHandler(this::frame);
  }

  private void refuseInflating() {
    if (state != State.CLOSED && !door.allowsCompression && inflates()) {
      LOG.error("the server inflates frames without bound: make it with serverOptions(…)");
      close(SocketClose.SERVER_ERROR);
    }
  }

  private boolean inflates() {
    ChannelHandlerContext channel = channel();
    return channel == null
        || channel.channel().pipeline().toMap().values().stream()
            .anyMatch(
                handler -> handler.getClass().getName().startsWith(INFLATERS + ".compression"));
  }

  private @Nullable ChannelHandlerContext channel() {
    return connection instanceof HttpServerConnection own ? own.channelHandlerContext() : null;
  }

  private void watch() {
    LiveCallers.Live before = live;
    if (before != null) {
      before.close();
    }
    live = door.service.live.watch(context, origin.caller(), this);
  }

  // --- frames

  private void broken(Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException corrupted) {
      boolean isTooBig = corrupted.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG);
      close(isTooBig ? SocketClose.TOO_BIG : SocketClose.PROTOCOL);
    } else if (cause instanceof TooLongFrameException) {
      close(SocketClose.TOO_BIG);
    }
  }

  private void frame(WebSocketFrame frame) {
    heard = true;
    if (state == State.OPENED) {
      refuseInflating();
    }
    if (state == State.CLOSED || frame.isClose()) {
      return;
    }
    if (!messages.take()) {
      close(SocketClose.TOO_MANY);
      return;
    }
    if (!frame.isPing() && frame.type() != WebSocketFrameType.PONG) {
      data(frame);
    }
    // Vert.x has answered a ping already: whoever pings and reads nothing is not read either
    if (isFull() && state != State.CLOSED) {
      paused = true;
      socket.pause();
    }
  }

  private void data(WebSocketFrame frame) {
    if (frame.isBinary()) {
      close(SocketClose.INVALID);
      return;
    }
    Buffer bytes = frame.binaryData();
    Buffer before = fragments;
    if ((before == null ? 0 : before.length()) + (long) bytes.length() > door.maxMessageBytes) {
      close(SocketClose.TOO_BIG);
      return;
    }
    Buffer whole = before == null ? bytes : before.appendBuffer(bytes);
    if (!frame.isFinal()) {
      fragments = before == null ? Buffer.buffer().appendBuffer(whole) : whole;
      return;
    }
    fragments = null;
    Optional<SocketMessage> message = SocketMessage.read(whole.getBytes());
    if (message.isEmpty()) {
      close(SocketClose.INVALID);
      return;
    }
    handle(message.get());
  }

  private void handle(SocketMessage message) {
    if (message instanceof SocketMessage.Init init) {
      initialise(init);
    } else if (message instanceof SocketMessage.Ping ping) {
      send(null, "pong", ping.payload());
    } else if (message instanceof SocketMessage.Subscribe subscribe) {
      subscribe(subscribe);
    } else if (message instanceof SocketMessage.Complete complete) {
      SocketOperation operation = operations.remove(complete.id());
      if (operation != null) {
        operation.cancel();
      }
    }
  }

  // --- connection_init

  private void initialise(SocketMessage.Init init) {
    if (state != State.OPENED) {
      close(SocketClose.TOO_MANY_INITS);
      return;
    }
    state = State.INITIALISING;
    List<@Nullable Object> shown = init.authorizations();
    if (shown.isEmpty() || !door.service.callers.knowsTokens()) {
      acknowledge(origin.caller());
      return;
    }
    if (shown.size() > 1 || !(shown.get(0) instanceof String text)) {
      close(SocketClose.UNAUTHORIZED);
      return;
    }
    door.service
        .callers
        .ofAuthorization(text)
        .onComplete(who -> context.runOnContext(here -> known(who)));
  }

  private void known(AsyncResult<Callers.Caller> who) {
    if (state != State.INITIALISING) {
      return;
    }
    if (who.failed()) {
      LOG.warn("nobody could say who calls: {}", who.cause().getClass().getName());
      close(SocketClose.BROKEN);
      return;
    }
    if (who.result() instanceof Callers.Caller.Refused refused) {
      close(
          refused.status() == Callers.FORBIDDEN ? SocketClose.FORBIDDEN : SocketClose.UNAUTHORIZED);
      return;
    }
    Optional<Principal> caller = ((Callers.Caller.Of) who.result()).principal();
    boolean another = origin.caller().isPresent() && !key(origin.caller()).equals(key(caller));
    if (another) {
      close(SocketClose.FORBIDDEN);
      return;
    }
    acknowledge(caller);
  }

  private void acknowledge(Optional<Principal> caller) {
    if (caller.isEmpty() && door.service.callers.requiresPrincipal()) {
      close(SocketClose.UNAUTHORIZED);
      return;
    }
    if (!place.move(key(caller))) {
      close(SocketClose.TOO_MANY);
      return;
    }
    origin = new GuardedService.Origin(Transport.WEBSOCKET, caller, origin.values());
    state = State.READY;
    cancelInitTimer();
    watch();
    send(null, "connection_ack", null);
  }

  private String key(Optional<Principal> caller) {
    return OpenConnections.key(caller, socket.remoteAddress());
  }

  // --- operations

  private void subscribe(SocketMessage.Subscribe message) {
    if (state != State.READY) {
      close(SocketClose.UNAUTHORIZED);
      return;
    }
    if (operations.containsKey(message.id())) {
      close(SocketClose.DUPLICATE.code(), SocketClose.duplicate(message.id()));
      return;
    }
    if (operations.size() >= door.maxSubscriptions
        || !door.operations.tryAcquire(key(origin.caller()), 1).granted()) {
      close(SocketClose.TOO_MANY);
      return;
    }
    SocketOperation operation = new SocketOperation(this, context, message.id());
    operations.put(message.id(), operation);
    AllowedOperations allowed = AllowedOperations.of(EnumSet.allOf(Operation.class));
    operation.begin(door.service.run(context, origin, message.request(), allowed), allowed);
  }

  /** It is over by itself. */
  void forget(SocketOperation operation) {
    operations.remove(operation.id(), operation);
  }

  boolean isFull() {
    return state == State.CLOSED || socket.isClosed() || socket.writeQueueFull();
  }

  void eventSent() {
    door.service.observer().ifPresent(observer -> observer.eventSent(Transport.WEBSOCKET));
  }

  private void drained() {
    if (state == State.CLOSED) {
      return;
    }
    if (paused && !isFull()) {
      paused = false;
      socket.resume();
    }
    List.copyOf(operations.values()).forEach(SocketOperation::roomAgain);
  }

  /** Says something to the client; false if JSON has no words for it. */
  boolean send(@Nullable String id, String type, @Nullable Object payload) {
    if (state == State.CLOSED || socket.isClosed()) {
      return true;
    }
    Map<String, Object> message = new LinkedHashMap<>();
    if (id != null) {
      message.put("id", id);
    }
    message.put("type", type);
    if (payload != null) {
      message.put("payload", payload);
    }
    try {
      send(new JsonObject(message).encode());
      return true;
    } catch (EncodeException unwritable) {
      return false;
    }
  }

  /** Says what is encoded already. */
  void send(String message) {
    if (state != State.CLOSED && !socket.isClosed()) {
      socket.writeTextMessage(message);
    }
  }

  // --- ends

  @Override
  public void credentialEnded() {
    // what it has not read yet must not reach it any more
    boolean isQueued = isFull();
    close(SocketClose.CREDENTIAL_ENDED);
    if (isQueued) {
      cutOff();
    }
  }

  @Override
  public void operationStopped(String name) {
    for (SocketOperation operation : List.copyOf(operations.values())) {
      operation.stopIfCalled(name);
    }
  }

  private void keepAlive() {
    if (!heard) {
      cutOff();
      return;
    }
    heard = false;
    if (!socket.isClosed()) {
      socket.writePing(Buffer.buffer());
    }
  }

  private void close(SocketClose why) {
    close(why.code(), why.reason());
  }

  private void close(short code, String reason) {
    if (state == State.CLOSED) {
      return;
    }
    end();
    if (!socket.isClosed()) {
      socket.close(code, reason);
    }
    // one that reads nothing does not read the close frame either
    context.owner().setTimer(CLOSING_MILLIS, late -> cutOff());
  }

  private void cutOff() {
    ChannelHandlerContext channel = channel();
    if (channel != null) {
      ChannelFuture unused = channel.channel().close();
    }
  }

  private void gone() {
    end();
    if (gone) {
      return;
    }
    gone = true;
    place.leave();
    door.service.observer().ifPresent(o -> o.connections(Transport.WEBSOCKET, -1));
  }

  private void end() {
    state = State.CLOSED;
    fragments = null;
    cancelInitTimer();
    context.owner().cancelTimer(keepAliveTimer);
    LiveCallers.Live watched = live;
    if (watched != null) {
      watched.close();
    }
    List<SocketOperation> left = List.copyOf(operations.values());
    operations.clear();
    left.forEach(SocketOperation::cancel);
  }

  private void cancelInitTimer() {
    if (initTimer >= 0) {
      context.owner().cancelTimer(initTimer);
      initTimer = -1;
    }
  }
}
