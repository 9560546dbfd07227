package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Sources.Surroundings;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.atomic.AtomicLong;

/** Answers 404 at once, and lets the client finish what it sends, within bounds. */
final class UnknownSource implements Handler<HttpServerRequest> {
  private static final long MAX_DISCARDED = 1 << 20;
  private static final long MAX_MILLIS = 5_000;

  private final Surroundings around;

  UnknownSource(Surroundings around) {
    this.around = around;
  }

  @Override
  public void handle(HttpServerRequest request) {
    around.metrics().webhook("unknown", "rejected", "no_such_source");
    discardBody(request);
    request.response().setStatusCode(404).putHeader("Cache-Control", "no-store").end();
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
