package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.webhook.WebhookRequest.Header;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiverTest {
  @TempDir Path folder;

  private Fixture start(String source) {
    return Fixture.start(folder, Fixture.yaml(source));
  }

  private static void assertUniform401(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void webhook_rightlySigned_isAcknowledgedAndStored() {
    try (Fixture it = start("tenant: acme")) {
      assertThat(it.send("msg_1", "{\"type\":\"a.b\"}").statusCode()).isEqualTo(204);

      JsonObject stored = it.deliveries().get(0);
      assertThat(stored.getString("source")).isEqualTo("hook");
      assertThat(stored.getString("tenant")).isEqualTo("acme");
      assertThat(stored.getString("key")).isEqualTo("k1");
      assertThat(stored.getString("deliveryId")).isEqualTo("msg_1");
      assertThat(stored.getString("state")).isEqualTo("received");
      assertThat(stored.getString("receivedAt")).isEqualTo(Fixture.NOW.toString());
    }
  }

  @Test
  void webhook_again_isADuplicate() {
    try (Fixture it = start("ack: 202")) {
      it.send("msg_1", "{}");
      it.clock.advance(Duration.ofSeconds(30));
      HttpResponse<String> again = it.send("msg_1", "{}");

      assertThat(again.statusCode()).isEqualTo(202);
      assertThat(again.headers().firstValue("Gatehouse-Duplicate")).contains("true");
      assertThat(it.deliveries()).hasSize(1);
    }
  }

  @Test
  void webhook_sameIdOtherContent_is409() {
    try (Fixture it = start("")) {
      it.send("msg_1", "{}");

      assertThat(it.send("msg_1", "{ }").statusCode()).isEqualTo(409);
      assertThat(it.deliveries()).hasSize(1);
    }
  }

  @Test
  void webhook_afterARestart_isStillADuplicate() {
    try (Fixture it = start("")) {
      it.send("msg_1", "{}");
      it.restart();

      assertThat(it.send("msg_1", "{}").headers().firstValue("Gatehouse-Duplicate"))
          .contains("true");
    }
  }

  @Test
  void webhook_badlySigned_isOneUniform401AndStoresNothing() {
    try (Fixture it = start("")) {
      byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
      List<Header> wrongSecret =
          Fixture.signer(Fixture.FORWARD_SECRET)
              .sign(
                  new dev.gatehouse.webhook.WebhookSigner.Outgoing(
                      "POST",
                      "http://x/",
                      dev.gatehouse.webhook.WebhookRequest.Headers.of(),
                      body,
                      "msg_1",
                      Fixture.NOW));
      assertUniform401(
          it.exchange(
              it.request("/hooks/hook", wrongSecret).POST(BodyPublishers.ofByteArray(body))));
      assertUniform401(
          it.exchange(
              it.request("/hooks/hook", it.signed("msg_1", Fixture.NOW, body))
                  .POST(BodyPublishers.ofString("{} "))));
      assertUniform401(it.sendAt("msg_1", "{}", Fixture.NOW.minusSeconds(3600)));
      assertUniform401(it.sendAt("msg_1", "{}", Fixture.NOW.plusSeconds(3600)));

      assertThat(it.deliveries()).isEmpty();
    }
  }

  @Test
  void webhook_withoutSignature_is400AndTellsWhyOnlyIfTold() {
    try (Fixture it = start("")) {
      HttpResponse<String> answer =
          it.exchange(it.request("/hooks/hook", List.of()).POST(BodyPublishers.ofString("{}")));
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).isEmpty();
    }
    try (Fixture it = start("responses: { reasons: true }")) {
      assertThat(it.sendAt("m", "{}", Fixture.NOW.minusSeconds(3600)).body())
          .isEqualTo("{\"error\":\"too_old\"}");
    }
  }

  @Test
  void body_overTheLimit_is413() {
    try (Fixture it = start("maxBodyBytes: 1KiB")) {
      assertThat(it.send("msg_1", "x".repeat(1024)).statusCode()).isEqualTo(204);
      assertThat(it.send("msg_2", "x".repeat(1025)).statusCode()).isEqualTo(413);
    }
  }

  @Test
  void body_tooSlow_is408() throws Exception {
    try (Fixture it = start("bodyTimeout: 200ms");
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), it.started.publicPort())) {
      StringBuilder head = new StringBuilder("POST /hooks/hook HTTP/1.1\r\nHost: x\r\n");
      it.signed("m", Fixture.NOW, "{}".getBytes(StandardCharsets.UTF_8))
          .forEach(h -> head.append(h.name()).append(": ").append(h.value()).append("\r\n"));
      socket
          .getOutputStream()
          .write((head + "Content-Length: 2\r\n\r\n{").getBytes(StandardCharsets.US_ASCII));

      assertThat(statusLine(socket)).contains(" 408 ");
    }
  }

  @Test
  void headers_tooLarge_are431() throws Exception {
    try (Fixture it = start("");
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), it.started.publicPort())) {
      String head = "POST /hooks/hook HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(17_000) + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));

      assertThat(statusLine(socket)).contains(" 431 ");
    }
  }

  private static String statusLine(Socket socket) throws Exception {
    socket.setSoTimeout(20_000);
    InputStream in = socket.getInputStream();
    byte[] answer = in.readNBytes(20);
    return new String(answer, StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Host: a b\r\n", "Host: a\r\nHost: b\r\n"})
  void host_missingOrNone_is400WithoutABody(String host) throws Exception {
    try (Fixture it = start("");
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), it.started.publicPort())) {
      socket.setSoTimeout(20_000);
      String head = "POST /hooks/hook HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

      assertThat(answer).startsWith("HTTP/1.1 400 ").endsWith("\r\n\r\n");
    }
  }

  @Test
  void source_unknown_is404() {
    try (Fixture it = start("")) {
      HttpResponse<String> answer =
          it.exchange(it.request("/hooks/nope", List.of()).POST(BodyPublishers.ofString("{}")));

      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(answer.body()).isEmpty();
    }
  }

  @Test
  void source_unknownWhereHidden_answersAsABadSignature() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml("hideSources: true", ""))) {
      List<Header> bad = it.signed("m", Fixture.NOW, new byte[0]);
      HttpResponse<String> known =
          it.exchange(it.request("/hooks/hook", bad).POST(BodyPublishers.ofString("{}")));
      HttpResponse<String> unknown =
          it.exchange(it.request("/hooks/nope", bad).POST(BodyPublishers.ofString("{}")));
      HttpResponse<String> bare =
          it.exchange(it.request("/hooks/hook", List.of()).POST(BodyPublishers.ofString("{}")));

      assertUniform401(known);
      assertUniform401(unknown);
      assertUniform401(bare);
      assertThat(unknown.headers().map()).isEqualTo(known.headers().map());
    }
  }

  @Test
  void source_disabled_isAsIfThereWereNone() {
    try (Fixture it = start("enabled: false")) {
      assertThat(it.send("m", "{}").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void method_wrong_is405WithAllow() {
    try (Fixture it = start("")) {
      HttpResponse<String> answer = it.exchange(it.request("/hooks/hook", List.of()).GET());

      assertThat(answer.statusCode()).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).contains("POST");
    }
  }

  @Test
  void failures_pastTheirBudget_are429AndWhatVerifiesPasses() {
    try (Fixture it = start("limits: { failuresPerMinute: 3 }")) {
      for (int i = 0; i < 3; i++) {
        assertUniform401(it.sendAt("m", "{}", Fixture.NOW.minusSeconds(3600)));
      }
      HttpResponse<String> limited = it.sendAt("m", "{}", Fixture.NOW.minusSeconds(3600));

      assertThat(limited.statusCode()).isEqualTo(429);
      assertThat(limited.headers().firstValue("Retry-After")).isPresent();
      assertThat(it.send("m", "{}").statusCode()).isEqualTo(204);
    }
  }

  @Test
  void requests_pastTheirRate_are429() {
    try (Fixture it = start("limits: { requestsPerSecond: 1, burst: 2 }")) {
      assertThat(it.send("m1", "{}").statusCode()).isEqualTo(204);
      assertThat(it.send("m2", "{}").statusCode()).isEqualTo(204);
      assertThat(it.send("m3", "{}").statusCode()).isEqualTo(429);
    }
  }

  @Test
  void observed_whatWouldBeRejected_isKeptAndSaysSo() {
    try (Fixture it = start("mode: observe")) {
      HttpResponse<String> answer = it.sendAt("m", "{}", Fixture.NOW.minusSeconds(3600));
      HttpResponse<String> again = it.sendAt("other", "{}", Fixture.NOW.minusSeconds(3600));

      assertThat(answer.statusCode()).isEqualTo(204);
      assertThat(again.headers().firstValue("Gatehouse-Duplicate")).contains("true");
      JsonObject kept = it.deliveries().get(0);
      assertThat(kept.getString("verdict")).isEqualTo("observed");
      assertThat(kept.getString("reason")).isEqualTo("too_old");
      assertThat(kept.getString("deliveryId")).isNull();
      assertThat(it.send("m", "{}").headers().firstValue("Gatehouse-Duplicate")).isEmpty();
    }
  }

  @Test
  void store_gone_is503AndNotReady() throws Exception {
    try (Fixture it = start("")) {
      it.send("m", "{}");
      for (String name : List.of("inbox.db", "inbox.db-wal", "inbox.db-shm")) {
        Files.deleteIfExists(folder.resolve("data").resolve(name));
      }
      Awaited.get(it.running().inbox().probe());
      HttpResponse<String> answer = it.send("m2", "{}");
      for (int i = 3; answer.statusCode() == 204 && i < 100_000; i++) {
        answer = it.send("m" + i, "{}"); // the file's place is looked at once a second
      }

      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(it.exchange(it.manage("/health/ready")).statusCode()).isEqualTo(503);
      assertThat(it.exchange(it.manage("/health/live")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void start_withAStoreInUse_failsAndListensNowhere() {
    try (Fixture it = start("")) {
      Receiver second = Receiver.builder(ConfigReader.create().read(it.file)).build();

      assertThatThrownBy(() -> Awaited.get(second.start())).isInstanceOf(StoreException.class);
    }
  }

  @Test
  void start_onAPortThatIsTaken_saysWhichAndKeepsNoLock() {
    try (Fixture it = start("")) {
      ReceiverConfig config =
          ConfigReader.create().read(it.file).withDataFolder(folder.resolve("other"));
      Receiver second = Receiver.builder(config.withPort(it.started.publicPort())).build();

      assertThatThrownBy(() -> Awaited.get(second.start()))
          .isInstanceOf(ListenException.class)
          .hasMessageContaining("server.port: cannot listen on 127.0.0.1");
      Receiver third = Receiver.builder(config).build();
      Awaited.get(third.start());
      Awaited.get(third.stop());
    }
  }

  @Test
  void stop_calledTwice_isHarmless() {
    Fixture it = start("");
    it.close();
    it.close();
  }
}
