package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What clients that others wrote make of the handlers; skipped where there is no Node. */
class NodeClientsTest {
  private final Door door = Door.open();

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void audits_ofNpmsGraphqlHttp_areAllOk() throws Exception {
    List<JsonObject> audits =
        NodeClients.run("audits.mjs", "http://127.0.0.1:" + door.port() + "/graphql");
    assertThat(audits).hasSize(61);
    assertThat(audits).filteredOn(audit -> !audit.getString("status").equals("ok")).isEmpty();
  }

  @Test
  void client_ofNpmsGraphqlWs_findsAServerToTheLetter() throws Exception {
    Map<String, JsonObject> steps = steps("sockets.mjs", "ws");
    checkCommon(steps);
    assertThat(steps.get("wrong token").getInteger("failed")).isEqualTo(4401);
    assertThat(steps.get("keep-alive").getBoolean("got")).isTrue();
    Eventually.holds(() -> door.ticks.open.get() == 0 && door.service.live.size() == 0);
  }

  @Test
  void client_ofNpmsGraphqlSse_findsAServerToTheLetter() throws Exception {
    Map<String, JsonObject> steps = steps("streams.mjs", "http");
    checkCommon(steps);
    assertThat(steps.get("wrong token").getInteger("failed")).isEqualTo(401);
    Eventually.holds(() -> door.ticks.open.get() == 0 && door.service.live.size() == 0);
  }

  private Map<String, JsonObject> steps(String script, String scheme) throws Exception {
    Map<String, JsonObject> steps = new LinkedHashMap<>();
    String url = scheme + "://127.0.0.1:" + door.port() + "/graphql";
    NodeClients.run(script, url, door.token("ada", "acme"))
        .forEach(step -> steps.put(step.getString("step"), step));
    return steps;
  }

  private static void checkCommon(Map<String, JsonObject> steps) {
    assertThat(steps.get("query").encode()).contains("hello ada");
    assertThat(steps.get("caller").encode()).contains("Principal[USER ada of acme]");
    assertThat(steps.get("mutation").encode()).contains("{\"add\":1}");
    assertThat(steps.get("subscription").getJsonArray("got")).hasSize(5);
    // what was on its way when the client stopped may still have come
    assertThat(steps.get("stopped").getJsonArray("got").size()).isBetween(2, 5);
    assertThat(steps.get("invalid").encode()).contains("nowhere");
    assertThat(steps.get("many at once").getJsonArray("got"))
        .isEqualTo(new JsonArray(Collections.nCopies(20, 5)));
  }
}
