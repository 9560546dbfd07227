package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.testkit.SignedRequest;
import dev.gatehouse.testkit.SignedRequests;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookHandler;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way, on two nodes with one Redis: one delivery, sent many times at once. */
final class TwoNodesTest {
  private static final int DUPLICATES = 10_000;
  private static final int CONNECTIONS = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String SECRET = "own-github-secret";

  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger ran = new AtomicInteger();
  private final Promise<Void> allThere = Promise.promise();

  private record Answer(int status, boolean duplicate) {}

  @Test
  void delivery_tenThousandTimesAtOnceOverTwoNodes_runsOnce(@TempDir Path folder) throws Exception {
    try (RedisProcess redis = RedisProcess.in(folder);
        RedisNode one = RedisNode.at(redis.port(), RedisStore.MAX_TIMEOUT);
        RedisNode two = RedisNode.at(redis.port(), RedisStore.MAX_TIMEOUT)) {
      int[] ports = {serve(one), serve(two)};
      SignedRequest signed =
          SignedRequests.of("github", SECRET).post("http://127.0.0.1/hooks/github", "{\"n\":1}");
      HttpClient client = client(one);
      List<Future<Answer>> answers = new ArrayList<>();
      for (int i = 0; i < DUPLICATES; i++) {
        answers.add(send(client, ports[i % 2], signed));
      }
      Future.join(answers).await(PATIENCE.toSeconds(), TimeUnit.SECONDS);

      assertThat(ran).hasValue(1);
      assertThat(answers.stream().map(Future::result)).allMatch(answer -> answer.status() == 204);
      assertThat(answers.stream().filter(answer -> !answer.result().duplicate())).hasSize(1);
    }
  }

  private int serve(RedisNode node) throws Exception {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("github"))
            .secrets(SecretSource.of(Secret.of("k", SECRET)))
            .build();
    Router router = Router.router(node.vertx());
    router
        .post("/hooks/github")
        .handler(this::gather)
        .handler(
            WebhookHandler.builder(verifier)
                .claims(node.store().claims().build())
                .auditSink(AuditSink.none())
                .bodyTimeout(PATIENCE)
                .inFlightWait(PATIENCE)
                .handlerTimeout(PATIENCE)
                .build())
        .handler(this::run);
    return node.vertx()
        .createHttpServer(
            new HttpServerOptions()
                .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(DUPLICATES)))
        .requestHandler(router)
        .listen(0, "127.0.0.1")
        .await(20, TimeUnit.SECONDS)
        .actualPort();
  }

  /** Holds each back until all of them are there, so that none finds the delivery completed. */
  private void gather(RoutingContext ctx) {
    Context context = ctx.vertx().getOrCreateContext();
    ctx.request().pause();
    allThere.future().onSuccess(all -> context.runOnContext(go -> ctx.next()));
    if (arrived.incrementAndGet() == DUPLICATES) {
      allThere.complete();
    }
  }

  private void run(RoutingContext ctx) {
    assertThat(VerifiedWebhook.of(ctx).body().length()).isPositive();
    ran.incrementAndGet();
    ctx.vertx().setTimer(100, done -> ctx.response().setStatusCode(204).end());
  }

  private static HttpClient client(RedisNode node) {
    return node.vertx()
        .createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false),
            new PoolOptions().setHttp2MaxSize(CONNECTIONS).setMaxWaitQueueSize(-1));
  }

  private static Future<Answer> send(HttpClient client, int port, SignedRequest signed) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/hooks/github");
    return client
        .request(options)
        .compose(
            request -> {
              signed.headers().forEach(header -> request.putHeader(header.name(), header.value()));
              return request.send(Buffer.buffer(signed.body()));
            })
        .compose(
            response ->
                response
                    .end()
                    .map(
                        end ->
                            new Answer(
                                response.statusCode(),
                                response.getHeader("Gatehouse-Duplicate") != null)));
  }
}
