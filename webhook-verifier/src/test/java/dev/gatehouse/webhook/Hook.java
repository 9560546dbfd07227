package dev.gatehouse.webhook;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Handler;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** A server with one verified route, {@code /hook}, and what a test wants to know of it. */
final class Hook implements AutoCloseable {
  static final String SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
  static final String BODY = "{\"type\":\"order.paid\"}";
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  static final InstantSource CLOCK = InstantSource.fixed(NOW);

  final BodyBudget budget = BodyBudget.ofBytes(64L * 1024 * 1024);
  final AuditSink.InMemory audit = AuditSink.inMemory(10_000);
  final BlockingQueue<WebhookObserver.Ended> ended = new LinkedBlockingQueue<>();
  final MemoryClaims claims = Claims.inMemory(10_000, Duration.ofDays(8), CLOCK);
  final AtomicReference<Handler<RoutingContext>> before =
      new AtomicReference<>(RoutingContext::next);
  final AtomicInteger runs = new AtomicInteger();
  final Vertx vertx = Vertx.vertx();
  private final HttpServer server;

  private Hook(
      Scheme scheme,
      UnaryOperator<WebhookVerifier.Builder> verification,
      UnaryOperator<WebhookHandler.Builder> options,
      boolean claimed,
      ThreadingModel threads,
      Handler<RoutingContext> next) {
    WebhookVerifier.Builder verifier =
        WebhookVerifier.builder(scheme)
            .source("shop")
            .secrets(SecretSource.of(Secret.of("k1", SECRET)))
            .clock(CLOCK);
    WebhookHandler.Builder handler =
        WebhookHandler.builder(verification.apply(verifier).build())
            .bodyBudget(budget)
            .auditSink(audit)
            .observer(ended::add)
            .clock(CLOCK);
    if (claimed) {
      handler.claims(claims);
    } else {
      handler.dangerouslySkipClaims();
    }
    Router router = Router.router(vertx);
    router
        .route("/hook")
        .handler(ctx -> before.get().handle(ctx))
        .handler(options.apply(handler).build())
        .handler(
            ctx -> {
              runs.incrementAndGet();
              next.handle(ctx);
            });
    HttpServerOptions http = new HttpServerOptions().setMaxChunkSize(64 * 1024);
    this.server = vertx.createHttpServer(http).requestHandler(router);
    await(
        vertx.deployVerticle(
            context -> server.listen(0, "127.0.0.1"),
            new DeploymentOptions().setThreadingModel(threads)));
  }

  /** A hook for standard-webhooks that answers 204. */
  static Hook open(UnaryOperator<WebhookHandler.Builder> options) {
    return open(options, Hook::noContent);
  }

  static Hook open(UnaryOperator<WebhookHandler.Builder> options, Handler<RoutingContext> next) {
    return openOn(ThreadingModel.EVENT_LOOP, options, next);
  }

  static Hook openOn(
      ThreadingModel threads,
      UnaryOperator<WebhookHandler.Builder> options,
      Handler<RoutingContext> next) {
    return new Hook(Schemes.named("standard-webhooks"), v -> v, options, true, threads, next);
  }

  static Hook openWithoutClaims() {
    return new Hook(
        Schemes.named("standard-webhooks"),
        v -> v,
        o -> o,
        false,
        ThreadingModel.EVENT_LOOP,
        Hook::noContent);
  }

  static Hook openWithClaims(Claims claims) {
    return open(o -> o.claims(claims));
  }

  static Hook open(
      String scheme, Map<String, String> params, UnaryOperator<WebhookHandler.Builder> options) {
    return open(
        Schemes.named(scheme),
        verifier -> {
          params.forEach(verifier::param);
          return verifier;
        },
        options);
  }

  static Hook open(
      Scheme scheme,
      UnaryOperator<WebhookVerifier.Builder> verification,
      UnaryOperator<WebhookHandler.Builder> options) {
    return new Hook(
        scheme, verification, options, true, ThreadingModel.EVENT_LOOP, Hook::noContent);
  }

  private static void noContent(RoutingContext ctx) {
    ctx.response().setStatusCode(204).end();
  }

  int port() {
    return server.actualPort();
  }

  RawClient connect() throws IOException {
    return RawClient.connect(port());
  }

  /** One request on a connection of its own. */
  RawClient.Answer send(String request) throws IOException {
    try (RawClient client = connect()) {
      return client.send(request).read();
    }
  }

  /** A signed POST of {@link #BODY}, as one text. */
  static String signed(String id) {
    return signed(id, BODY);
  }

  static String signed(String id, String body) {
    return head(id, body) + "Content-Length: " + bytes(body).length + "\r\n\r\n" + body;
  }

  /** A POST whose signature is over another body. */
  static String tampered(String id) {
    return signed(id).replace("order.paid", "order.free");
  }

  /** The signed head, without its framing. */
  static String head(String id, String body) {
    return head(id, body, NOW);
  }

  static String head(String id, String body, Instant time) {
    StringBuilder head = new StringBuilder("POST /hook HTTP/1.1\r\nHost: localhost\r\n");
    for (Header header : sign(id, bytes(body), time)) {
      head.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    return head.toString();
  }

  static List<Header> sign(String id, byte[] body, Instant time) {
    return WebhookSigner.create(
            Schemes.named("standard-webhooks"), List.of(Secret.of("k1", SECRET)), Map.of())
        .sign(new Outgoing("POST", "http://localhost/hook", Headers.of(), body, id, time));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  WebhookObserver.Ended nextEnded() throws InterruptedException {
    WebhookObserver.Ended next = ended.poll(20, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no request ended within 20 s");
    }
    return next;
  }

  List<String> audited(AuditEvent.Outcome outcome) {
    return audit.events().stream()
        .filter(event -> event.outcome() == outcome)
        .map(AuditEvent::code)
        .toList();
  }

  static <T> T await(io.vertx.core.Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
