package dev.gatehouse.events;

import io.netty.channel.ChannelFuture;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.List;

/**
 * An open stream: takes from its subscription what its client has room for, and no more.
 *
 * <p>On its request's context, but for {@link #begin}'s caller nothing else touches it.
 */
final class SseStream {
  // So many events may be asked for at a time, and about so many bytes of them.
  private static final int MOST_ASKED = 32;
  private static final int MOST_BYTES = 64 << 10;

  private final SseHandler door;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Context context;
  private final EventConnection connection;
  private final Subscription subscription;

  private long heartbeat = -1;
  private long fullSince;
  private int demand;
  private int window = 4;
  private boolean full;
  private long written;
  private long writtenAtTick;
  private boolean over;

  SseStream(
      SseHandler door,
      HttpServerRequest request,
      Context context,
      EventConnection connection,
      Subscription subscription) {
    this.door = door;
    this.request = request;
    this.response = request.response();
    this.context = context;
    this.connection = connection;
    this.subscription = subscription;
  }

  void begin(boolean resumed) {
    response.closeHandler(gone -> close());
    response.exceptionHandler(broken -> close());
    response.drainHandler(drained -> drained());
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader("X-Accel-Buffering", "no")
        .putHeader("X-Content-Type-Options", "nosniff");
    // Who resumes has a place already, and keeps it until it gets a later one.
    String start = resumed ? "" : subscription.startCursor();
    write(Buffer.buffer(SseFrames.opening(door.retryMillis(), start)));
    heartbeat =
        context
            .owner()
            .setPeriodic(door.firstHeartbeat(), door.heartbeatMillis, tick -> showLife());
    subscription.handler(this::deliver);
    subscription.ended().onSuccess(this::ended);
    ask();
  }

  private void ask() {
    if (!over && demand < window && !isFull()) {
      int more = window - demand;
      demand = window;
      subscription.request(more);
    }
  }

  private void deliver(List<Delivery> batch) {
    if (over) {
      return;
    }
    demand -= batch.size();
    long before = written;
    Buffer bytes = Buffer.buffer(512);
    for (Delivery each : batch) {
      bytes = append(bytes, each);
    }
    write(bytes);
    // What was asked for comes, also when the socket is full: of large events, one at a time.
    long each = Math.max(1, (written - before) / batch.size());
    window = (int) Math.max(1, Math.min(MOST_ASKED, MOST_BYTES / each));
    ask();
  }

  private Buffer append(Buffer bytes, Delivery delivery) {
    if (delivery instanceof Delivery.Gap gap) {
      return bytes.appendString(SseFrames.gap(gap));
    }
    Delivery.Message message = (Delivery.Message) delivery;
    bytes.appendString(SseFrames.id(message.cursor()));
    Buffer frame = message.event().encoded(SseFrames.ENCODER);
    if (frame.length() < SseFrames.SHARED) {
      return bytes.appendBuffer(frame);
    }
    write(bytes);
    write(frame);
    return Buffer.buffer();
  }

  private void write(Buffer bytes) {
    if (over || bytes.length() == 0 || response.closed()) {
      return;
    }
    written += bytes.length();
    response.write(bytes);
    if (!full && response.writeQueueFull()) {
      full = true;
      fullSince = System.nanoTime();
    }
  }

  private boolean isFull() {
    return full && response.writeQueueFull();
  }

  private void drained() {
    full = false;
    ask();
  }

  private void showLife() {
    if (isFull()) {
      if (System.nanoTime() - fullSince > door.stallNanos) {
        cut();
      }
      return;
    }
    if (written == writtenAtTick) {
      write(SseFrames.COMMENT);
    }
    writtenAtTick = written;
  }

  private void ended(EndReason reason) {
    if (over) {
      return;
    }
    if (isFull()) {
      // What its client has not read yet must not reach it any more, or never will.
      cut();
      return;
    }
    close();
    if (!response.ended() && !response.closed()) {
      response.end(SseFrames.end(reason, door.retryMillis()));
    }
  }

  // Vert.x would send what waits before it closes a connection of HTTP/1, and what waits must not
  // go out any more. On later ones other streams share the connection; a reset drops what waits.
  private void cut() {
    close();
    if (!isMultiplexed(request.version())
        && request.connection() instanceof HttpServerConnection own) {
      ChannelFuture unused = own.channelHandlerContext().close();
      return;
    }
    response.reset();
  }

  private static boolean isMultiplexed(HttpVersion version) {
    return version == HttpVersion.HTTP_2 || version == HttpVersion.HTTP_3;
  }

  private void close() {
    if (!over) {
      over = true;
      context.owner().cancelTimer(heartbeat);
      connection.close();
    }
  }
}
