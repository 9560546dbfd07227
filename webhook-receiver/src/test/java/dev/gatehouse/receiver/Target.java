package dev.gatehouse.receiver;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A destination that remembers what it got and answers as it is told. */
final class Target implements AutoCloseable {
  /** What arrived. */
  record Got(MultiMap headers, byte[] body, String uri) {}

  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
  private final Queue<Consumer<HttpServerRequest>> answers = new ConcurrentLinkedQueue<>();

  private Target(String address) {
    server = vertx.createHttpServer().requestHandler(this::receive);
    Awaited.get(server.listen(0, address));
  }

  static Target start() {
    return at("127.0.0.1");
  }

  static Target at(String address) {
    return new Target(address);
  }

  private void receive(HttpServerRequest request) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().addAll(request.headers());
    request
        .body()
        .onSuccess(
            body -> {
              Consumer<HttpServerRequest> answer = answers.poll();
              if (answer == null) {
                request.response().setStatusCode(200).end();
              } else {
                answer.accept(request);
              }
              got.add(new Got(headers, body.getBytes(), request.uri()));
            });
  }

  /** Answers the next requests with these statuses, then with 200. */
  Target then(Integer... statuses) {
    for (int status : statuses) {
      answers.add(request -> request.response().setStatusCode(status).end());
    }
    return this;
  }

  Target then(Consumer<HttpServerRequest> answer) {
    answers.add(answer);
    return this;
  }

  Got next() throws InterruptedException {
    Got next = got.poll(60, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing arrived within 60 s");
    }
    return next;
  }

  int waiting() {
    return got.size();
  }

  List<Got> all() {
    return List.copyOf(got);
  }

  int port() {
    return server.actualPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/in?x=1";
  }

  @Override
  public void close() {
    Awaited.get(vertx.close());
  }
}
