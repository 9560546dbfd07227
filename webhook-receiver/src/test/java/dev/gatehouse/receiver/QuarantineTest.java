package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuarantineTest {
  @TempDir Path folder;

  private Fixture start(String quarantine) {
    return Fixture.start(
        folder,
        Fixture.yaml("limits: { failuresPerMinute: 2 }")
            .replace("inbox.db }", "inbox.db" + quarantine + " }"));
  }

  private static int sendForged(Fixture it, String body) {
    HttpRequest.Builder request =
        it.request("/hooks/hook", it.signed("msg_1", it.clock.instant(), new byte[] {1}));
    return it.exchange(request.header("X-Kept", "yes").POST(BodyPublishers.ofString(body)))
        .statusCode();
  }

  private static List<JsonObject> quarantined(Fixture it) {
    return it.ask("/api/deliveries?state=quarantined").getJsonArray("deliveries").stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  @Test
  void rejected_withoutQuarantine_storesNothing() {
    try (Fixture it = start("")) {
      assertThat(sendForged(it, "{}")).isEqualTo(401);
      assertThat(it.deliveries()).isEmpty();
    }
  }

  @Test
  void rejected_withQuarantine_isListedWithItsReasonAndNotReplayed() {
    try (Fixture it = start(", quarantine: { allowUnencrypted: true }")) {
      assertThat(sendForged(it, "{\"evil\":1}")).isEqualTo(401);
      Awaited.until("it is kept", () -> quarantined(it).size() == 1);
      JsonObject kept = quarantined(it).get(0);
      String path = "/api/deliveries/" + kept.getString("id");

      assertThat(kept.getString("verdict")).isEqualTo("rejected");
      assertThat(kept.getString("reason")).isEqualTo("signature_mismatch");
      assertThat(kept.getString("deliveryId")).isNull();
      JsonObject headers = it.ask(path + "?body=true").getJsonObject("headers");
      assertThat(headers.getString("x-kept", headers.getString("X-Kept"))).isEqualTo("yes");
      assertThat(headers.fieldNames()).noneMatch(name -> name.contains("signature"));
      int replayed =
          it.exchange(it.manage(path + "/replay").POST(BodyPublishers.noBody())).statusCode();
      assertThat(replayed).isBetween(400, 499);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "deliver: { to: 'http://127.0.0.1:1/' }"})
  void replay_ofWhatIsQuarantined_is409AndSaysWhy(String deliver) {
    String yaml =
        Fixture.yaml(deliver)
            .replace("inbox.db }", "inbox.db, quarantine: { allowUnencrypted: true } }");
    try (Fixture it = Fixture.start(folder, yaml)) {
      sendForged(it, "{}");
      Awaited.until("it is kept", () -> quarantined(it).size() == 1);
      String path = "/api/deliveries/" + quarantined(it).get(0).getString("id") + "/replay";
      HttpResponse<String> answer = it.exchange(it.manage(path).POST(BodyPublishers.noBody()));

      assertThat(answer.statusCode()).isEqualTo(409);
      assertThat(answer.body()).contains("what is quarantined is not replayed");
    }
  }

  @Test
  void rejected_ofAPeerThatSpentItsFailures_isNotKept() {
    try (Fixture it = start(", quarantine: { allowUnencrypted: true }")) {
      for (int i = 0; i < 6; i++) {
        sendForged(it, "{\"n\":" + i + "}");
      }
      assertThat(sendForged(it, "{}")).isEqualTo(429);
      it.send("good", "{}");
      Awaited.until("what came later is stored", () -> it.deliveries().size() >= 3);
      assertThat(quarantined(it)).hasSize(2);
    }
  }
}
