package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Sources.Surroundings;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Answers what belongs to no source: with 404, or 400 if it names no host. At once, and lets the
 * client finish what it sends, within bounds.
 */
final class UnknownSource implements Handler<HttpServerRequest> {
  private static final long MAX_DISCARDED = 1 << 20;
  private static final long MAX_MILLIS = 5_000;

  private final Surroundings around;

  UnknownSource(Surroundings around) {
    this.around = around;
  }

  @Override
  public void handle(HttpServerRequest request) {
    refuse(request, 404, "no_such_source");
  }

  /**
   * Whether HTTP asks for a 400 whatever the path: a Host header is missing, doubled or no host
   * (RFC 9112, section 3.2). A router would answer so too, with a stack trace in the log each time.
   */
  static boolean namesNoHost(HttpServerRequest request) {
    return request.version() != HttpVersion.HTTP_1_0 && request.authority() == null;
  }

  void namedNoHost(HttpServerRequest request) {
    refuse(request, 400, "no_host");
  }

  private void refuse(HttpServerRequest request, int status, String reason) {
    around.metrics().webhook("unknown", "rejected", reason);
    discardBody(request);
    request.response().setStatusCode(status).putHeader("Cache-Control", "no-store").end();
  }

  private void discardBody(HttpServerRequest request) {
    if (request.isEnded()) {
      return;
    }
    AtomicLong discarded = new AtomicLong();
    long timer = around.vertx().setTimer(MAX_MILLIS, late -> request.connection().close());
    request.exceptionHandler(broken -> around.vertx().cancelTimer(timer));
    request.endHandler(end -> around.vertx().cancelTimer(timer));
    request.handler(
        chunk -> {
          if (discarded.addAndGet(chunk.length()) > MAX_DISCARDED) {
            around.vertx().cancelTimer(timer);
            request.connection().close();
          }
        });
  }
}
