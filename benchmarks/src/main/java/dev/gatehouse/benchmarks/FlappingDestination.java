package dev.gatehouse.benchmarks;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A destination of which {@code /good} always answers, and {@code /flap} for half a minute does,
 * for a quarter answers 500 and for a quarter not at all, and again.
 */
final class FlappingDestination implements AutoCloseable {
  private static final long PHASE_NANOS = 15_000_000_000L;

  private final Vertx vertx = Vertx.vertx();
  private final Set<String> ids = ConcurrentHashMap.newKeySet();
  private final AtomicLong arrivals = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final long begun = System.nanoTime();
  private volatile boolean up;
  private int port;

  private FlappingDestination() {}

  static FlappingDestination start() throws IOException, InterruptedException {
    FlappingDestination destination = new FlappingDestination();
    try {
      HttpServer server =
          destination
              .vertx
              .createHttpServer()
              .requestHandler(destination::handle)
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get();
      destination.port = server.actualPort();
      return destination;
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private void handle(HttpServerRequest request) {
    long phase = (System.nanoTime() - begun) / PHASE_NANOS % 4;
    boolean fails = !up && phase >= 2 && "/flap".equals(request.path());
    request
        .body()
        .onSuccess(
            body -> {
              if (!fails) {
                arrivals.incrementAndGet();
                ids.add(request.getHeader("Gatehouse-Delivery"));
                request.response().end();
                return;
              }
              failures.incrementAndGet();
              if (phase == 2) {
                request.response().setStatusCode(500).end();
              }
            });
  }

  /** Fails no more. */
  void stayUp() {
    up = true;
  }

  int port() {
    return port;
  }

  long distinct() {
    return ids.size();
  }

  long arrivals() {
    return arrivals.get();
  }

  long failures() {
    return failures.get();
  }

  @Override
  public void close() {
    vertx.close();
  }
}
