package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveringTest {
  @TempDir Path folder;
  private final Target target = Target.start();

  @AfterEach
  void close() {
    target.close();
  }

  private String deliver(String more) {
    return Fixture.yaml("deliver:\n  to: " + target.url() + "\n" + more.indent(2));
  }

  private Fixture start(String more) {
    return Fixture.start(folder, deliver(more));
  }

  private static String onlyId(Fixture it) {
    return it.deliveries().get(0).getString("id");
  }

  @Test
  void delivery_toItsDestination_carriesWhatTheContractSays() throws Exception {
    try (Fixture it = start("")) {
      byte[] body = "{\"type\":\"a\"}".getBytes(StandardCharsets.UTF_8);
      it.exchange(
          it.request("/hooks/hook", it.signed("msg_1", Fixture.NOW, body))
              .header("Authorization", "Bearer sender")
              .header("Cookie", "a=b")
              .header("X-Hub-Signature-256", "sha256=00")
              .header("X-Gitlab-Token", "t")
              .header("X-Forwarded-For", "1.2.3.4")
              .header("Gatehouse-Delivery", "spoofed")
              .header("Gatehouse-Anything", "spoofed")
              .header("X-Event", "push")
              .POST(BodyPublishers.ofByteArray(body)));
      Target.Got got = target.next();
      String id = onlyId(it);

      assertThat(got.uri()).isEqualTo("/in?x=1");
      assertThat(got.body()).isEqualTo(body);
      MultiMap headers = got.headers();
      assertThat(headers.getAll("Gatehouse-Delivery")).containsExactly(id);
      assertThat(headers.get("Gatehouse-Source")).isEqualTo("hook");
      assertThat(headers.get("Gatehouse-Attempt")).isEqualTo("1");
      assertThat(headers.get("Content-Type")).isEqualTo("application/json");
      assertThat(headers.get("X-Event")).isEqualTo("push");
      assertThat(headers.names())
          .extracting(String::toLowerCase)
          .doesNotContain(
              "authorization",
              "cookie",
              "webhook-signature",
              "x-hub-signature-256",
              "x-gitlab-token",
              "x-forwarded-for",
              "gatehouse-anything");
      it.awaitState(id, "delivered");
    }
  }

  @Test
  void delivery_signedAnew_verifiesWithItsIdAndANewTime() throws Exception {
    String sign =
        "sign: { scheme: standard-webhooks, secret: \"" + Fixture.FORWARD_SECRET + "\" }\n";
    try (Fixture it = start(sign + "retry: { firstDelay: 1ms, maxDelay: 1ms }")) {
      target.then(500);
      it.send("msg_1", "{\"a\":1}");
      String first = target.next().headers().get("webhook-id");
      Target.Got again = target.next();
      WebhookVerifier verifier =
          WebhookVerifier.builder(Schemes.named("standard-webhooks"))
              .secrets(SecretSource.of(Secret.of("f", Fixture.FORWARD_SECRET)))
              .clock(it.clock)
              .build();
      Verification verdict =
          verifier.verify(WebhookRequest.of("POST", "", Headers.of(again.headers()), again.body()));

      assertThat(verdict).isInstanceOf(Verification.Verified.class);
      assertThat(first).isEqualTo(onlyId(it));
    }
  }

  @Test
  void attempts_thatFail_areRepeatedUntilDelivered() throws Exception {
    target.then(500, 302, 404);
    try (Fixture it = start("retry: { attempts: 5, firstDelay: 1ms, maxDelay: 2ms }")) {
      it.send("m", "{}");
      for (int attempt = 1; attempt <= 4; attempt++) {
        assertThat(target.next().headers().get("Gatehouse-Attempt"))
            .isEqualTo(Integer.toString(attempt));
      }
      JsonObject delivered = it.awaitState(onlyId(it), "delivered");

      assertThat(delivered.getInteger("attempts")).isEqualTo(4);
      assertThat(delivered.getInteger("lastStatus")).isEqualTo(200);
    }
  }

  @Test
  void attempts_allSpent_makeADeadLetterThatCanBeReplayed() throws Exception {
    target.then(500, 500);
    try (Fixture it = start("retry: { attempts: 2, firstDelay: 1ms, maxDelay: 1ms }")) {
      it.send("m", "{}");
      target.next();
      String id = target.next().headers().get("Gatehouse-Delivery");
      JsonObject dead = it.awaitState(id, "dead");
      assertThat(dead.getInteger("lastStatus")).isEqualTo(500);
      assertThat(dead.getString("lastError")).isEqualTo("the destination answered 500");

      it.clock.advance(Duration.ofHours(1));
      var replayed =
          it.exchange(it.manage("/api/deliveries/" + id + "/replay").POST(BodyPublishers.noBody()));
      Target.Got got = target.next();

      assertThat(replayed.statusCode()).isEqualTo(202);
      assertThat(got.headers().get("Gatehouse-Delivery")).isEqualTo(id);
      assertThat(got.headers().get("Gatehouse-Attempt")).isEqualTo("1");
      assertThat(it.awaitState(id, "delivered").getString("receivedAt"))
          .isEqualTo(Fixture.NOW.toString());
    }
  }

  @Test
  void destination_thatIsGone_endsTheDelivery() throws Exception {
    target.then(410);
    try (Fixture it = start("")) {
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");

      assertThat(it.awaitState(id, "dead").getInteger("attempts")).isEqualTo(1);
    }
  }

  @Test
  void retryAfter_inSecondsAndAsADate_isHonoured() throws Exception {
    target.then(r -> r.response().setStatusCode(503).putHeader("Retry-After", "120").end());
    target.then(
        r ->
            r.response()
                .setStatusCode(429)
                .putHeader("Retry-After", "Tue, 24 Nov 2026 12:00:00 GMT")
                .end());
    target.then(r -> r.response().setStatusCode(503).putHeader("Retry-After", "999999").end());
    try (Fixture it = start("retry: { firstDelay: 1ms, maxDelay: 6h }")) {
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");
      assertNext(it, id, 1, Fixture.NOW.plusSeconds(120));

      it.clock.advance(Duration.ofSeconds(120));
      it.send("wake", "{}");
      awaitAttempt(id, 2);
      assertNext(it, id, 2, Instant.parse("2026-11-24T12:00:00Z"));
    }
  }

  @Test
  void retryAfter_pastTheLongestDelay_isCapped() throws Exception {
    target.then(r -> r.response().setStatusCode(503).putHeader("Retry-After", "999999").end());
    try (Fixture it = start("retry: { firstDelay: 1ms, maxDelay: 10m }")) {
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");

      assertNext(it, id, 1, Fixture.NOW.plusSeconds(600));
    }
  }

  private void awaitAttempt(String id, int attempt) throws Exception {
    Target.Got got = target.next();
    while (!(got.headers().get("Gatehouse-Delivery").equals(id)
        && got.headers().get("Gatehouse-Attempt").equals(Integer.toString(attempt)))) {
      got = target.next();
    }
  }

  private static void assertNext(Fixture it, String id, int attempts, Instant at) {
    JsonObject delivery = it.awaitState(id, "retrying");
    while (delivery.getInteger("attempts") < attempts
        || !delivery.getString("state").equals("retrying")) {
      delivery = it.delivery(id);
    }
    assertThat(delivery.getString("nextAttemptAt")).isEqualTo(at.toString());
  }

  @Test
  void destination_thatIsSlow_isGivenUpAndTriedAgain() throws Exception {
    target.then(request -> {});
    // each attempt must arrive in that time, and the second be answered in it
    try (Fixture it = start("timeout: 5s\nretry: { firstDelay: 1ms, maxDelay: 1ms }")) {
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");
      target.next();
      JsonObject delivered = it.awaitState(id, "delivered");

      assertThat(delivered.getInteger("attempts")).isEqualTo(2);
    }
  }

  @Test
  void destination_thatTakesNoConnection_isTriedUntilGivenUp() {
    target.close();
    try (Fixture it = start("retry: { attempts: 3, firstDelay: 1ms, maxDelay: 1ms }")) {
      it.send("m", "{}");
      JsonObject dead = it.awaitState(onlyId(it), "dead");

      assertThat(dead.getInteger("attempts")).isEqualTo(3);
      assertThat(dead.getString("lastError")).isEqualTo("the destination takes no connection");
      assertThat(dead.getInteger("lastStatus")).isNull();
    }
  }

  @Test
  void answer_thatIsEndless_isCutOffAndStillCounts() throws Exception {
    target.then(
        request -> {
          request.response().setChunked(true);
          for (int i = 0; i < 100; i++) {
            request.response().write("x".repeat(10_000));
          }
        });
    try (Fixture it = start("")) {
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");
      it.awaitState(id, "delivered");
    }
  }

  @Test
  void delivery_waitingWhenStopped_isTriedAgainAfterTheStart() throws Exception {
    target.then(r -> r.response().setStatusCode(503).putHeader("Retry-After", "60").end());
    try (Fixture it = start("")) {
      it.send("m", "{}");
      String id = target.next().headers().get("Gatehouse-Delivery");
      it.awaitState(id, "retrying");
      it.clock.advance(Duration.ofSeconds(60));
      it.restart();

      assertThat(target.next().headers().get("Gatehouse-Attempt")).isEqualTo("2");
      it.awaitState(id, "delivered");
    }
  }

  @Test
  void destination_busy_getsNoMoreThanItsConcurrency() throws Exception {
    AtomicReference<io.vertx.core.http.HttpServerRequest> held = new AtomicReference<>();
    target.then(held::set);
    try (Fixture it = start("concurrency: 1")) {
      it.send("m1", "{}");
      target.next();
      it.send("m2", "{}");
      it.send("m3", "{}");
      assertThat(it.ask("/api/deliveries?state=received").getJsonArray("deliveries")).hasSize(2);
      assertThat(target.waiting()).isZero();

      held.get().response().end();
      target.next();
      target.next();
    }
  }

  @Test
  void observed_whenForwarded_saysSo() throws Exception {
    String yaml = deliver("").replace("    owner: me\n", "    owner: me\n    mode: observe\n");
    try (Fixture it = Fixture.start(folder, yaml)) {
      it.sendAt("m", "{}", Fixture.NOW.minusSeconds(3600));

      assertThat(target.next().headers().get("Gatehouse-Verdict"))
          .isEqualTo("observed; reason=too_old");
    }
  }

  @Test
  void name_leadingToAPrivateAddress_isRefused() throws Exception {
    String yaml = deliver("retry: { attempts: 1 }").replace("127.0.0.1:", "inside.example:");
    Destination.Resolver inside =
        name -> Future.succeededFuture(List.of(InetAddress.getLoopbackAddress()));
    try (Fixture it = Fixture.start(folder, yaml, builder -> builder.resolver(inside))) {
      it.send("m", "{}");

      assertThat(it.awaitState(onlyId(it), "dead").getString("lastError"))
          .contains("leads to a private address: set deliver.allowPrivate");
      assertThat(target.waiting()).isZero();
    }
  }

  @Test
  void name_leadingToAPrivateAddressWhereAllowed_keepsItsHostHeader() throws Exception {
    String yaml = deliver("allowPrivate: true").replace("127.0.0.1:", "inside.example:");
    Destination.Resolver inside =
        name -> Future.succeededFuture(List.of(InetAddress.getLoopbackAddress()));
    try (Fixture it = Fixture.start(folder, yaml, builder -> builder.resolver(inside))) {
      it.send("m", "{}");

      assertThat(target.next().headers().get("Host")).isEqualTo("inside.example:" + target.port());
    }
  }
}
