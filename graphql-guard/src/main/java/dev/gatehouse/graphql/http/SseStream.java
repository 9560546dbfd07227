package dev.gatehouse.graphql.http;

import dev.gatehouse.graphql.AllowedOperations;
import dev.gatehouse.graphql.ErrorCode;
import dev.gatehouse.graphql.GuardError;
import dev.gatehouse.graphql.access.SharedAnswer;
import graphql.ExecutionResult;
import graphql.GraphQLError;
import graphql.language.OperationDefinition.Operation;
import io.netty.channel.ChannelFuture;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.ext.web.RoutingContext;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operation on an event stream; everything happens on its request's context.
 *
 * <p>It keeps its place, and its credential is watched, until what was written has left or its
 * connection is gone: an answer that waits for its reader is still this stream's.
 */
final class SseStream implements EventPump.Sink, LiveCallers.Ending {
  private static final Logger LOG = LoggerFactory.getLogger(GraphQLSseHandler.class);
  private static final long CLOSING_MILLIS = 1_000;
  private static final Buffer COMMENT = Buffer.buffer(":\n\n");

  /** What is written of an answer; empty if JSON has no words for it. */
  @SuppressWarnings("UnnecessaryLambda") // known by its instance
  private static final Function<ExecutionResult, Optional<Buffer>> NEXT =
      answer -> HttpAnswer.json(answer.toSpecification()).map(json -> event("next", json));

  private final GraphQLSseHandler door;
  private final RoutingContext ctx;
  private final HttpServerResponse response;
  private final Context context;
  private final GuardedService.Origin origin;
  private final AllowedOperations allowed;
  private OpenConnections.@Nullable Place place;
  private LiveCallers.@Nullable Live live;
  private @Nullable Running running;
  private @Nullable EventPump pump;
  private long heartbeat = -1;
  private long closing = -1;
  private long fullSince;
  private boolean full;
  private boolean over;
  private boolean gone;

  SseStream(GraphQLSseHandler door, RoutingContext ctx, GuardedService.Origin origin) {
    this.door = door;
    this.ctx = ctx;
    this.response = ctx.response();
    this.context = ctx.vertx().getOrCreateContext();
    this.origin = origin;
    boolean isGet = ctx.request().method().equals(HttpMethod.GET);
    Set<Operation> kinds = EnumSet.allOf(Operation.class);
    if (isGet) {
      kinds.remove(Operation.MUTATION);
    }
    this.allowed = AllowedOperations.of(kinds);
  }

  void begin(OperationRequest request) {
    String key = OpenConnections.key(origin.caller(), ctx.request().remoteAddress());
    Optional<OpenConnections.Place> free = door.connections.enter(key);
    if (free.isEmpty()) {
      HttpAnswer.tooMany(ctx, "too many event streams are open");
      return;
    }
    place = free.get();
    door.service.observer().ifPresent(o -> o.connections(Transport.SSE, 1));
    // whoever ends it knows when its last bytes have left; here it is known when they were written
    ctx.addEndHandler(
        end -> {
          if (!over) {
            gone();
          }
        });
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream; charset=utf-8")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Accel-Buffering", "no")
        .putHeader("X-Content-Type-Options", "nosniff");
    response.drainHandler(drained -> roomAgain());
    // the head goes with it: a client knows at once that its stream is open
    write(COMMENT);
    heartbeat = context.owner().setPeriodic(door.heartbeat.toMillis(), tick -> showLife());
    live = door.service.live.watch(context, origin.caller(), this);
    Running begun = door.service.run(context, origin, request, allowed);
    running = begun;
    begun.outcome().onSuccess(this::known);
  }

  private void known(Outcome outcome) {
    if (outcome instanceof Outcome.Stream stream) {
      if (over) {
        EventPump.discard(stream.events());
      } else {
        pump = EventPump.start(context, stream.events(), this::isFull, this);
      }
    } else if (outcome instanceof Outcome.Answer answer) {
      int unused = next(answer.result());
      ended(null);
    }
  }

  @Override
  public int next(ExecutionResult event) {
    if (over) {
      return 0;
    }
    Optional<Buffer> message =
        event instanceof SharedAnswer shared ? shared.once(NEXT) : NEXT.apply(event);
    if (message.isEmpty()) {
      LOG.warn("an answer holds what JSON cannot say ({})", correlationId());
      fail(Running.internal(correlationId()));
      return 0;
    }
    write(message.get());
    door.service.observer().ifPresent(observer -> observer.eventSent(Transport.SSE));
    return message.get().length();
  }

  @Override
  public void ended(@Nullable Throwable failure) {
    if (over) {
      return;
    }
    if (failure != null) {
      fail(Running.ended(failure, correlationId()));
      return;
    }
    end(event("complete", Buffer.buffer()), door.stallTime.toMillis());
  }

  private void fail(GraphQLError error) {
    if (!over) {
      write(event("next", HttpAnswer.error(error)));
      end(event("complete", Buffer.buffer()), door.stallTime.toMillis());
    }
  }

  @Override
  public void credentialEnded() {
    if (over || isFull()) {
      // what it has not read yet must not reach it any more
      cut();
      return;
    }
    end(event("end", Buffer.buffer("{\"reason\":\"credentials_expired\"}")), CLOSING_MILLIS);
  }

  @Override
  public void operationStopped(String name) {
    if (allowed.isCalled(name)) {
      fail(GuardError.of(ErrorCode.OPERATION_NOT_ALLOWED, "the operation is stopped"));
    }
  }

  // JSON as it is written here has no line end that could begin another field
  private static Buffer event(String name, Buffer data) {
    return Buffer.buffer("event: " + name + "\ndata: ").appendBuffer(data).appendString("\n\n");
  }

  private String correlationId() {
    Running known = running;
    return known == null ? "" : known.correlationId();
  }

  private boolean isFull() {
    return over || response.closed() || response.writeQueueFull();
  }

  private void roomAgain() {
    full = false;
    EventPump known = pump;
    if (known != null) {
      known.roomAgain();
    }
  }

  private void showLife() {
    if (!isFull()) {
      write(COMMENT);
    } else if (full && System.nanoTime() - fullSince > door.stallTime.toNanos()) {
      cut();
    }
  }

  private void write(Buffer bytes) {
    if (response.ended() || response.closed()) {
      return;
    }
    response.write(bytes);
    if (!full && response.writeQueueFull()) {
      full = true;
      fullSince = System.nanoTime();
    }
  }

  private void end(Buffer last, long patienceMillis) {
    stop();
    if (response.ended() || response.closed()) {
      gone();
      return;
    }
    closing = context.owner().setTimer(patienceMillis, late -> cut());
    response.end(last).onComplete(sent -> gone());
  }

  // Vert.x would send what waits before it closes a connection of HTTP/1, and what waits must not
  // go out any more. On later ones other streams share the connection; a reset drops what waits.
  private void cut() {
    stop();
    HttpServerRequest request = ctx.request();
    if (!HttpAnswer.isMultiplexed(request)
        && request.connection() instanceof HttpServerConnection own) {
      ChannelFuture unused =
          own.channelHandlerContext()
              .close()
              .addListener(closed -> context.runOnContext(here -> gone()));
      return;
    }
    response.reset();
    gone();
  }

  /** Nothing more is taken, and nothing runs for it any more. */
  private void stop() {
    if (over) {
      return;
    }
    over = true;
    EventPump events = pump;
    if (events != null) {
      events.cancel();
    }
    Running known = running;
    if (known != null) {
      known.cancel();
    }
  }

  /** Nothing of it waits to be sent any more. */
  private void gone() {
    OpenConnections.Place mine = place;
    stop();
    if (gone || mine == null) {
      return;
    }
    gone = true;
    mine.leave();
    door.service.observer().ifPresent(o -> o.connections(Transport.SSE, -1));
    context.owner().cancelTimer(heartbeat);
    context.owner().cancelTimer(closing);
    LiveCallers.Live watched = live;
    if (watched != null) {
      watched.close();
    }
  }
}
