package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bulk replays whose receiver goes away in the middle. */
class ReplayFilterTest {
  private static final String FIRST = progress(500, "dlv_0000000000001");
  private static final String SECOND = progress(1000, "dlv_0000000000002");

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(60, TimeUnit.SECONDS);
  }

  private static String progress(int looked, String after) {
    return "{\"looked\":%d,\"replayed\":7,\"source\":\"shop\",\"after\":\"%s\"}\n"
        .formatted(looked, after);
  }

  /** Runs it against a receiver that says this, and is gone. */
  private CommandRun.Ended replay(List<String> said, String... more) throws Exception {
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(request -> sayAndGo(request, said))
            .listen(0, "127.0.0.1")
            .await(60, TimeUnit.SECONDS);
    String management = "http://127.0.0.1:" + server.actualPort();
    List<String> line =
        List.of("deliveries", "replay", "--source", "shop", "--management", management);
    return CommandRun.of(
        Stream.concat(line.stream(), List.of(more).stream()).toArray(String[]::new));
  }

  private static void sayAndGo(HttpServerRequest request, List<String> said) {
    HttpServerResponse response = request.response().setChunked(true);
    Future<Void> written = Future.succeededFuture();
    for (String text : said) {
      written = written.compose(before -> response.write(text));
    }
    written.onComplete(done -> request.connection().close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"looked\":1500,\"repl"})
  void replay_whoseConnectionBreaks_saysWhereToGoOn(String half) throws Exception {
    CommandRun.Ended ended = replay(List.of(FIRST, SECOND + half));

    assertThat(ended.errors().get(ended.errors().size() - 1))
        .isEqualTo(
            "replay: was cut short: the connection was lost; go on with --source shop --after"
                + " dlv_0000000000002");
    assertThat(ended.lines()).containsExactly("replayed 7 of 1,000 deliveries looked at");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void replay_whoseConnectionBreaks_asJson_saysWhereToGoOn() throws Exception {
    CommandRun.Ended ended = replay(List.of(FIRST, SECOND), "--json");

    assertThat(ended.out()).isEqualTo(FIRST + SECOND);
    assertThat(ended.errors())
        .singleElement()
        .asString()
        .endsWith("go on with --source shop --after dlv_0000000000002");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void replay_overSourcesThatBreaks_namesThoseThatAreLeft() throws Exception {
    String error =
        "{\"looked\":500,\"replayed\":7,\"source\":\"shop\",\"after\":\"dlv_0000000000001\","
            + "\"left\":[\"till\",\"ware\\u001bhouse\"],"
            + "\"error\":\"the store cannot be asked now\"}\n";

    CommandRun.Ended ended = replay(List.of(FIRST, error));

    assertThat(ended.errors().get(ended.errors().size() - 1))
        .startsWith(
            "replay: was cut short: the store cannot be asked now; go on with --source shop --after"
                + " dlv_0000000000001; not begun: till, ware")
        .doesNotContain("\u001b");
    assertThat(ended.status()).isEqualTo(1);
  }

  @Test
  void replay_whoseConnectionBreaksBeforeAnything_isOfTheConnection() throws Exception {
    CommandRun.Ended ended = replay(List.of());

    assertThat(ended.errors()).singleElement().asString().startsWith("--management: 127.0.0.1:");
    assertThat(ended.out()).isEmpty();
    assertThat(ended.status()).isEqualTo(1);
  }
}
