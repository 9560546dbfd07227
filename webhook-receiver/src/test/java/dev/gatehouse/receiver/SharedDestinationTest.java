package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two sources, and where their deliveries go: to one destination, or to two of which one hangs. */
class SharedDestinationTest {
  @TempDir Path folder;
  private final Target target = Target.start();
  private final Target other = Target.start();

  @AfterEach
  void close() {
    target.close();
    other.close();
  }

  /** {@code hook} to the target, {@code twin} to another URL, both with these lines more. */
  private Fixture start(String twinTo, String more) {
    String deliver = "deliver:\n  to: %s\n" + more.indent(2);
    return Fixture.start(
        folder,
        Fixture.yaml(deliver.formatted(target.url()))
            + ("twin:\n  scheme: standard-webhooks\n  owner: me\n  secrets: [{ value: \""
                    + Fixture.SECRET
                    + "\" }]\n")
                .indent(2)
            + deliver.formatted(twinTo).indent(4));
  }

  private static int post(Fixture it, String source, String id) {
    byte[] body = ("{\"id\":\"" + id + "\"}").getBytes(StandardCharsets.UTF_8);
    return it.exchange(
            it.request("/hooks/" + source, it.signed(id, Fixture.NOW, body))
                .POST(BodyPublishers.ofByteArray(body)))
        .statusCode();
  }

  @Test
  void sources_withOneDestination_shareItsConcurrencyAndTakeTurns() throws Exception {
    Queue<HttpServerRequest> held = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < 12; i++) {
      target.then(held::add);
    }
    try (Fixture it = start(target.url(), "concurrency: 2")) {
      for (int i = 0; i < 6; i++) {
        post(it, "hook", "h" + i);
      }
      for (int i = 0; i < 6; i++) {
        post(it, "twin", "t" + i);
      }
      List<String> order = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        order.add(target.next().headers().get("Gatehouse-Source"));
        if (i > 0) {
          assertThat(held.size()).isLessThanOrEqualTo(2);
          held.remove().response().end();
        }
      }

      // the twin came later and still has its turns among the backlog of the first
      assertThat(order.subList(2, 8)).contains("twin", "hook");
      assertThat(order).filteredOn("twin"::equals).hasSize(6);
      held.forEach(request -> request.response().end());
    }
  }

  @Test
  void destination_thatHangs_costsTheOtherNothing() throws Exception {
    for (int i = 0; i < 200; i++) {
      other.then(request -> {});
    }
    try (Fixture it = start(other.url(), "timeout: 5m")) {
      for (int i = 0; i < 100; i++) {
        assertThat(post(it, "twin", "t" + i)).isEqualTo(204);
      }
      long slowest = 0;
      Set<String> arrived = new HashSet<>();
      for (int i = 0; i < 100; i++) {
        long begun = System.nanoTime();
        assertThat(post(it, "hook", "h" + i)).isEqualTo(204);
        arrived.add(target.next().headers().get("Gatehouse-Delivery"));
        slowest = Math.max(slowest, System.nanoTime() - begun);
      }

      assertThat(arrived).hasSize(100);
      assertThat(it.running().dispatcher().inFlight()).isGreaterThanOrEqualTo(16);
      other.close();
      // each was there long before the hanging ones' time was over
      assertThat(Duration.ofNanos(slowest)).isLessThan(Duration.ofSeconds(60));
    }
  }

  @Test
  void circuit_open_spendsNoAttemptsAndLosesNothing() throws Exception {
    for (int i = 0; i < 4; i++) {
      target.then(503);
    }
    String more =
        """
        concurrency: 1
        retry: { attempts: 3, firstDelay: 1ms, maxDelay: 1ms }
        circuit: { failures: 3, openFor: 2s, maxOpenFor: 4s }
        """;
    try (Fixture it = start(other.url(), more)) {
      it.send("m0", "{}");
      for (int i = 0; i < 3; i++) {
        target.next();
      }
      String first = it.deliveries().get(0).getString("id");
      it.awaitState(first, "dead"); // its own three attempts, as it would be without a circuit
      // the circuit hears of the third when that has been recorded
      Awaited.until(
          "the circuit is open",
          () -> it.running().dispatcher().circuits().get("hook") == Circuit.State.OPEN);
      for (int i = 1; i <= 20; i++) {
        it.send("m" + i, "{}");
      }
      assertThat(it.running().dispatcher().circuits())
          .containsEntry("hook", Circuit.State.OPEN)
          .containsEntry("twin", Circuit.State.CLOSED);
      assertThat(it.ask("/api/deliveries?state=received").getJsonArray("deliveries")).hasSize(20);

      it.clock.advance(Duration.ofSeconds(2));
      target.next(); // the probe, which fails too
      Awaited.until(
          "the circuit is open",
          () -> it.running().dispatcher().circuits().get("hook") == Circuit.State.OPEN);
      it.clock.advance(Duration.ofSeconds(4));
      Set<String> arrived = new HashSet<>();
      while (arrived.size() < 20) {
        arrived.add(target.next().headers().get("Gatehouse-Delivery"));
      }
      List<JsonObject> all = it.deliveries();
      all.forEach(
          d ->
              it.awaitState(
                  d.getString("id"), d.getString("id").equals(first) ? "dead" : "delivered"));

      int spent =
          all.stream().mapToInt(d -> it.delivery(d.getString("id")).getInteger("attempts")).sum();
      assertThat(spent).isEqualTo(3 + 20 + 1);
    }
  }

  @Test
  void rate_ofADestination_isKept() throws Exception {
    try (Fixture it = start(other.url(), "rate: 10 per second")) {
      for (int i = 0; i < 5; i++) {
        post(it, "hook", "h" + i);
      }
      target.next();
      assertThat(it.ask("/api/deliveries?state=received").getJsonArray("deliveries")).hasSize(4);
      assertThat(target.waiting()).isZero();
      for (int i = 0; i < 4; i++) {
        it.clock.advance(Duration.ofMillis(100));
        target.next();
      }
    }
  }

  @Test
  void order_byPointer_isKeptPerKeyWhileOthersPass() throws Exception {
    target.then(500);
    String more = "order: { pointer: /id }\nretry: { firstDelay: 1ms, maxDelay: 1ms }\n";
    try (Fixture it = start(other.url(), more)) {
      it.send("m1", "{\"id\":\"a\",\"n\":1}");
      it.send("m2", "{\"id\":\"a\",\"n\":2}");
      it.send("m3", "{\"id\":\"a\",\"n\":3}");
      it.send("m4", "{\"id\":7,\"n\":4}");
      it.send("m5", "no json");
      List<String> bodies = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        bodies.add(new String(target.next().body(), StandardCharsets.UTF_8));
      }

      assertThat(bodies).contains("{\"id\":7,\"n\":4}", "no json");
      assertThat(bodies.stream().filter(b -> b.contains("\"a\"")).distinct())
          .containsExactly(
              "{\"id\":\"a\",\"n\":1}", "{\"id\":\"a\",\"n\":2}", "{\"id\":\"a\",\"n\":3}");
    }
  }
}
