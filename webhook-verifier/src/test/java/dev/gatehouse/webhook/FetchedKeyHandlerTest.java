package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.AuditSink;
import dev.gatehouse.webhook.keys.JsonWebKeys;
import dev.gatehouse.webhook.keys.KeyReference;
import dev.gatehouse.webhook.keys.KeyServer;
import dev.gatehouse.webhook.keys.KeySource;
import dev.gatehouse.webhook.keys.KeysUnavailableException;
import dev.gatehouse.webhook.keys.PublishedKey;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A handler whose key has to be fetched first. */
class FetchedKeyHandlerTest {
  private static final Scheme SCHEME = Schemes.named("plaid");
  private static final Scheme.Vector GOOD = SCHEME.vectors().get(0);
  private static final List<PublishedKey> KEYS =
      JsonWebKeys.parse(GOOD.params().getOrDefault("jwks", ""));
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochSecond(Long.parseLong(GOOD.now())));

  private final BlockingQueue<Promise<List<PublishedKey>>> asked = new LinkedBlockingQueue<>();
  private final BlockingQueue<WebhookObserver.Ended> ended = new LinkedBlockingQueue<>();
  private final AuditSink.InMemory audit = AuditSink.inMemory(100);
  private final BodyBudget budget = BodyBudget.ofBytes(1 << 20);
  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicInteger strayed = new AtomicInteger();
  private final Vertx vertx = Vertx.vertx();
  private HttpServer server;

  // held, for one that nobody holds is closed when it is collected
  private final HttpClient client = vertx.createHttpClient();

  private final KeySource slow =
      new KeySource() {
        @Override
        public Future<List<PublishedKey>> find(KeyReference reference) {
          Promise<List<PublishedKey>> promise = Promise.promise();
          asked.add(promise);
          return promise.future();
        }

        @Override
        public Optional<List<PublishedKey>> atHand(KeyReference reference) {
          return Optional.empty();
        }
      };

  @BeforeEach
  void serve() {
    WebhookVerifier verifier =
        WebhookVerifier.builder(SCHEME).source("bank").keySource(slow).clock(CLOCK).build();
    WebhookHandler handler =
        WebhookHandler.builder(verifier)
            .dangerouslySkipClaims()
            .bodyBudget(budget)
            .auditSink(audit)
            .observer(ended::add)
            .clock(CLOCK)
            .build();
    Router router = Router.router(vertx);
    router
        .route()
        .handler(
            ctx -> {
              Context own = vertx.getOrCreateContext();
              ctx.put("context", own);
              ctx.next();
            })
        .handler(handler)
        .handler(
            ctx -> {
              runs.incrementAndGet();
              if (ctx.get("context") != Vertx.currentContext()) {
                strayed.incrementAndGet();
              }
              ctx.response().setStatusCode(204).end();
            });
    server =
        KeyServer.await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() {
    KeyServer.await(vertx.close());
  }

  private Future<HttpClientRequest> request() {
    return client
        .request(HttpMethod.POST, server.actualPort(), "127.0.0.1", "/")
        .map(
            request -> {
              GOOD.headers().forEach(request::putHeader);
              return request;
            });
  }

  private Future<HttpClientResponse> post() {
    return request().compose(request -> request.send(Buffer.buffer(GOOD.body())));
  }

  private Promise<List<PublishedKey>> nextFetch() throws InterruptedException {
    Promise<List<PublishedKey>> fetch = asked.poll(10, TimeUnit.SECONDS);
    assertThat(fetch).isNotNull();
    return fetch;
  }

  @Test
  void delivery_whenItsKeyComes_runsOnItsOwnContext() throws InterruptedException {
    Future<HttpClientResponse> answer = post();
    Promise<List<PublishedKey>> fetch = nextFetch();
    assertThat(runs).hasValue(0);

    // From a thread that is none of the request's.
    fetch.complete(KEYS);

    assertThat(KeyServer.await(answer).statusCode()).isEqualTo(204);
    assertThat(runs).hasValue(1);
    assertThat(strayed).hasValue(0);
  }

  @Test
  void delivery_underAKeyThatIsNotThere_isRejected() throws InterruptedException {
    Future<HttpClientResponse> answer = post();
    nextFetch().complete(List.of());

    assertThat(KeyServer.await(answer).statusCode()).isEqualTo(401);
    assertThat(ended.take().reason()).isEqualTo("unknown_key");
    assertThat(runs).hasValue(0);
  }

  @Test
  void delivery_whoseKeyCannotBeFetched_isBrokenAndComesAgain() throws InterruptedException {
    Future<HttpClientResponse> answer = post();
    nextFetch().fail(new KeysUnavailableException("own"));

    HttpClientResponse response = KeyServer.await(answer);
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.getHeader("Retry-After")).isNotBlank();
    assertThat(ended.take().reason()).isEqualTo("keys_unavailable");
    assertThat(audit.events().stream().map(AuditEvent::outcome))
        .contains(AuditEvent.Outcome.BROKEN)
        .doesNotContain(AuditEvent.Outcome.DENIED, AuditEvent.Outcome.ALLOWED);
    assertThat(runs).hasValue(0);
  }

  @Test
  void client_leavingWhileTheKeyIsFetched_leavesNothingBehind() throws InterruptedException {
    HttpClientRequest request = KeyServer.await(request());
    request.send(Buffer.buffer(GOOD.body()));
    Promise<List<PublishedKey>> fetch = nextFetch();
    assertThat(budget.inFlight()).isPositive();

    KeyServer.await(request.connection().close());
    assertThat(ended.poll(10, TimeUnit.SECONDS)).isNotNull();
    assertThat(budget.inFlight()).isZero();
    fetch.complete(KEYS);

    Future<HttpClientResponse> next = post();
    nextFetch().complete(KEYS);
    assertThat(KeyServer.await(next).statusCode()).isEqualTo(204);
    assertThat(runs).hasValue(1);
    // Its share is given back as the request ends, which may be after its answer has come.
    assertThat(ended.poll(10, TimeUnit.SECONDS)).isNotNull();
    assertThat(budget.inFlight()).isZero();
  }

  @Test
  void request_withoutAToken_asksForNoKey() {
    HttpClientResponse response =
        KeyServer.await(
            request()
                .compose(
                    request -> {
                      GOOD.headers().keySet().forEach(name -> request.headers().remove(name));
                      return request.send("{}");
                    }));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(asked).isEmpty();
  }

  @Test
  void verify_keyThatWouldHaveToBeFetched_isUnknown() {
    WebhookVerifier verifier = WebhookVerifier.builder(SCHEME).keySource(slow).clock(CLOCK).build();
    WebhookRequest request =
        WebhookRequest.post("", WebhookRequest.Headers.of(headers()), GOOD.body());

    assertThat(Requests.verdict(verifier.verify(request))).isEqualTo("unknown_key");
    assertThat(asked).isEmpty();
    Future<Verification> verdict = verifier.decide(request);
    assertThat(verdict.isComplete()).isFalse();
    asked.remove().complete(KEYS);
    assertThat(Requests.verdict(verdict.result())).isEqualTo("verified");
  }

  @Test
  void request_underASharedSecret_waitsForNoKey() {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(Requests.secrets(Requests.WHSEC))
            .keySource(slow)
            .clock(InstantSource.fixed(Requests.NOW))
            .build();
    WebhookRequest request =
        WebhookRequest.post(
            "",
            WebhookRequest.Headers.of(Requests.signed("standard-webhooks", Requests.WHSEC)),
            Requests.BODY);

    Future<Verification> verdict = verifier.decide(request);
    assertThat(verdict.isComplete()).isTrue();
    assertThat(Requests.verdict(verdict.result())).isEqualTo("verified");
    assertThat(asked).isEmpty();
  }

  private static String[] headers() {
    return GOOD.headers().entrySet().stream()
        .flatMap(header -> java.util.stream.Stream.of(header.getKey(), header.getValue()))
        .toArray(String[]::new);
  }
}
