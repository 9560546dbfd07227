package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.FailureMode;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.RawClient.Answer;
import dev.gatehouse.webhook.WebhookObserver.Outcome;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WebhookHandlerTest {
  private static final KillSwitch.Kind SOURCE = KillSwitch.Kind.SOURCE;

  @Test
  void post_signed_reachesTheNextHandlerWithItsBytes() throws Exception {
    AtomicReference<String> seen = new AtomicReference<>("");
    try (Hook hook =
        Hook.open(
            o -> o,
            ctx -> {
              seen.set(VerifiedWebhook.of(ctx).body().toString());
              ctx.response().setStatusCode(204).end();
            })) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      assertThat(seen.get()).isEqualTo(Hook.BODY);
      assertThat(hook.nextEnded().outcome()).isEqualTo(Outcome.ACCEPTED);
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  @Test
  void post_anyFailedVerification_getsOneAndTheSameAnswer() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      String old = Hook.head("d1", Hook.BODY, Hook.NOW.minusSeconds(301));
      String young = Hook.head("d1", Hook.BODY, Hook.NOW.plusSeconds(301));
      String framing = "Content-Length: " + Hook.BODY.length() + "\r\n\r\n" + Hook.BODY;
      String unknownVersion = Hook.signed("d1").replace(": v1,", ": v7,");
      List<Answer> answers =
          List.of(
              hook.send(Hook.tampered("d1")),
              hook.send(old + framing),
              hook.send(young + framing),
              hook.send(unknownVersion));

      assertThat(answers.stream().map(Answer::head).distinct()).hasSize(1);
      assertThat(answers.get(0).status()).isEqualTo(401);
      assertThat(answers.get(0).body()).isEmpty();
      assertThat(answers.get(0).header("Cache-Control")).isEqualTo("no-store");
      assertThat(hook.audited(AuditEvent.Outcome.DENIED))
          .containsExactly("signature_mismatch", "too_old", "too_new", "unknown_signature_version");
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void post_missingSignature_is400() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      String request = "POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";

      assertThat(hook.send(request).status()).isEqualTo(400);
      assertThat(hook.audited(AuditEvent.Outcome.DENIED)).containsExactly("missing_signature");
    }
  }

  @Test
  void post_reasonsTold_carriesTheCode() throws Exception {
    try (Hook hook = Hook.open(o -> o.tellReasons(true))) {
      Answer answer = hook.send(Hook.tampered("d1"));

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json");
      assertThat(answer.body()).isEqualTo("{\"error\":\"signature_mismatch\"}");
    }
  }

  @Test
  void url_askedForOnceTheRequestWentElsewhere_isTheOneThatTheSenderCalled() throws Exception {
    BlockingQueue<String> urls = new LinkedBlockingQueue<>();
    Handler<RoutingContext> elsewhere =
        ctx -> {
          VerifiedWebhook webhook = VerifiedWebhook.of(ctx);
          ctx.reroute("/elsewhere?b=2");
          urls.add(webhook.url());
        };
    try (Hook hook = Hook.open(o -> o, elsewhere)) {
      hook.send(Hook.signed("d1").replace("POST /hook", "POST /hook?a=1"));

      assertThat(urls.poll(10, TimeUnit.SECONDS)).startsWith("http://").endsWith("/hook?a=1");
    }
  }

  @Test
  void request_otherMethod_is405WithAllow() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      Answer answer = hook.send("DELETE /hook HTTP/1.1\r\nHost: localhost\r\n\r\n");

      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("Allow")).isEqualTo("POST");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"
      })
  void post_compressedForTransfer_is415(String coding) throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      String head = Hook.signed("d1").replaceFirst("Content-Length: \\d+", coding);

      assertThat(hook.send(head.substring(0, head.indexOf("\r\n\r\n") + 4) + "0\r\n\r\n").status())
          .isEqualTo(415);
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void post_compressed_is415() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      String request =
          Hook.signed("d1").replace("Content-Length", "Content-Encoding: gzip\r\nContent-Length");

      assertThat(hook.send(request).status()).isEqualTo(415);
      assertThat(hook.audited(AuditEvent.Outcome.DENIED))
          .containsExactly("unsupported_content_encoding");
    }
  }

  @Test
  void post_failuresSpent_is429ForWhatFailsAndPassesForWhatVerifies() throws Exception {
    RateLimiter two = RateLimiter.inMemory(RateLimiter.Rate.perMinute(2), 100, Hook.CLOCK);
    try (Hook hook = Hook.open(o -> o.failureLimiter(two))) {
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(401);
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(401);
      Answer limited = hook.send(Hook.tampered("d1"));

      assertThat(limited.status()).isEqualTo(429);
      assertThat(limited.header("Retry-After")).isEqualTo("30");
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
    }
  }

  @Test
  void post_failuresFromOneNetworkOfIpv6_spendOneBudget() throws Exception {
    RateLimiter two = RateLimiter.inMemory(RateLimiter.Rate.perMinute(2), 100, Hook.CLOCK);
    AtomicInteger host = new AtomicInteger();
    try (Hook hook =
        Hook.open(
            o ->
                o.failureLimiter(two)
                    .clientAddress(request -> "2001:db8:0:1::" + host.incrementAndGet()))) {
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(401);
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(401);
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(429);
    }
  }

  @Test
  void post_verifiedSpent_is429AndClaimsNothing() throws Exception {
    RateLimiter one = RateLimiter.inMemory(RateLimiter.Rate.perMinute(1), 100, Hook.CLOCK);
    try (Hook hook = Hook.open(o -> o.verifiedLimiter(one))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      Answer limited = hook.send(Hook.signed("d2"));

      assertThat(limited.status()).isEqualTo(429);
      assertThat(limited.header("Retry-After")).isEqualTo("60");
      assertThat(hook.runs).hasValue(1);
    }
  }

  @Test
  void post_limiterBrokenClosed_is503() throws Exception {
    RateLimiter broken = (key, tokens) -> Future.failedFuture("down");
    try (Hook hook = Hook.open(o -> o.verifiedLimiter(broken).failureLimiter(broken))) {
      Answer answer = hook.send(Hook.signed("d1"));

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("Retry-After")).isNotEmpty();
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(401);
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("limiter_unreachable");
    }
  }

  @Test
  void post_limiterThrowsOrGivesNull_isOneThatIsDown() throws Exception {
    RateLimiter throwing =
        (key, tokens) -> {
          throw new IllegalStateException("closed");
        };
    for (RateLimiter odd :
        List.<RateLimiter>of(
            throwing, (key, tokens) -> null, (key, tokens) -> Future.succeededFuture())) {
      try (Hook hook =
          Hook.open(
              o -> o.verifiedLimiter(odd).failureLimiter(odd).failureMode(FailureMode.OPEN))) {
        assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
        assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(401);
        assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("limiter_unreachable");
      }
    }
  }

  @Test
  void post_limiterSilent_isAnsweredAllTheSame() throws Exception {
    RateLimiter silent = (key, tokens) -> Promise.<Permit>promise().future();
    try (Hook hook =
        Hook.open(
            o ->
                o.failureLimiter(silent)
                    .verifiedLimiter(silent)
                    .inFlightWait(Duration.ofMillis(50)))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(503);
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(401);
    }
  }

  @Test
  void post_addressFunctionThrows_isAnswered503() throws Exception {
    try (Hook hook =
        Hook.open(
            o ->
                o.clientAddress(
                    request -> {
                      throw new IllegalStateException("no address");
                    }))) {
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(503);
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("verifier_failed");

      String tooLong = Hook.head("d1", Hook.BODY) + "Content-Length: 99999999\r\n\r\n";
      assertThat(hook.send(tooLong).status()).isEqualTo(503);
    }
  }

  @Test
  void post_addressFunctionEndsInAnError_isAnswered503() throws Exception {
    try (Hook hook =
        Hook.open(
            o ->
                o.clientAddress(
                    request -> {
                      throw new NoClassDefFoundError("of an address");
                    }))) {
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(503);
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("verifier_failed");
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  @Test
  void post_auditSinkBroken_isAnsweredAllTheSame() throws Exception {
    AuditSink broken =
        new AuditSink() {
          @Override
          public void record(AuditEvent event) {
            throw new NoClassDefFoundError("of a sink");
          }

          @Override
          public boolean records(AuditEvent.Outcome outcome) {
            throw new IllegalStateException("not yet open");
          }
        };
    try (Hook hook = Hook.open(o -> o.auditSink(broken))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      assertThat(hook.send(Hook.tampered("d2")).status()).isEqualTo(401);
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  @Test
  void observerAndEvidence_endingInAnError_changeNoAnswer() throws Exception {
    AtomicInteger others = new AtomicInteger();
    try (Hook hook =
        Hook.open(
            o ->
                o.observer(
                        ended -> {
                          throw new NoClassDefFoundError("of an observer");
                        })
                    .evidence(
                        refused -> {
                          throw new NoClassDefFoundError("of the evidence");
                        }))) {
      hook.before.set(
          ctx -> {
            ctx.addBodyEndHandler(end -> others.incrementAndGet());
            ctx.next();
          });

      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      assertThat(hook.send(Hook.tampered("d2")).status()).isEqualTo(401);
      assertThat(hook.send(Hook.signed("d1")).header("Gatehouse-Duplicate")).isEqualTo("true");
      assertThat(others.get()).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void evidence_whileTheLimiterIsAsked_countsAsABodyInFlight() throws Exception {
    BlockingQueue<Promise<Permit>> asked = new LinkedBlockingQueue<>();
    BlockingQueue<String> kept = new LinkedBlockingQueue<>();
    RateLimiter slow =
        (key, tokens) -> {
          Promise<Permit> permit = Promise.promise();
          asked.add(permit);
          return permit.future();
        };
    try (Hook hook =
            Hook.open(
                o -> o.failureLimiter(slow).evidence(each -> kept.add(each.body().toString())));
        RawClient client = hook.connect()) {
      client.send(Hook.tampered("d1"));
      Promise<Permit> permit = asked.poll(20, TimeUnit.SECONDS);

      assertThat(permit).isNotNull();
      assertThat(hook.budget.inFlight()).isEqualTo(Hook.BODY.length());
      permit.complete(new Permit(true, 1, Duration.ZERO));
      assertThat(client.read().status()).isEqualTo(401);
      assertThat(kept).containsExactly(Hook.BODY.replace("order.paid", "order.free"));
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  @Test
  void post_sourceSwitchedOff_is503UntilItIsOnAgain() throws Exception {
    KillSwitch kill = KillSwitch.create(Hook.CLOCK);
    try (Hook hook = Hook.open(o -> o.killSwitch(kill))) {
      kill.engage(SOURCE, "shop", "incident 7");
      Answer stopped = hook.send(Hook.signed("d1"));

      assertThat(stopped.status()).isEqualTo(503);
      assertThat(stopped.header("Retry-After")).isEqualTo("60");
      kill.release(SOURCE, "shop");
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
    }
  }

  @Test
  void post_keySwitchedOff_isTheUniform401() throws Exception {
    KillSwitch kill = KillSwitch.create(Hook.CLOCK);
    try (Hook hook = Hook.open(o -> o.killSwitch(kill))) {
      Answer mismatch = hook.send(Hook.tampered("d1"));
      kill.engage(KillSwitch.Kind.KEY, "shop/k1", "leaked");

      assertThat(hook.send(Hook.signed("d1")).head()).isEqualTo(mismatch.head());
      assertThat(hook.audited(AuditEvent.Outcome.DENIED)).contains("unknown_key");
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void post_refusedWhileObserved_passesUnverifiedOnlyByItsName() throws Exception {
    AtomicReference<String> seen = new AtomicReference<>("");
    try (Hook hook =
        Hook.open(
            o -> o.mode(Mode.OBSERVE),
            ctx -> {
              seen.set(UnverifiedWebhook.of(ctx).map(w -> w + " " + w.body()).orElse("verified"));
              assertThatThrownBy(() -> VerifiedWebhook.of(ctx))
                  .isInstanceOf(IllegalStateException.class);
              ctx.response().setStatusCode(204).end();
            })) {
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(204);
      assertThat(seen.get())
          .isEqualTo(
              "UnverifiedWebhook[shop, signature_mismatch, 21 bytes] {\"type\":\"order.free\"}");
      assertThat(hook.audit.events().get(0).details().get("mode").text()).isEqualTo("observe");

      String unsigned = "POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
      assertThat(hook.send(unsigned).status()).isEqualTo(204);
      assertThat(seen.get()).isEqualTo("UnverifiedWebhook[shop, missing_signature, 2 bytes] {}");
    }
  }

  @Test
  void post_refusedWhileObserved_isNotClaimed() throws Exception {
    try (Hook hook = Hook.open(o -> o.mode(Mode.OBSERVE))) {
      hook.send(Hook.tampered("d1"));
      hook.send(Hook.tampered("d1"));
      assertThat(hook.runs).hasValue(2);

      hook.send(Hook.signed("d1"));
      assertThat(hook.send(Hook.signed("d1")).header("Gatehouse-Duplicate")).isEqualTo("true");
      assertThat(hook.runs).hasValue(3);
    }
  }

  @Test
  void handshake_unsigned_isAnsweredAndHasABudget() throws Exception {
    RateLimiter one = RateLimiter.inMemory(RateLimiter.Rate.perMinute(1), 100, Hook.CLOCK);
    try (Hook hook = Hook.open("meta", Map.of("verify_token", "tok"), o -> o.failureLimiter(one))) {
      String get = get("/hook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=tok");
      Answer answer = hook.send(get);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("1158201444");
      assertThat(answer.header("Content-Type")).startsWith("text/plain");
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(hook.send(get).status()).isEqualTo(429);
      assertThat(hook.send(get.replace("=tok", "=kot")).status()).isEqualTo(401);
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void multipart_anyContent_arrivesUntouched() throws Exception {
    String body =
        String.join(
            "\r\n",
            "--x",
            "Content-Disposition: form-data; name=\"f\"; filename=\"f\"",
            "",
            "abc",
            "--x--",
            "");
    AtomicReference<String> seen = new AtomicReference<>("");
    try (Hook hook =
        Hook.open(
            o -> o,
            ctx -> {
              seen.set(VerifiedWebhook.of(ctx).body().toString());
              ctx.response().setStatusCode(ctx.fileUploads().isEmpty() ? 204 : 500).end();
            })) {
      String request =
          Hook.head("d1", body)
              + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;

      assertThat(hook.send(request).status()).isEqualTo(204);
      assertThat(seen.get()).isEqualTo(body);
    }
  }

  @Test
  void route_bodyHandlerBefore_fails500WithTheRemedy() throws Exception {
    Vertx vertx = Vertx.vertx();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try {
      Router router = Router.router(vertx);
      router
          .post("/hook")
          .handler(BodyHandler.create())
          .handler(WebhookHandler.create(verifier(), Claims.inMemory(10)))
          .failureHandler(
              ctx -> {
                failure.set(ctx.failure());
                ctx.next();
              });
      int port =
          Hook.await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"))
              .actualPort();
      try (RawClient client = RawClient.connect(port)) {
        assertThat(client.send(Hook.signed("d1")).read().status()).isEqualTo(500);
      }
      assertThat(failure.get())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("instead of a BodyHandler");
    } finally {
      Hook.await(vertx.close());
    }
  }

  @Test
  void audit_anyRequest_holdsNothingOfSignatureOrBody() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      hook.send(Hook.signed("d1"));
      hook.send(Hook.tampered("d1"));

      for (AuditEvent event : hook.audit.events()) {
        String all = event + " " + event.details();
        assertThat(all).doesNotContain("v1,").doesNotContain("order").doesNotContain("whsec_");
      }
    }
  }

  @Test
  void build_claimsMissingOrBoth_isRefusedWithTheRemedy() {
    assertThatThrownBy(() -> WebhookHandler.builder(verifier()).build())
        .hasMessageContaining("claims")
        .hasMessageContaining("dangerouslySkipClaims");
    assertThatThrownBy(
            () ->
                WebhookHandler.builder(verifier())
                    .claims(Claims.inMemory(10))
                    .dangerouslySkipClaims()
                    .build())
        .hasMessageContaining("exclude each other");
  }

  @Test
  void build_claimsForgetTooSoon_isRefused() {
    Claims short1 = Claims.inMemory(10, Duration.ofMinutes(9), Hook.CLOCK);

    assertThatThrownBy(() -> WebhookHandler.create(verifier(), short1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("retention")
        .hasMessageContaining("PT9M");
  }

  @Test
  void build_leaseNotLongerThanHandlerTimeout_isRefused() {
    assertThatThrownBy(
            () ->
                WebhookHandler.builder(verifier())
                    .claims(Claims.inMemory(10))
                    .handlerTimeout(Duration.ofSeconds(30))
                    .lease(Duration.ofSeconds(30))
                    .build())
        .hasMessageContaining("lease");
  }

  @Test
  void build_credentialHeaderRemembered_isRefused() {
    for (String header : List.of("Set-Cookie", "authorization", "WWW-Authenticate")) {
      assertThatThrownBy(
              () ->
                  WebhookHandler.builder(verifier())
                      .claims(Claims.inMemory(10))
                      .rememberedHeaders(Set.of(header))
                      .build())
          .hasMessageContaining(header);
    }
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  private static WebhookVerifier verifier() {
    return WebhookVerifier.builder(Schemes.named("standard-webhooks"))
        .source("shop")
        .secrets(SecretSource.of(Secret.of("k1", Hook.SECRET)))
        .build();
  }
}
