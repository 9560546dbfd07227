package dev.gatehouse.graphql.access;

import static dev.gatehouse.graphql.access.Shop.ann;
import static dev.gatehouse.graphql.access.Shop.codes;
import static org.assertj.core.api.Assertions.assertThat;

import graphql.ExecutionResult;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The agent here is an HTTP server that answers what a test wants, also nothing. */
class OpaTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<JsonObject> asked = new CopyOnWriteArrayList<>();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private volatile Consumer<HttpServerRequest> answer = request -> {};
  private HttpServer server;
  private OpaDecisionPoint opa;
  private Shop shop;

  @BeforeEach
  void start() throws Exception {
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request ->
                    request
                        .body()
                        .onSuccess(
                            body -> {
                              asked.add(body.toJsonObject());
                              answer.accept(request);
                            }))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    opa =
        OpaDecisionPoint.builder(
                vertx, URI.create("http://127.0.0.1:" + server.actualPort() + "/v1/data/shop"))
            .timeout(Duration.ofSeconds(5))
            .circuit(2, Duration.ofSeconds(10))
            .clock(now::get)
            .withVariables()
            .build();
    shop =
        new Shop(
            guard ->
                guard
                    .policies(Policies.of(opa).timeout(Duration.ofSeconds(30)))
                    .access(AccessRules.builder().policy("Query.me", "may-me").build()));
  }

  @AfterEach
  void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private ExecutionResult ask(String document) throws Exception {
    return shop.graphql
        .executeAsync(Shop.input(ann("x", "y"), document, Map.of("year", 2026)))
        .get(20, TimeUnit.SECONDS);
  }

  private void answers(String json) {
    answer = request -> request.response().end(json);
  }

  @Test
  void policies_ofAnOperation_areAskedInOneCall() throws Exception {
    answers("{\"result\":{\"may-report\":true,\"may-me\":true}}");

    ExecutionResult result =
        ask("query Q($year: Int) { report(year: $year) me { id } again: report }");

    assertThat(result.getErrors()).isEmpty();
    assertThat(asked).hasSize(1);
    JsonObject input = asked.get(0).getJsonObject("input");
    assertThat(input.getJsonArray("policies")).isEqualTo(JsonArray.of("may-me", "may-report"));
    assertThat(input.getJsonObject("subject"))
        .isEqualTo(
            new JsonObject()
                .put("id", "acme-c1")
                .put("kind", "user")
                .put("tenant", "acme")
                .put("scopes", JsonArray.of("x", "y"))
                .put("claims", new JsonObject()));
    assertThat(input.getJsonObject("operation").getJsonObject("variables"))
        .isEqualTo(JsonObject.of("year", 2026));
  }

  @Test
  void answer_thatIsNotTheLiteralTrue_denies() throws Exception {
    for (String json :
        List.of(
            "{\"result\":{\"may-report\":false}}",
            "{\"result\":{\"may-report\":\"true\"}}",
            "{\"result\":{\"may-report\":1}}",
            "{\"result\":{}}")) {
      answers(json);
      assertThat(codes(ask("{ report }"))).as(json).containsExactly("FORBIDDEN");
    }
  }

  @Test
  void answer_broken_denies() throws Exception {
    List<Consumer<HttpServerRequest>> broken =
        List.of(
            request -> request.response().end("{}"),
            request -> request.response().end("no json"),
            request -> request.response().end("{\"result\":true}"),
            request ->
                request.response().setStatusCode(500).end("{\"result\":{\"may-report\":true}}"),
            request -> request.connection().close(),
            request -> request.response().end("x".repeat(2 << 20)),
            request -> {
              // never
            });
    for (Consumer<HttpServerRequest> each : broken) {
      answer = each;
      now.updateAndGet(instant -> instant.plusSeconds(60));
      assertThat(codes(ask("{ report }"))).containsExactly("FORBIDDEN");
    }
    assertThat(shop.ran).isEmpty();
  }

  @Test
  void agent_thatFailedOnEnd_isLeftAloneForAWhileAndThenTried() throws Exception {
    answer = request -> request.response().setStatusCode(503).end();
    for (int i = 0; i < 5; i++) {
      assertThat(codes(ask("{ report }"))).containsExactly("FORBIDDEN");
    }
    assertThat(asked).hasSize(2);
    now.set(Instant.EPOCH.plusSeconds(11));
    answers("{\"result\":{\"may-report\":true}}");

    assertThat(codes(ask("{ report }"))).isEmpty();
    assertThat(codes(ask("{ report }"))).isEmpty();
    assertThat(asked).hasSize(4);
  }
}
