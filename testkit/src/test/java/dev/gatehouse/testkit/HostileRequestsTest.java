package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.testkit.HostileRequests.Finding;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.WebhookHandler;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostileRequestsTest {
  private static final String KEY = "Z2F0ZWhvdXNlLW93bi12ZWN0b3Ita2V5LTMyYnl0ZXM=";
  private static final String PUBLIC = "https://hooks.example.com";

  private final Vertx vertx = Vertx.vertx();
  private final SimulatedClock clock = SimulatedClock.at(Instant.parse("2026-03-01T12:00:00Z"));

  @AfterEach
  void closeVertx() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @CsvSource({
    "standard-webhooks,whsec_" + KEY,
    "github,own-github-secret",
    "stripe,whsec_own_stripe_text_secret",
    "slack,own-slack-secret",
    "shopify,own-shopify-secret",
    "twilio,own-twilio-token",
    "twilio-json,own-twilio-token",
    "hubspot,own-hubspot-secret",
    "gitlab,own-gitlab-token",
    "paddle,own-paddle-secret",
  })
  void attacks_onOurOwnHandler_findNothing(String scheme, String secret) throws Exception {
    URI url = serve(Schemes.named(scheme), secret, o -> o.publicUrl(PUBLIC));
    HostileRequests attacks =
        HostileRequests.against(url, Schemes.named(scheme), secret)
            .signedUrl(PUBLIC + "/hook")
            .clock(clock);
    assertThat(attacks.run()).isEmpty();
    assertThat(attacks.requests()).hasSizeGreaterThan(15);
    assertThat(attacks.requests()).extracting(HostileRequest::attack).doesNotHaveDuplicates();
  }

  @Test
  void attacks_onANaiveReceiver_findEachOfItsMistakes() throws Exception {
    try (NaiveReceiver naive = new NaiveReceiver(Base64.getDecoder().decode(KEY))) {
      List<Finding> findings =
          HostileRequests.against(naive.url(), Schemes.named("standard-webhooks"), "whsec_" + KEY)
              .timeout(Duration.ofSeconds(2))
              .run();
      assertThat(findings)
          .extracting(Finding::attack)
          .contains(
              "signature-empty",
              "signature-label-only",
              "signature-cut",
              "signature-missing",
              "signature-in-query",
              "body-newline-appended",
              "id-holds-separator",
              "time-too-old",
              "time-too-new",
              "time-nan",
              "time-overflow",
              "method-put")
          .doesNotContain("genuine-first", "genuine-last", "body-changed", "time-changed");
      assertThat(findings)
          .filteredOn(f -> f.attack().equals("time-nan"))
          .extracting(Finding::status)
          .containsExactly(500);
      assertThat(findings.toString()).doesNotContain(KEY);
    }
  }

  @Test
  void attacks_whereHostIsBelieved_findTheSpoofedHost() throws Exception {
    URI url = serve(Schemes.named("twilio"), "own-twilio-token", o -> o);
    List<Finding> findings =
        HostileRequests.against(url, Schemes.named("twilio"), "own-twilio-token")
            .clock(clock)
            .run();
    assertThat(findings).extracting(Finding::attack).containsExactly("url-host-spoofed");
  }

  @Test
  void run_withTheWrongSecret_findsOnlyThatTheGenuineIsRefused() throws Exception {
    URI url = serve(Schemes.named("github"), "own-github-secret", o -> o);
    assertThat(HostileRequests.against(url, Schemes.named("github"), "not-the-secret").run())
        .extracting(Finding::attack, Finding::status)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("genuine-first", 401));
  }

  @Test
  void run_pastTheLimitOfFailures_saysWhatToRaise() throws Exception {
    URI url =
        serve(
            Schemes.named("github"),
            "own-github-secret",
            o -> o.failureLimiter(RateLimiter.inMemory(RateLimiter.Rate.perMinute(2), 10, clock)));
    assertThat(HostileRequests.against(url, Schemes.named("github"), "own-github-secret").run())
        .anySatisfy(finding -> assertThat(finding.toString()).contains("raise the receiver's"));
  }

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void run_targetSilentWhereTlsBegins_saysSoInTime() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      URI target = URI.create("https://127.0.0.1:" + silent.getLocalPort() + "/hook");
      Scheme github = Schemes.named("github");

      List<Finding> findings =
          HostileRequests.against(target, github, "s3cret-of-this-test")
              .timeout(Duration.ofMillis(200))
              .run();

      assertThat(findings).singleElement().asString().contains("no answer in time");
      Socket caller = silent.accept();
      caller.setSoTimeout(10_000);
      caller.getInputStream().readAllBytes(); // ends, since the caller has closed
      caller.close();
    }
  }

  @Test
  void against_whatIsNoReceiver_isRefused() {
    Scheme github = Schemes.named("github");
    assertThatThrownBy(() -> HostileRequests.against(URI.create("file:///x"), github, "s"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("target");
    HostileRequests nobody =
        HostileRequests.against(URI.create("http://127.0.0.1:1/hook"), github, "own-secret");
    assertThatThrownBy(nobody::run).isInstanceOf(UncheckedIOException.class);
  }

  private URI serve(Scheme scheme, String secret, UnaryOperator<WebhookHandler.Builder> options)
      throws Exception {
    WebhookVerifier verifier =
        WebhookVerifier.builder(scheme)
            .secrets(SecretSource.of(Secret.of("own", secret)))
            .clock(clock)
            .build();
    WebhookHandler.Builder handler =
        WebhookHandler.builder(verifier)
            .claims(Claims.inMemory(1_000, Duration.ofDays(8), clock))
            .failureLimiter(
                RateLimiter.inMemory(RateLimiter.Rate.perSecond(10_000, 10_000), 10, clock))
            .clock(clock);
    Router router = Router.router(vertx);
    router
        .route("/hook")
        .handler(options.apply(handler).build())
        .handler(ctx -> ctx.response().setStatusCode(204).end());
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    return URI.create("http://127.0.0.1:" + server.actualPort() + "/hook");
  }
}
