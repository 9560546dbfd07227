package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gatehouse.core.AuditEvent;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementTest {
  private static final String TOKEN = "operators-only-3f9a";
  private static final String KEY = "q83vEjRWeJq83vESNFZ4kKvN7xI0Vniau83vEjRWeJo=";

  @TempDir Path folder;

  private Fixture start(String source) {
    return Fixture.start(folder, Fixture.yaml(source));
  }

  private Fixture startWithToken() {
    String yaml =
        Fixture.yaml("")
            .replace("management: { port: 0 }", "management: { port: 0, token: " + TOKEN + " }");
    return Fixture.start(folder, yaml);
  }

  @Test
  void health_ofARunningReceiver_isGood() {
    try (Fixture it = start("")) {
      assertThat(it.ask("/health/live").getString("status")).isEqualTo("alive");
      assertThat(it.ask("/health/ready").getString("status")).isEqualTo("ready");
    }
  }

  @Test
  void metrics_afterSomeRequests_countThemByOutcome() {
    try (Fixture it = start("")) {
      it.send("m1", "{}");
      it.send("m1", "{}");
      it.sendAt("m2", "{}", Fixture.NOW.minusSeconds(3600));
      String rejected =
          "gatehouse_webhooks_total{outcome=\"rejected\",reason=\"too_old\",source=\"hook\"} 1.0";
      // what is rejected is counted when its answer has been written
      Awaited.until(
          "the rejection is counted",
          () -> it.exchange(it.manage("/metrics")).body().contains(rejected));
      String metrics = it.exchange(it.manage("/metrics")).body();

      assertThat(metrics)
          .contains(
              "gatehouse_webhooks_total{outcome=\"stored\",reason=\"ok\",source=\"hook\"} 1.0")
          .contains(
              "gatehouse_webhooks_total{outcome=\"duplicate\",reason=\"ok\",source=\"hook\"} 1.0")
          .contains(rejected)
          .contains("gatehouse_config_reload_failures_total 0.0")
          .contains("gatehouse_inbox_commits_total");
    }
  }

  @Test
  void metrics_beforeTheFirstAttempt_countItsOutcomesFromNothing() {
    try (Fixture it = start("deliver: { to: \"http://127.0.0.1:1/\" }")) {
      String metrics = it.exchange(it.manage("/metrics")).body();

      for (String outcome : List.of("delivered", "retry", "dead")) {
        assertThat(metrics)
            .contains(
                "gatehouse_delivery_attempts_total{outcome=\""
                    + outcome
                    + "\",source=\"hook\"} 0.0");
      }
    }
  }

  @Test
  void deliveries_listedByPages_areComplete() {
    try (Fixture it = start("")) {
      for (int i = 0; i < 5; i++) {
        it.send("m" + i, "{}");
      }
      JsonObject first = it.ask("/api/deliveries?limit=3&source=hook&state=received");
      JsonObject second = it.ask("/api/deliveries?limit=3&after=" + first.getString("next"));

      assertThat(first.getJsonArray("deliveries")).hasSize(3);
      assertThat(second.getJsonArray("deliveries")).hasSize(2);
      assertThat(second.getString("next")).isNull();
      assertThat(it.ask("/api/deliveries?source=other").getJsonArray("deliveries")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=-1",
        "state=lost",
        "after=1",
        "after=dlv_x",
        "sort=up",
        "limit=1&limit=2",
        "source=a&source=b",
        "source=a%00"
      })
  void deliveries_askedForWrongly_are400WithAnError(String query) {
    try (Fixture it = start("")) {
      HttpResponse<String> answer = it.exchange(it.manage("/api/deliveries?" + query));

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(new JsonObject(answer.body()).getString("error")).isNotBlank();
    }
  }

  @Test
  void delivery_shown_hidesItsBodyUnlessAsked() {
    try (Fixture it = start("")) {
      it.send("m", "{\"secret\":1}");
      String id = it.deliveries().get(0).getString("id");
      JsonObject plain = it.delivery(id);
      JsonObject whole = it.delivery(id + "?body=true");

      assertThat(plain.encode()).doesNotContain("body", "headers");
      assertThat(Base64.getDecoder().decode(whole.getString("bodyBase64")))
          .asString(StandardCharsets.UTF_8)
          .isEqualTo("{\"secret\":1}");
      assertThat(whole.getJsonObject("headers").encode()).doesNotContain("signature");
      assertThat(it.audit.events()).anySatisfy(e -> assertThat(e.action()).isEqualTo("read"));
    }
  }

  @Test
  void delivery_whoseContentDoesNotOpen_is409WithWhatToDo() throws Exception {
    String yaml =
        Fixture.yaml("")
            .replace(
                "inbox.db }", "inbox.db, encryption: { keys: [{ id: a, value: " + KEY + " }] } }");
    try (Fixture it = Fixture.start(folder, yaml)) {
      it.send("m", "{\"private\":1}");
      String id = it.deliveries().get(0).getString("id");
      String path = "/api/deliveries/" + id + "?body=true";
      tamper("UPDATE deliveries SET body = zeroblob(length(body))");
      HttpResponse<String> changed = it.exchange(it.manage(path));
      tamper("UPDATE deliveries SET sealed_with = 'b'");
      HttpResponse<String> keyless = it.exchange(it.manage(path));

      assertThat(changed.statusCode()).isEqualTo(409);
      assertThat(new JsonObject(changed.body()).getString("error"))
          .contains(id, "does not open", "look for it in a backup");
      assertThat(changed.headers().firstValue("Retry-After")).isEmpty();
      assertThat(keyless.statusCode()).isEqualTo(409);
      assertThat(new JsonObject(keyless.body()).getString("error"))
          .contains("sealed with key 'b'", "not under store.encryption.keys: add it");
      assertThat(changed.body() + keyless.body()).doesNotContain("private", KEY);
      assertThat(it.audit.events())
          .filteredOn(e -> e.action().equals("read"))
          .extracting(AuditEvent::outcome, AuditEvent::code)
          .containsExactly(
              tuple(AuditEvent.Outcome.BROKEN, "content_changed"),
              tuple(AuditEvent.Outcome.BROKEN, "key_missing"));
      assertThat(it.delivery(id).getString("state")).isEqualTo("received");
    }
  }

  private void tamper(String sql) throws Exception {
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/inbox.db"));
        var statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  @Test
  void delivery_unknown_is404AndNonsense400() {
    try (Fixture it = start("")) {
      assertThat(it.exchange(it.manage("/api/deliveries/dlv_0000000000001")).statusCode())
          .isEqualTo(404);
      assertThat(it.exchange(it.manage("/api/deliveries/7")).statusCode()).isEqualTo(400);
      assertThat(it.exchange(it.manage("/api/nothing")).statusCode()).isEqualTo(404);
      assertThat(it.exchange(it.manage("/api/deliveries").DELETE()).statusCode()).isEqualTo(405);
    }
  }

  @Test
  void replay_whereNothingIsDelivered_is409() {
    try (Fixture it = start("")) {
      it.send("m", "{}");
      String id = it.deliveries().get(0).getString("id");
      HttpResponse<String> answer =
          it.exchange(it.manage("/api/deliveries/" + id + "/replay").POST(BodyPublishers.noBody()));

      assertThat(answer.statusCode()).isEqualTo(409);
      assertThat(answer.body()).contains("configure deliver first");
    }
  }

  @Test
  void replay_whileAnAttemptIsUnderWay_is409() throws Exception {
    Promise<Void> answered = Promise.promise();
    try (Target target =
            Target.start().then(request -> answered.future().onComplete(v -> end(request)));
        Fixture it = start("deliver: { to: '" + target.url() + "' }")) {
      it.send("m", "{}");
      String id = it.deliveries().get(0).getString("id");
      target.next();

      HttpResponse<String> refused = replay(it, id);
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("an attempt is under way");
      answered.complete();
      it.awaitState(id, "delivered");
      assertThat(replay(it, id).statusCode()).isEqualTo(202);
    }
  }

  private static void end(HttpServerRequest request) {
    request.response().setStatusCode(200).end();
  }

  private static HttpResponse<String> replay(Fixture it, String id) {
    return it.exchange(
        it.manage("/api/deliveries/" + id + "/replay").POST(BodyPublishers.noBody()));
  }

  @Test
  void sources_shown_holdNoSecret() {
    try (Fixture it = start("classification: internal\ntenant: acme")) {
      it.send("m", "{}");
      JsonObject all = it.ask("/api/sources");
      JsonObject hook = all.getJsonArray("sources").getJsonObject(0);

      assertThat(all.encode()).doesNotContain(Fixture.SECRET.substring(6));
      assertThat(hook.getString("name")).isEqualTo("hook");
      assertThat(hook.getString("scheme")).isEqualTo("standard-webhooks");
      assertThat(hook.getString("owner")).isEqualTo("me");
      assertThat(hook.getString("tenant")).isEqualTo("acme");
      assertThat(hook.getJsonObject("counters").getLong("stored")).isEqualTo(1);
      JsonObject key = hook.getJsonArray("keys").getJsonObject(0);
      assertThat(key.getString("id")).isEqualTo("k1");
      assertThat(key.getString("lastUsed")).isEqualTo(Fixture.NOW.toString());
    }
  }

  @Test
  void killSwitch_engagedAndReleased_stopsTheSourceMeanwhile() {
    try (Fixture it = start("")) {
      HttpResponse<String> engaged =
          it.exchange(
              it.manage("/api/kill-switches/source/hook")
                  .PUT(BodyPublishers.ofString("{\"reason\":\"leak\"}")));
      HttpResponse<String> stopped = it.send("m", "{}");
      JsonArray listed = it.ask("/api/kill-switches").getJsonArray("killSwitches");
      int released = it.exchange(it.manage("/api/kill-switches/source/hook").DELETE()).statusCode();

      assertThat(engaged.statusCode()).isEqualTo(200);
      assertThat(stopped.statusCode()).isEqualTo(503);
      assertThat(listed.getJsonObject(0).getString("reason")).isEqualTo("leak");
      assertThat(released).isEqualTo(204);
      assertThat(it.send("m", "{}").statusCode()).isEqualTo(204);
      assertThat(it.exchange(it.manage("/api/kill-switches/source/hook").DELETE()).statusCode())
          .isEqualTo(404);
    }
  }

  @Test
  void killSwitch_askedForWrongly_is400() {
    try (Fixture it = start("")) {
      assertThat(
              it.exchange(it.manage("/api/kill-switches/planet/x").PUT(BodyPublishers.ofString("")))
                  .body())
          .contains("kind must be one of tenant");
      assertThat(
              it.exchange(
                      it.manage("/api/kill-switches/source/x").PUT(BodyPublishers.ofString("[")))
                  .statusCode())
          .isEqualTo(400);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hook/k1", "hook%2Fk1", "k1"})
  void killSwitch_ofAKey_isNamedBySourceAndIdOrById(String name) {
    try (Fixture it = start("")) {
      String path = "/api/kill-switches/key/" + name;
      int engaged =
          it.exchange(it.manage(path).PUT(BodyPublishers.ofString("{\"reason\":\"leak\"}")))
              .statusCode();
      int stopped = it.send("m", "{}").statusCode();
      int released = it.exchange(it.manage(path).DELETE()).statusCode();

      assertThat(List.of(engaged, stopped, released)).containsExactly(200, 401, 204);
      assertThat(it.send("m", "{}").statusCode()).isEqualTo(204);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"principal", "operation"})
  void killSwitch_ofWhatNothingHereAsksFor_isRefused(String kind) {
    try (Fixture it = start("")) {
      HttpResponse<String> answer =
          it.exchange(
              it.manage("/api/kill-switches/" + kind + "/x").PUT(BodyPublishers.ofString("")));

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("kind must be one of tenant, key, source");
      assertThat(it.ask("/api/kill-switches").getJsonArray("killSwitches")).isEmpty();
    }
  }

  @Test
  void token_whereConfigured_isAskedForButNotForHealth() {
    try (Fixture it = startWithToken()) {
      HttpResponse<String> without = it.exchange(it.manage("/api/deliveries"));
      HttpResponse<String> wrong =
          it.exchange(it.manage("/metrics").header("Authorization", "Bearer " + TOKEN + "x"));
      HttpResponse<String> right =
          it.exchange(it.manage("/metrics").header("Authorization", "Bearer " + TOKEN));

      assertThat(without.statusCode()).isEqualTo(401);
      assertThat(without.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      assertThat(wrong.statusCode()).isEqualTo(401);
      assertThat(right.statusCode()).isEqualTo(200);
      assertThat(it.exchange(it.manage("/health/live")).statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "127.0.0.1.evil.example", "localhost.evil", "1.2.3.4:80"})
  void host_ofARebindingPage_isRefused(String host) throws Exception {
    try (Fixture it = start("")) {
      assertThat(statusFor(it, host)).contains(" 403 ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "localhost:9090", "127.0.0.1", "[::1]:9090"})
  void host_ofThisMachine_isServed(String host) throws Exception {
    try (Fixture it = start("")) {
      assertThat(statusFor(it, host)).contains(" 200 ");
    }
  }

  @Test
  void body_tooLarge_is413WithAnError() {
    try (Fixture it = start("")) {
      HttpResponse<String> answer =
          it.exchange(
              it.manage("/api/kill-switches/source/hook")
                  .PUT(BodyPublishers.ofString("{\"reason\":\"" + "x".repeat(5_000) + "\"}")));

      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(new JsonObject(answer.body()).getString("error"))
          .isEqualTo("the body is too large");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/api/deliveries, GET",
    "/api/deliveries/dlv_1/replay, POST",
    "/api/kill-switches/source/hook, 'DELETE, PUT'",
    "/api/kill-switches/key/hook/k1, 'DELETE, PUT'",
    "/health/live, GET"
  })
  void method_wrong_is405WithAllow(String path, String allowed) {
    try (Fixture it = start("")) {
      HttpResponse<String> answer =
          it.exchange(it.manage(path).method("PATCH", BodyPublishers.noBody()));

      assertThat(answer.statusCode()).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).contains(allowed);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example", "null", "http://localhost:1", "http://127.0.0.1"})
  void replay_askedForByAForeignPage_isRefused(String origin) {
    try (Fixture it = start("deliver: { to: 'http://127.0.0.1:1/' }")) {
      it.send("m1", "{}");
      String id = it.deliveries().get(0).getString("id");
      HttpResponse<String> answer =
          it.exchange(
              it.manage("/api/deliveries/" + id + "/replay")
                  .header("Origin", origin)
                  .POST(BodyPublishers.noBody()));

      assertThat(answer.statusCode()).isEqualTo(403);
    }
  }

  @Test
  void replay_askedForByOurOwnPage_isDone() {
    try (Fixture it = start("deliver: { to: 'http://127.0.0.1:1/', retry: { attempts: 1 } }")) {
      it.send("m1", "{}");
      String id = it.deliveries().get(0).getString("id");
      it.awaitState(id, "dead");
      String own = "http://127.0.0.1:" + it.started.managementPort();
      HttpResponse<String> answer =
          it.exchange(
              it.manage("/api/deliveries/" + id + "/replay")
                  .header("Origin", own)
                  .POST(BodyPublishers.noBody()));

      assertThat(answer.statusCode()).isEqualTo(202);
    }
  }

  private static String statusFor(Fixture it, String host) throws Exception {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), it.started.managementPort())) {
      socket.setSoTimeout(20_000);
      String head = "GET /api/sources HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      return new String(in.readNBytes(16), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void answers_ofTheApi_areNotForPages() {
    try (Fixture it = start("")) {
      HttpResponse<String> answer =
          it.exchange(it.manage("/api/sources").header("Origin", "https://evil.example"));

      assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    }
  }
}
