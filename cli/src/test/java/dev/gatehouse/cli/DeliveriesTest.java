package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers sent, and what a stranger's server says, on the terminal of who looks at it. */
class DeliveriesTest {
  private static final String HOSTILE = "a\u009b2J\u007f\u202e\u001b[1mä";
  private static final String ID = "dlv_0000000000001";
  private static final String DELIVERY =
      "{\"id\":\"%1$s\",\"eventType\":\"%1$s\",\"state\":\"%1$s\",\"source\":\"%1$s\",\"headers\":{\"%1$s\":\"%1$s\"}}\n"
          .formatted(HOSTILE.replace("\u001b", "\\u001b"));

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(60, TimeUnit.SECONDS);
  }

  private static void answer(HttpServerRequest request) {
    boolean list = request.path().equals("/api/deliveries");
    String next = HOSTILE.replace("\u001b", "\\u001b");
    String page = "{\"deliveries\":[" + DELIVERY + "],\"next\":\"" + next + "\"}";
    request
        .response()
        .setStatusCode(request.path().endsWith("/" + ID + "/replay") ? 202 : 200)
        .end(list ? page : DELIVERY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list",
        "list --json",
        "show " + ID,
        "show " + ID + " --body --json",
        "replay " + ID,
        "replay " + ID + " --json",
        "replay --source a --json"
      })
  void deliveries_textsThatWouldMoveTheCursor_arePrintedWithout(String asked) throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(DeliveriesTest::answer)
            .listen(0, "127.0.0.1")
            .await(60, TimeUnit.SECONDS);
    String line = "deliveries " + asked + " --management http://127.0.0.1:" + server.actualPort();

    CommandRun.Ended ended = CommandRun.of(line.split(" "));

    assertThat(ended.everything().replace("\n", "")).contains("a").matches("[^\\p{Cc}\\p{Cf}]+");
    if (asked.endsWith("--json")) {
      assertThat(Json.mapper().readTree(ended.lines().get(0)).findValuesAsText("state"))
          .containsOnly(HOSTILE);
    }
  }
}
