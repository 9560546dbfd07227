package dev.gatehouse.receiver;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A destination that writes down each effect: what was sent, as which delivery, at which attempt.
 */
final class Ledger implements AutoCloseable {
  /** One arrival. */
  record Effect(String delivery, int attempt) {}

  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private final Map<String, Queue<Effect>> effects = new ConcurrentHashMap<>();

  Ledger() {
    server = vertx.createHttpServer().requestHandler(this::receive);
    Awaited.get(server.listen(0, "127.0.0.1"));
  }

  private void receive(HttpServerRequest request) {
    String delivery = request.getHeader("Gatehouse-Delivery");
    int attempt = Integer.parseInt(request.getHeader("Gatehouse-Attempt"));
    request
        .body()
        .onSuccess(
            body -> {
              effects
                  .computeIfAbsent(
                      new JsonObject(body).getString("id"), id -> new ConcurrentLinkedQueue<>())
                  .add(new Effect(delivery, attempt));
              request.response().setStatusCode(204).end();
            });
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort() + "/";
  }

  /** What took effect. */
  Set<String> sent() {
    return effects.keySet();
  }

  /** Effects beyond the first. */
  long repeated() {
    return effects.values().stream().mapToLong(of -> of.size() - 1L).sum();
  }

  /** What took effect as two deliveries, which at-least-once does not allow. */
  long underTwoIds() {
    return effects.values().stream()
        .filter(of -> of.stream().map(Effect::delivery).distinct().count() > 1)
        .count();
  }

  /** What arrived twice in one attempt, which at-least-once does not allow either. */
  long twiceInOneAttempt() {
    return effects.values().stream()
        .filter(of -> of.stream().distinct().count() < of.size())
        .count();
  }

  @Override
  public void close() {
    Awaited.get(vertx.close());
  }
}
