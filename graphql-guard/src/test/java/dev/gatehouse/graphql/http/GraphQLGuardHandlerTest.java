package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.cost.CostBucket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.dataloader.BatchLoader;
import org.dataloader.DataLoaderFactory;
import org.dataloader.DataLoaderRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What GraphQL over HTTP promises, over real HTTP. */
class GraphQLGuardHandlerTest {
  private Door door = Door.open();

  @AfterEach
  void close() {
    door.close();
  }

  private void reopen(Door.Setup setup) {
    door.close();
    door = setup.open();
  }

  private static String data(HttpResponse<String> response) {
    return Call.json(response).getValue("data").toString();
  }

  @Test
  void get_thatIsAnswered_leavesItsConnectionForTheNext() throws Exception {
    try (RawHttp raw = RawHttp.open(door)) {
      String get = RawHttp.lines("GET /graphql?query=%7Bhello%7D HTTP/1.1", "Host: localhost");
      raw.write((get + RawHttp.lines("")).repeat(2));
      raw.write(get + RawHttp.lines("Connection: close", ""));
      assertThat(raw.rest().split("hello you", -1)).hasSize(4);
    }
  }

  @Test
  void query_byPostAndByGet_isAnswered() {
    HttpResponse<String> posted = Call.to(door).query("{ hello }");
    assertThat(posted.statusCode()).isEqualTo(200);
    assertThat(data(posted)).isEqualTo("{\"hello\":\"hello you\"}");
    HttpResponse<String> got =
        Call.to(door)
            .get(
                "query",
                "query A($n: String) { hello(name: $n) } query B { context }",
                "operationName",
                "A",
                "variables",
                "{\"n\":\"ada\"}");
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(data(got)).isEqualTo("{\"hello\":\"hello ada\"}");
    assertThat(got.headers().firstValue("Cache-Control")).contains("no-store");
  }

  @Test
  void answer_ofAFieldThatFails_hasDataAndNothingOfTheCause() {
    HttpResponse<String> response = Call.to(door).query("{ hello broken }");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).doesNotContain("hunter2").contains("correlationId");
    assertThat(Call.code(response)).isEqualTo("INTERNAL");
    assertThat(data(response)).contains("hello you");
  }

  @Test
  void answer_thatJsonCannotSay_isMasked() {
    HttpResponse<String> response = Call.to(door).query("{ unwritable }");
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(Call.code(response)).isEqualTo("INTERNAL");
    assertThat(Call.to(door).accept("application/json").query("{ unwritable }").statusCode())
        .isEqualTo(200);
  }

  @Test
  void caller_withAToken_isThePrincipalOfTheContext() {
    String token = door.token("ada", "acme");
    assertThat(data(Call.to(door).bearer(token).query("{ context }")))
        .contains("Principal[USER ada of acme] with root null");
    assertThat(data(Call.to(door).query("{ context }"))).contains("nobody");
  }

  @Test
  void caller_whoseTokenProvesNothing_isNeverTakenForNobody() {
    for (String authorization :
        List.of("Bearer wrong", "Bearer", "Basic dTpw", "bearer a b", "Bearer \u00e4")) {
      HttpResponse<String> response =
          Call.to(door).header("Authorization", authorization).query("{ hello }");
      assertThat(response.statusCode()).as(authorization).isEqualTo(401);
      assertThat(Call.code(response)).isEqualTo("UNAUTHENTICATED");
      assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
    }
    HttpResponse<String> twice =
        Call.to(door)
            .bearer(door.token("ada", "acme"))
            .bearer(door.token("bob", "globex"))
            .query("{ hello }");
    assertThat(twice.statusCode()).isEqualTo(401);
    String expired = door.token("eve", "acme", InstantSource.system().instant().minusSeconds(1));
    assertThat(Call.to(door).bearer(expired).query("{ hello }").statusCode()).isEqualTo(401);
    assertThat(door.hellos).hasValue(0);
  }

  @Test
  void caller_whoCannotBeTold_isLetInNowhere() {
    HttpResponse<String> response = Call.to(door).bearer("down").query("{ hello }");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).isPresent();
    assertThat(door.hellos).hasValue(0);
  }

  @Test
  void caller_whoseTokenIsVerifiedForEver_isAnsweredInTime() {
    reopen(Door.with().service(builder -> builder.timeout(Duration.ofMillis(200))));
    assertThat(Call.to(door).bearer("slow").query("{ hello }").statusCode()).isEqualTo(503);
    assertThat(door.hellos).hasValue(0);
  }

  @Test
  void parts_thatThrow_areAnsweredAndMasked() {
    reopen(
        Door.with()
            .http(builder -> builder.maxBatch(2))
            .service(
                builder ->
                    builder.dataLoaders(
                        context -> {
                          throw new IllegalStateException("the password is hunter2");
                        })));
    HttpResponse<String> one = Call.to(door).query("{ hello }");
    assertThat(one.statusCode()).isEqualTo(500);
    assertThat(one.body()).contains("INTERNAL").doesNotContain("hunter2");
    HttpResponse<String> two =
        Call.to(door).post("[{\"query\":\"{ hello }\"},{\"query\":\"{ hello }\"}]");
    assertThat(two.statusCode()).isEqualTo(500);
    assertThat(new JsonArray(two.body())).hasSize(2);
  }

  @Test
  void value_thatItsScalarCannotWrite_isMasked() {
    HttpResponse<String> response = Call.to(door).query("{ box { text number: misfit } }");
    assertThat(response.body()).contains("INTERNAL").doesNotContain("hunter2");
  }

  @Test
  void caller_thatIsStopped_isRefusedAtTheDoor() {
    String ada = door.token("ada", "acme");
    String bob = door.token("bob", "globex");
    door.switches.engage(KillSwitch.Kind.TENANT, "acme", "test");
    assertThat(Call.to(door).bearer(ada).query("{ hello }").statusCode()).isEqualTo(403);
    assertThat(Call.to(door).bearer(bob).query("{ hello }").statusCode()).isEqualTo(200);
    door.switches.engage(KillSwitch.Kind.PRINCIPAL, "bob", "test");
    assertThat(Call.to(door).bearer(bob).query("{ hello }").statusCode()).isEqualTo(403);
  }

  @Test
  void caller_thatIsUnknownWhereOneIsRequired_is401OnBothMediaTypes() {
    reopen(Door.with().service(builder -> builder.requirePrincipal()));
    for (String accept : List.of("application/json", "application/graphql-response+json")) {
      HttpResponse<String> response = Call.to(door).accept(accept).query("{ hello }");
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith(accept);
    }
  }

  @Test
  void bucket_thatIsSpent_is429WithRetryAfterOnBothMediaTypes() {
    reopen(
        Door.with()
            .guard(
                builder ->
                    builder.bucket(
                        CostBucket.inMemory(Rate.perMinute(2), 100, InstantSource.system()))));
    String query = "{ box { number } }";
    assertThat(Call.to(door).query(query).statusCode()).isEqualTo(200);
    for (String accept : List.of("application/json", "application/graphql-response+json")) {
      HttpResponse<String> spent = Call.to(door).accept(accept).query(query);
      assertThat(spent.statusCode()).isEqualTo(429);
      assertThat(Call.code(spent)).isEqualTo("RATE_LIMITED");
      assertThat(Long.parseLong(spent.headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(1L, 60L);
    }
  }

  @Test
  void operation_overALimit_is400Or200ByMediaType() {
    String deep = "{ " + aliases(200) + "}";
    HttpResponse<String> own = Call.to(door).query(deep);
    assertThat(own.statusCode()).isEqualTo(400);
    assertThat(Call.code(own)).endsWith("_LIMIT");
    HttpResponse<String> old = Call.to(door).accept("application/json").query(deep);
    assertThat(old.statusCode()).isEqualTo(200);
    assertThat(old.body()).doesNotContain("\"data\"");
  }

  private static String aliases(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("a").append(i).append(": hello ");
    }
    return text.toString();
  }

  @Test
  void operation_thatHangs_isAnsweredInTimeAndCancelled() throws Exception {
    reopen(Door.with().service(builder -> builder.timeout(Duration.ofMillis(200))));
    HttpResponse<String> response = Call.to(door).query("{ hang }");
    assertThat(response.statusCode()).isEqualTo(504);
    assertThat(Call.code(response)).isEqualTo("TIMEOUT");
    Eventually.holds(() -> door.cancellations.get() == 1);
    assertThat(Call.to(door).accept("application/json").query("{ hang }").statusCode())
        .isEqualTo(200);
  }

  @Test
  void batchLoader_thatHangs_isCancelledWithItsRequest() throws Exception {
    CompletableFuture<List<String>> batch = new CompletableFuture<>();
    AtomicReference<List<String>> keys = new AtomicReference<>();
    BatchLoader<String, String> loader =
        asked -> {
          keys.set(asked);
          return (CompletionStage<List<String>>) batch;
        };
    reopen(
        Door.with()
            .service(
                builder ->
                    builder
                        .timeout(Duration.ofMillis(300))
                        .dataLoaders(
                            context ->
                                new DataLoaderRegistry()
                                    .register("texts", DataLoaderFactory.newDataLoader(loader)))));
    HttpResponse<String> response =
        Call.to(door).query("{ a: loaded(key: \"1\") b: loaded(key: \"2\") }");
    assertThat(Call.code(response)).isEqualTo("TIMEOUT");
    assertThat(keys.get()).containsExactly("1", "2");
    Eventually.holds(batch::isCancelled);
  }

  @Test
  void batchLoader_thatAnswers_stillBatches() {
    BatchLoader<String, String> loader =
        asked -> CompletableFuture.completedFuture(List.of("x" + asked.size(), "y"));
    reopen(
        Door.with()
            .service(
                builder ->
                    builder.dataLoaders(
                        context ->
                            new DataLoaderRegistry()
                                .register("texts", DataLoaderFactory.newDataLoader(loader)))));
    assertThat(data(Call.to(door).query("{ a: loaded(key: \"1\") b: loaded(key: \"2\") }")))
        .isEqualTo("{\"a\":\"x2\",\"b\":\"y\"}");
  }

  @Test
  void client_thatLeaves_cancelsWhatRunsForIt() throws Exception {
    RawHttp.open(door)
        .write(RawHttp.post("{\"query\":\"{ hang }\"}"))
        .afterwards(() -> door.hanging.get(10, TimeUnit.SECONDS))
        .close();
    Eventually.holds(() -> door.cancellations.get() == 1);
  }

  @Test
  void mode_ofBatches_runsThemInOrder() {
    reopen(Door.with().http(builder -> builder.maxBatch(3)));
    HttpResponse<String> response =
        Call.to(door)
            .post(
                "[{\"query\":\"mutation { add }\"},{\"query\":\"mutation { add(by: 2) }\"},"
                    + "{\"query\":\"{ nowhere }\"}]");
    assertThat(response.statusCode()).isEqualTo(200);
    JsonArray answers = new JsonArray(response.body());
    assertThat(answers.getJsonObject(0).getJsonObject("data"))
        .isEqualTo(new JsonObject("{\"add\":1}"));
    assertThat(answers.getJsonObject(1).getJsonObject("data"))
        .isEqualTo(new JsonObject("{\"add\":3}"));
    assertThat(answers.getJsonObject(2).containsKey("data")).isFalse();
  }

  @Test
  void header_thatIsRequired_isRequiredOfEveryRequest() {
    reopen(Door.with().http(builder -> builder.requireHeader("X-Asked")));
    assertThat(Call.to(door).query("{ hello }").statusCode()).isEqualTo(400);
    assertThat(Call.to(door).get("query", "{ hello }").statusCode()).isEqualTo(400);
    assertThat(Call.to(door).header("X-Asked", "1").query("{ hello }").statusCode()).isEqualTo(200);
  }

  @Test
  void observer_ofOperations_isToldOfEach() {
    List<OperationObserver.Answered> told = new java.util.concurrent.CopyOnWriteArrayList<>();
    reopen(Door.with().service(builder -> builder.observer(told::add)));
    Call.to(door).query("{ hello }");
    Call.to(door).query("{ hello broken }");
    Call.to(door).query("{ nowhere }");
    Call.to(door).get("query", "mutation { add }");
    assertThat(told)
        .extracting(OperationObserver.Answered::outcome)
        .containsExactly("ok", "partial", "invalid", "operation_not_allowed");
    assertThat(told.get(0).kind()).isPresent();
    assertThat(told.get(2).kind()).isEmpty();
  }
}
