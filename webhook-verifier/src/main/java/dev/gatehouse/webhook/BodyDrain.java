package dev.gatehouse.webhook;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/**
 * Lets a client that is still sending read its answer.
 *
 * <p>A server that closes a connection with unread bytes resets it, and the client may lose the
 * answer. So what still comes is discarded for a short while. Where little is to come, the
 * connection lives on afterwards; else it is closed, and the answer says so.
 */
final class BodyDrain {
  static final long MAX_KEPT_BYTES = 256 * 1024;
  static final long LINGER_MILLIS = 2_000;

  private final Vertx vertx;
  private final HttpServerRequest request;
  private final boolean multiplexed;
  private final boolean keep;
  private boolean closing;
  private long timer = -1;

  private BodyDrain(Vertx vertx, HttpServerRequest request, boolean keep) {
    this.vertx = vertx;
    this.request = request;
    this.multiplexed = isMultiplexed(request.version());
    this.keep = keep || multiplexed;
  }

  /**
   * Discards from now on.
   *
   * @param mayKeep whether the connection can be of use afterwards
   * @param announced how many bytes are still to come, as far as was said; -1 if it was not
   */
  static BodyDrain begin(Vertx vertx, HttpServerRequest request, boolean mayKeep, long announced) {
    // A client that waits for "100 Continue" may send its body or not: nobody knows where the next
    // request begins.
    boolean waits = request.getHeader(HttpHeaders.EXPECT) != null;
    BodyDrain drain =
        new BodyDrain(vertx, request, mayKeep && !waits && announced <= MAX_KEPT_BYTES);
    if (!request.isEnded()) {
      request.handler(discarded -> {});
      request.endHandler(end -> drain.ended());
      request.exceptionHandler(gone -> drain.cancel());
      request.resume();
    }
    return drain;
  }

  // Others share its connection, and its answers may name none (RFC 9113, 8.2.2; RFC 9114, 4.2).
  private static boolean isMultiplexed(HttpVersion version) {
    return version == HttpVersion.HTTP_2 || version == HttpVersion.HTTP_3;
  }

  /** Call before the answer is written. */
  void prepare(HttpServerResponse response) {
    if (!keep && !request.isEnded()) {
      closing = true;
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  /** Call after the answer was written. */
  void answered() {
    if (!request.isEnded()) {
      timer = vertx.setTimer(LINGER_MILLIS, late -> close());
    }
  }

  private void ended() {
    cancel();
    if (closing) {
      request.connection().close();
    }
  }

  private void close() {
    timer = -1;
    if (multiplexed) {
      request.response().reset(0);
    } else {
      request.connection().close();
    }
  }

  private void cancel() {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }
}
