package dev.gatehouse.graphql.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Reads bodies within a size, a time, and a sum of bytes over all requests of a handler. */
final class RequestBody {
  private final long maxBytes;
  private final Duration timeout;
  private final long maxInFlight;
  private final AtomicLong inFlight = new AtomicLong();

  RequestBody(long maxBytes, Duration timeout, long maxInFlight) {
    this.maxBytes = maxBytes;
    this.timeout = timeout;
    this.maxInFlight = maxInFlight;
  }

  /** Why a body was not read, as a status. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    final int status;

    Refused(int status, String message) {
      super(message, null, false, false);
      this.status = status;
    }
  }

  /** The body; fails with {@link Refused}. The request may have been paused. */
  Future<Buffer> read(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    if (request.isEnded()) {
      return readBefore(ctx);
    }
    if (request.headers().contains(HttpHeaders.CONTENT_ENCODING)) {
      return refused(415, "the body must not be compressed");
    }
    if (announced(request) > maxBytes) {
      return refused(413, "the body is too large");
    }
    return new Reading(ctx.vertx(), request).begin();
  }

  // by a BodyHandler that was mounted before this one
  private Future<Buffer> readBefore(RoutingContext ctx) {
    Buffer body = ctx.body() == null ? null : ctx.body().buffer();
    if (body == null) {
      return refused(400, "the body is missing");
    }
    return body.length() > maxBytes
        ? refused(413, "the body is too large")
        : Future.succeededFuture(body);
  }

  private static long announced(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private static Future<Buffer> refused(int status, String message) {
    return Future.failedFuture(new Refused(status, message));
  }

  /** One body on its way. */
  private final class Reading {
    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Promise<Buffer> whole = Promise.promise();
    private @Nullable Buffer body = Buffer.buffer();
    private long held;

    Reading(Vertx vertx, HttpServerRequest request) {
      this.vertx = vertx;
      this.request = request;
    }

    Future<Buffer> begin() {
      long timer =
          vertx.setTimer(
              timeout.toMillis(),
              late -> whole.tryFail(new Refused(408, "the body took too long")));
      request.handler(this::take);
      request.endHandler(end -> whole.tryComplete(body == null ? Buffer.buffer() : body));
      request.exceptionHandler(gone -> whole.tryFail(new Refused(400, "the body broke off")));
      boolean isExpected =
          request.version() != HttpVersion.HTTP_1_0
              && "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
      if (isExpected) {
        request.response().writeContinue();
      }
      request.resume();
      return whole
          .future()
          .onComplete(
              done -> {
                vertx.cancelTimer(timer);
                inFlight.addAndGet(-held);
                body = null;
              });
    }

    private void take(Buffer chunk) {
      Buffer known = body;
      if (known == null) {
        return;
      }
      if (known.length() + (long) chunk.length() > maxBytes) {
        whole.tryFail(new Refused(413, "the body is too large"));
        return;
      }
      held += chunk.length();
      if (inFlight.addAndGet(chunk.length()) > maxInFlight) {
        whole.tryFail(new Refused(503, "too many bodies are on their way"));
        return;
      }
      known.appendBuffer(chunk);
    }
  }
}
