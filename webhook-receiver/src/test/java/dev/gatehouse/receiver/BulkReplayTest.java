package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BulkReplayTest {
  @TempDir Path folder;
  private final Target target = Target.start();

  @AfterEach
  void close() {
    target.close();
  }

  private Fixture start() {
    return Fixture.start(
        folder,
        Fixture.yaml("deliver: { to: \"" + target.url() + "\", retry: { attempts: 1 } }\n"));
  }

  private static HttpResponse<String> replay(Fixture it, JsonObject filter) {
    return it.exchange(
        it.manage("/api/deliveries/replay").POST(BodyPublishers.ofString(filter.encode())));
  }

  private static List<JsonObject> lines(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body().lines().map(JsonObject::new).toList();
  }

  private String deliver(Fixture it, String id, int status) throws Exception {
    target.then(status);
    it.send(id, "{\"type\":\"" + id.substring(0, 1) + "\"}");
    String delivery = target.next().headers().get("Gatehouse-Delivery");
    it.awaitState(delivery, status == 200 ? "delivered" : "dead");
    return delivery;
  }

  @Test
  void dead_replayedByState_arriveWithTheirTimesAndTheRestStays() throws Exception {
    try (Fixture it = start()) {
      Map<String, String> received = new HashMap<>();
      for (int i = 0; i < 5; i++) {
        String dead = deliver(it, "m" + i, 404);
        received.put(dead, it.delivery(dead).getString("receivedAt"));
        deliver(it, "n" + i, 200);
        it.clock.advance(Duration.ofSeconds(1));
      }
      List<JsonObject> lines =
          lines(replay(it, new JsonObject().put("source", "hook").put("state", "dead")));
      for (int i = 0; i < 5; i++) {
        Target.Got got = target.next();
        String id = got.headers().get("Gatehouse-Delivery");
        assertThat(received).containsKey(id);
        assertThat(it.awaitState(id, "delivered").getString("receivedAt"))
            .isEqualTo(received.get(id));
      }

      assertThat(lines.get(lines.size() - 1))
          .isEqualTo(new JsonObject().put("looked", 5).put("replayed", 5).put("done", true));
      assertThat(lines.get(0).getString("source")).isEqualTo("hook");
      assertThat(target.waiting()).isZero();
      assertThat(it.audit.events())
          .filteredOn(e -> e.action().equals("replay"))
          .extracting(e -> e.code())
          .containsExactly("begun", "done");
    }
  }

  @Test
  void delivered_replayedByRangeTimeAndType_areThoseOnly() throws Exception {
    try (Fixture it = start()) {
      String first = deliver(it, "a1", 200);
      it.clock.advance(Duration.ofMinutes(1));
      String second = deliver(it, "a2", 200);
      String third = deliver(it, "b3", 200);
      it.clock.advance(Duration.ofMinutes(1));
      String fourth = deliver(it, "a4", 200);

      lines(replay(it, new JsonObject().put("from", second).put("to", third)));
      assertThat(arrived(2)).containsExactlyInAnyOrder(second, third);
      it.awaitState(second, "delivered");
      lines(
          replay(
              it,
              new JsonObject()
                  .put("receivedFrom", Fixture.NOW.plusSeconds(60).toString())
                  .put("eventType", "a")));
      assertThat(arrived(2)).containsExactlyInAnyOrder(second, fourth);
      lines(
          replay(
              it, new JsonObject().put("receivedBefore", Fixture.NOW.plusSeconds(60).toString())));
      assertThat(arrived(1)).containsExactly(first);
      assertThat(target.waiting()).isZero();
    }
  }

  private List<String> arrived(int count) throws Exception {
    List<String> ids = new java.util.ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(target.next().headers().get("Gatehouse-Delivery"));
    }
    return ids;
  }

  @Test
  void replay_ofMoreThanAPiece_tellsHowFarItIs() throws Exception {
    try (Fixture it = start()) {
      for (int i = 0; i < 1100; i++) {
        it.send("m" + i, "{}");
        target.next();
      }
      Awaited.until(
          "none is under way",
          () -> it.ask("/api/deliveries?state=delivering").getJsonArray("deliveries").isEmpty());
      List<JsonObject> lines = lines(replay(it, new JsonObject().put("state", "delivered")));

      assertThat(lines).hasSizeGreaterThanOrEqualTo(4);
      assertThat(lines).extracting(l -> l.getInteger("replayed")).isSorted();
      assertThat(lines.get(0).getString("after")).startsWith("dlv_");
      assertThat(lines.get(lines.size() - 1).getInteger("replayed")).isEqualTo(1100);
      arrived(1100);
    }
  }

  /** That inbox, which cannot be asked about one source. */
  private static Inbox brokenFor(String source, Inbox inbox) {
    return (Inbox)
        Proxy.newProxyInstance(
            BulkReplayTest.class.getClassLoader(),
            new Class<?>[] {Inbox.class},
            (proxy, method, arguments) ->
                arguments[0] instanceof Inbox.ReplayFilter filter && filter.source().equals(source)
                    ? Future.failedFuture(new StoreException("broken"))
                    : method.invoke(inbox, arguments));
  }

  @Test
  void replay_thatBreaksAtOneOfSeveralSources_namesThoseThatAreLeft() throws Exception {
    String yaml = Fixture.yaml("deliver: { to: \"" + target.url() + "\" }\n");
    String hook = yaml.substring(yaml.indexOf("  hook:"));
    String three = yaml + hook.replace("hook:", "second:") + hook.replace("hook:", "third:");
    Vertx vertx = Vertx.vertx();
    try (Fixture it = Fixture.start(folder, three)) {
      deliver(it, "m", 200);
      Receiver.Running running = it.running();
      BulkReplay replay =
          new BulkReplay(
              brokenFor("second", running.inbox()), running.sources(), it.audit, it.clock);
      Router router = Router.router(vertx);
      router.post().handler(BodyHandler.create(false)).handler(replay::handle);
      HttpServer server =
          Awaited.get(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
      List<JsonObject> lines =
          lines(
              it.exchange(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:" + server.actualPort() + "/"))
                      .POST(BodyPublishers.ofString("{\"state\":\"delivered\"}"))));

      assertThat(lines.get(0).getJsonArray("left")).containsExactly("second", "third");
      assertThat(lines.get(1).getString("error")).isEqualTo("the store cannot be asked now");
      assertThat(lines.get(1).getString("source")).isEqualTo("second");
      assertThat(lines.get(1).getJsonArray("left")).containsExactly("third");
      assertThat(lines.get(1).getInteger("replayed")).isEqualTo(1);
    } finally {
      Awaited.get(vertx.close());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | say what to replay",
        "[] | must be a JSON object",
        "{\"sate\":\"dead\"} | sate: is not a known key; did you mean state?",
        "{\"state\":\"lost\"} | state: must be received, delivered, retrying or dead",
        "{\"state\":\"delivering\"} | what is delivering is not replayed",
        "{\"state\":\"quarantined\"} | what is quarantined is not replayed",
        "{\"from\":\"x\"} | from: must be a delivery's id",
        "{\"receivedFrom\":\"today\"} | receivedFrom: must be a time in RFC 3339",
        "{\"state\":\"dead\",\"after\":\"dlv_0000000000000\"} | after: needs the source beside it",
      })
  void filter_thatIsWrong_isRefusedWithWhatToDo(String filter, String error) {
    try (Fixture it = start()) {
      HttpResponse<String> answer =
          it.exchange(it.manage("/api/deliveries/replay").POST(BodyPublishers.ofString(filter)));

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(new JsonObject(answer.body()).getString("error")).contains(error.strip());
    }
  }

  @Test
  void source_thatDeliversNowhere_isNotReplayed() {
    try (Fixture it = Fixture.start(folder, Fixture.yaml(""))) {
      it.send("m", "{}");

      assertThat(replay(it, new JsonObject().put("source", "hook")).statusCode()).isEqualTo(409);
      assertThat(replay(it, new JsonObject().put("source", "nobody")).statusCode()).isEqualTo(409);
      assertThat(replay(it, new JsonObject().put("state", "dead")).body())
          .contains("no source delivers anywhere");
    }
  }
}
