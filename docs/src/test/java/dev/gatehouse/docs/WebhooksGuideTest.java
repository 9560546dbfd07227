package dev.gatehouse.docs;

import static java.net.http.HttpResponse.BodyHandlers.discarding;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.testkit.HostileRequests;
import dev.gatehouse.testkit.SignedRequest;
import dev.gatehouse.testkit.SignedRequests;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.RejectReason;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookHandler;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.keys.KeyFetching;
import dev.gatehouse.webhook.keys.KeySource;
import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/webhooks.md and of README's snippet for webhooks, run. */
class WebhooksGuideTest {
  private static final String BODY = "{\"zen\":\"Design for failure.\"}";

  private final Vertx vertx = Vertx.vertx();
  private final List<String> shipped = new ArrayList<>();

  @TempDir Path dir;

  @AfterEach
  void closeVertx() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void route_withAWebhookHandler_getsEachVerifiedDeliveryOnce() throws Exception {
    SecretSource secretSource = SecretSource.of(Secret.of("own", "own-github-secret"));
    Router router = Router.router(vertx);
    // region embed
    WebhookVerifier github =
        WebhookVerifier.builder(Schemes.named("github")).secrets(secretSource).build();

    router
        .post("/hooks/github")
        .handler(WebhookHandler.create(github, Claims.inMemory(10_000)))
        .handler(
            ctx ->
                ship(VerifiedWebhook.of(ctx))
                    .onSuccess(done -> ctx.response().setStatusCode(204).end())
                    .onFailure(ctx::fail)); // a failure releases the claim: the retry runs again
    // endregion
    HttpServer server =
        await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    List<Header> headers = sign("github", "own-github-secret");
    assertThat(post(server, headers, BODY)).isEqualTo(204);
    assertThat(post(server, headers, BODY)).isEqualTo(204);
    assertThat(post(server, headers, BODY + " ")).isEqualTo(401);
    assertThat(shipped).containsExactly("github");
  }

  @Test
  void verifier_withoutVertx_answersWithAValue() {
    String url = "";
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
    Headers headers = Headers.of(sign("github", "own-github-secret"));
    SecretSource secretSource = SecretSource.of(Secret.of("own", "own-github-secret"));
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("github")).secrets(secretSource).build();
    // region verify
    Verification outcome = verifier.verify(WebhookRequest.of("POST", url, headers, body));
    if (outcome instanceof Verification.Verified verified) {
      ship(verified.webhook());
    } else if (outcome instanceof Verification.Rejected rejected) {
      log(rejected.reason());
    }
    // endregion
    assertThat(shipped).containsExactly("github");
  }

  @Test
  void verifier_withPublishedKeys_answersLater() throws Exception {
    WebhookRequest request = WebhookRequest.of("POST", "", Headers.of(), new byte[0]);
    // region keys
    Scheme scheme = Schemes.named("fireblocks");
    KeyLocation published = Objects.requireNonNull(scheme.keys());
    WebhookVerifier verifier =
        WebhookVerifier.builder(scheme)
            .keySource(KeySource.published(vertx, published, KeyFetching.strict()))
            .build();
    Future<Verification> outcome = verifier.decide(request);
    // endregion
    assertThat(await(outcome)).isEqualTo(Verification.rejected(RejectReason.MISSING_SIGNATURE));
  }

  @Test
  void secrets_severalWithWindows_rotate() throws IOException {
    Path old = Files.writeString(dir.resolve("github-old"), "own-old-secret\n");
    Map<String, String> environment = Map.of("GITHUB_WEBHOOK_SECRET", "own-github-secret");
    Instant endOfYear = Instant.parse("2099-12-31T00:00:00Z");
    // region rotate
    SecretSource secrets =
        SecretSource.env("GITHUB_WEBHOOK_SECRET", environment::get)
            .and(SecretSource.file(old).validUntil(endOfYear));
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("github")).secrets(secrets).build();
    verifier.reload(); // after the file or the variable changed; a refused secret changes nothing
    // endregion
    VerifiedWebhook byOld =
        ((Verification.Verified)
                verifier.verify(
                    WebhookRequest.post("", Headers.of(sign("github", "own-old-secret")), BODY)))
            .webhook();
    assertThat(byOld.keyId()).isEqualTo("github-old");
  }

  @Test
  void handler_withLimits_keepsFailuresAndVerifiedApart() {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("github"))
            .secrets(SecretSource.of(Secret.of("own", "own-github-secret")))
            .build();
    InstantSource clock = InstantSource.system();
    // region limits
    WebhookHandler handler =
        WebhookHandler.builder(verifier)
            .claims(Claims.inMemory(100_000, Duration.ofDays(4), clock))
            .maxBodyBytes(256 * 1024)
            .bodyTimeout(Duration.ofSeconds(5))
            .handlerTimeout(Duration.ofSeconds(20))
            .verifiedLimiter(
                RateLimiter.inMemory(RateLimiter.Rate.perSecond(200, 400), 1_000, clock))
            .failureLimiter(RateLimiter.inMemory(RateLimiter.Rate.perMinute(30), 100_000, clock))
            .build();
    // endregion
    assertThat(handler).isNotNull();
  }

  @Test
  void signer_signsWhatTheVerifierAccepts() {
    String secretText = "whsec_Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=";
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
    Instant now = InstantSource.system().instant();
    // region sign
    WebhookSigner signer =
        WebhookSigner.create(
            Schemes.named("standard-webhooks"),
            List.of(Secret.of("2026-11", secretText)),
            Map.of());
    List<Header> headers =
        signer.sign(new WebhookSigner.Outgoing("POST", "", Headers.of(), body, "msg_1", now));
    // endregion
    assertThat(headers)
        .extracting(Header::name)
        .containsExactly("webhook-id", "webhook-timestamp", "webhook-signature");
  }

  @Test
  void scheme_ofYourOwn_isTheSameYaml() throws IOException {
    String page = Files.readString(Path.of("webhooks.md"));
    int begin = page.indexOf("```yaml\nname: acme");
    String yaml = page.substring(begin + 8, page.indexOf("```", begin + 8));
    // region own-scheme
    Scheme acme = Schemes.parse(yaml);
    // endregion
    assertThat(acme.name()).isEqualTo("acme");
  }

  @Test
  void testkit_signsAndAttacks_whatATestServes() throws Exception {
    Scheme github = Schemes.named("github");
    WebhookVerifier verifier =
        WebhookVerifier.builder(github)
            .secrets(SecretSource.of(Secret.of("own", "own-github-secret")))
            .build();
    RateLimiter generous =
        RateLimiter.inMemory(RateLimiter.Rate.perSecond(9_999, 9_999), 9, InstantSource.system());
    Router router = Router.router(vertx);
    router
        .post("/hooks/github")
        .handler(
            WebhookHandler.builder(verifier)
                .claims(Claims.inMemory(10_000))
                .failureLimiter(generous)
                .build())
        .handler(ctx -> ctx.response().setStatusCode(204).end());
    HttpServer server =
        await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    URI url = URI.create("http://127.0.0.1:" + server.actualPort() + "/hooks/github");
    // region signed-requests
    SignedRequests signed = SignedRequests.of("github", "own-github-secret");
    SignedRequest ping = signed.post(url.toString(), "{\"zen\":\"Design for failure.\"}");
    HttpResponse<Void> answer =
        java.net.http.HttpClient.newHttpClient().send(ping.toHttpRequest(), discarding());
    assertThat(answer.statusCode()).isEqualTo(204);
    // endregion
    // region hostile-requests
    List<HostileRequests.Finding> findings =
        HostileRequests.against(url, Schemes.named("github"), "own-github-secret").run();
    assertThat(findings).isEmpty();
    // endregion
  }

  private Future<Void> ship(VerifiedWebhook webhook) {
    shipped.add(webhook.source());
    return Future.succeededFuture();
  }

  private static void log(RejectReason reason) {
    throw new AssertionError(reason);
  }

  private static List<Header> sign(String scheme, String secret) {
    return WebhookSigner.create(Schemes.named(scheme), List.of(Secret.of("own", secret)), Map.of())
        .sign(
            new WebhookSigner.Outgoing(
                "POST",
                "",
                Headers.of(),
                BODY.getBytes(StandardCharsets.UTF_8),
                "msg_1",
                InstantSource.system().instant()));
  }

  private int post(HttpServer server, List<Header> headers, String body) throws Exception {
    HttpClient client = vertx.createHttpClient();
    return await(
        client
            .request(HttpMethod.POST, server.actualPort(), "127.0.0.1", "/hooks/github")
            .compose(
                request -> {
                  headers.forEach(h -> request.putHeader(h.name(), h.value()));
                  return request.send(body);
                })
            .map(response -> response.statusCode()));
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
