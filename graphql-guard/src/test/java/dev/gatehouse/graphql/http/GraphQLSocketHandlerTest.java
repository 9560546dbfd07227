package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.PublicFailure;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.graphql.access.SharedEvents;
import dev.gatehouse.graphql.access.SubscriptionEnded;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderFactory;
import org.dataloader.DataLoaderRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * graphql-transport-ws over a real socket: the protocol, its attacks, and what a socket may cost.
 */
class GraphQLSocketHandlerTest {
  private Door door = Door.open();

  @AfterEach
  void close() {
    door.close();
  }

  private void reopen(Door.Setup setup) {
    door.close();
    door = setup.open();
  }

  private WebSocketConnectOptions options() {
    return SocketClient.options(door);
  }

  // --- protocol

  @Test
  void query_onASocket_isANextAndAComplete() {
    SocketClient client = SocketClient.ready(door).subscribe("1", "{ hello }");
    JsonObject next = client.next("next");
    assertThat(next.getString("id")).isEqualTo("1");
    assertThat(next.getJsonObject("payload").encode())
        .isEqualTo("{\"data\":{\"hello\":\"hello you\"}}");
    assertThat(client.next("complete").getString("id")).isEqualTo("1");
    // its id is free again
    client.subscribe("1", "mutation { add }");
    assertThat(client.next("next").encode()).contains("{\"add\":1}");
  }

  @Test
  void subscription_onASocket_sendsItsEventsInOrder() {
    door.ticks.last = 50;
    SocketClient client =
        SocketClient.ready(door).subscribe("a", "subscription { ticks { number } }");
    for (int i = 1; i <= 50; i++) {
      assertThat(client.next("next").encode()).contains("\"number\":" + i);
    }
    client.next("complete");
    assertThat(door.ticks.open).hasValue(0);
  }

  @Test
  void request_thatIsRefused_isAnErrorAndNothingElse() {
    SocketClient client = SocketClient.ready(door).subscribe("1", "{ nowhere }");
    JsonObject error = client.next("error");
    assertThat(error.getJsonArray("payload")).hasSize(1);
    client.subscribe("1", "subscription { ticks { broken } }");
    assertThat(client.next("next").encode()).contains("INTERNAL").doesNotContain("hunter2");
  }

  @Test
  void subscription_whoseSourceFails_isAnErrorWithoutItsCause() {
    SocketClient client =
        SocketClient.ready(door).subscribe("1", "subscription { fails { number } }");
    client.next("next");
    JsonObject error = client.next("error");
    assertThat(error.encode()).contains("INTERNAL").doesNotContain("hunter2");
  }

  @Test
  void subscription_thatItsSourceEnds_isToldWhy() {
    door.ticks.failure = new SubscriptionEnded(SubscriptionEnded.Reason.FORBIDDEN);
    SocketClient client =
        SocketClient.ready(door).subscribe("1", "subscription { fails { number } }");
    client.next("next");
    JsonObject error = client.next("error").getJsonArray("payload").getJsonObject(0);
    assertThat(error.getJsonObject("extensions").getMap())
        .containsEntry("code", "SUBSCRIPTION_ENDED")
        .containsEntry("reason", "forbidden");
    assertThat(error.getString("message")).isEqualTo("the subscription ended: forbidden");
  }

  @Test
  void subscription_thatItsSourceEndsBadly_isToldNothing() {
    door.ticks.failure = new BadlyTold();
    SocketClient client =
        SocketClient.ready(door).subscribe("1", "subscription { fails { number } }");
    client.next("next");
    assertThat(client.next("error").encode()).contains("INTERNAL").doesNotContain("Badly");
  }

  private static final class BadlyTold extends RuntimeException implements PublicFailure {
    private static final long serialVersionUID = 1L;

    @Override
    public Decision.Deny told() {
      return new Decision.Deny("Badly", "not a code");
    }
  }

  /** All requests share it, so it must take nothing that one of them could leave for another. */
  @Test
  void service_withoutDataLoaders_takesNone() {
    SocketClient.ready(door).subscribe("1", "subscription { ticks { number } }").next("next");
    DataLoaderRegistry registry = door.ticks.loaders.get();
    DataLoader<String, String> loader =
        DataLoaderFactory.newDataLoader(keys -> CompletableFuture.completedFuture(keys));
    List<Runnable> ways =
        List.of(
            () -> registry.register("a", loader),
            () -> registry.register(loader),
            () -> registry.registerAndGet("a", loader),
            () -> registry.computeIfAbsent("a", key -> loader),
            () -> registry.unregister("a"));
    for (Runnable way : ways) {
      assertThatThrownBy(way::run).hasMessageContaining("dataLoaders(context -> ");
    }
    assertThat(registry.getKeys()).isEmpty();
  }

  @Test
  void complete_ofAClient_cancelsThePublisher() {
    SocketClient client =
        SocketClient.ready(door).subscribe("1", "subscription { never { number } }");
    Eventually.holds(() -> door.ticks.open.get() == 1);
    client.complete("1");
    Eventually.holds(() -> door.ticks.open.get() == 0);
    client.complete("1").complete("unknown").subscribe("2", "{ hello }");
    client.next("next");
  }

  @Test
  void complete_ofAQueryThatRuns_cancelsItAndSendsNothing() throws Exception {
    SocketClient client = SocketClient.ready(door).subscribe("1", "{ hang }");
    door.hanging.get(10, TimeUnit.SECONDS);
    client.complete("1");
    Eventually.holds(() -> door.cancellations.get() == 1);
    client.subscribe("2", "{ hello }");
    assertThat(client.next("next").getString("id")).isEqualTo("2");
  }

  @Test
  void ping_atAnyTime_getsAPongWithItsPayload() {
    SocketClient client =
        SocketClient.connect(door).send("{\"type\":\"ping\",\"payload\":{\"a\":1}}");
    assertThat(client.next("pong").getJsonObject("payload").getInteger("a")).isEqualTo(1);
    client.send("{\"type\":\"pong\"}").send("{\"type\":\"ping\"}");
    assertThat(client.next("pong").containsKey("payload")).isFalse();
    client.initialise();
  }

  @Test
  void operation_thatHangs_isAnErrorInTime() {
    reopen(Door.with().service(builder -> builder.timeout(Duration.ofMillis(200))));
    SocketClient client = SocketClient.ready(door).subscribe("1", "{ hang }");
    assertThat(client.next("error").encode()).contains("TIMEOUT");
    client.subscribe("2", "subscription { late { number } }");
    assertThat(client.next("error").encode()).contains("TIMEOUT");
    // its source comes after all, and is closed
    door.late.complete(door.ticks.silent());
    Eventually.holds(() -> door.ticks.opened.get() == 1 && door.ticks.open.get() == 0);
  }

  // --- handshake

  @TestFactory
  Stream<DynamicTest> subprotocol_missingOrAnother_isRefused() {
    return Stream.of("", "graphql-ws", "graphql-transport-wsx", "GRAPHQL-TRANSPORT-WS")
        .map(
            name ->
                DynamicTest.dynamicTest(
                    "'" + name + "'",
                    () -> {
                      WebSocketConnectOptions options =
                          options().setSubProtocols(name.isEmpty() ? List.of() : List.of(name));
                      assertThat(SocketClient.refusal(door, options)).isEqualTo(400);
                    }));
  }

  @TestFactory
  Stream<DynamicTest> origin_thatIsNotOurs_isRefused() {
    String port = ":" + door.port();
    return Stream.of(
            "https://evil.example",
            "null",
            "",
            "http://127.0.0.1",
            "https://127.0.0.1" + port,
            "http://127.0.0.1" + port + ".evil.example",
            "http://127.0.0.1" + port + "/",
            "http://evil.example/http://127.0.0.1" + port,
            "http://127.0.0.1" + port + "0",
            "http://x127.0.0.1" + port,
            "http://localhost" + port,
            "HTTP://127.0.0.1" + port)
        .map(
            origin ->
                DynamicTest.dynamicTest(
                    "'" + origin + "'",
                    () ->
                        assertThat(
                                SocketClient.refusal(door, options().addHeader("Origin", origin)))
                            .isEqualTo(403)));
  }

  @Test
  void origin_twice_isRefused() {
    String own = "http://127.0.0.1:" + door.port();
    assertThat(
            SocketClient.refusal(door, options().addHeader("Origin", own).addHeader("Origin", own)))
        .isEqualTo(403);
  }

  @Test
  void origin_ofThisServerOrListedOrAbsent_passes() {
    reopen(Door.with().socket(b -> b.allowOrigins(Set.of("https://app.example.com"))));
    String own = "http://127.0.0.1:" + door.port();
    for (String origin : List.of(own, "https://app.example.com")) {
      SocketClient.connect(door, options().addHeader("Origin", origin)).initialise();
    }
    for (String origin :
        List.of("https://app.example.com.evil.example", "https://app.example.com:444")) {
      assertThat(SocketClient.refusal(door, options().addHeader("Origin", origin))).isEqualTo(403);
    }
    SocketClient.connect(door, options().addHeader("Cookie", "a=b")).initialise();
  }

  @Test
  void subscribe_beforeOrDuringInit_closesWith4401() {
    assertThat(SocketClient.connect(door).subscribe("1", "{ hello }").closed()).isEqualTo(4401);
    // the answer to connection_init is not there yet, for a token is verified
    SocketClient client = SocketClient.connect(door);
    client.send("{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer slow\"}}");
    client.subscribe("1", "{ hello }");
    assertThat(client.closed()).isEqualTo(4401);
    assertThat(door.hellos).hasValue(0);
  }

  @Test
  void init_thatNeverComes_closesWith4408() {
    reopen(Door.with().socket(builder -> builder.initTimeout(Duration.ofMillis(200))));
    SocketClient client = SocketClient.connect(door);
    assertThat(client.closed()).isEqualTo(4408);
    assertThat(client.closeReason()).isEqualTo("Connection initialisation timeout");
    SocketClient slow = SocketClient.connect(door);
    slow.send("{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer slow\"}}");
    assertThat(slow.closed()).isEqualTo(4408);
  }

  @Test
  void init_twice_closesWith4429() {
    SocketClient client = SocketClient.ready(door).send("{\"type\":\"connection_init\"}");
    assertThat(client.closed()).isEqualTo(4429);
    assertThat(client.closeReason()).isEqualTo("Too many initialisation requests");
    SocketClient hasty = SocketClient.connect(door);
    hasty.send("{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer slow\"}}");
    hasty.send("{\"type\":\"connection_init\"}");
    assertThat(hasty.closed()).isEqualTo(4429);
  }

  @Test
  void token_inTheInit_isWhoCalls() {
    String token = door.token("ada", "acme");
    SocketClient client =
        SocketClient.connect(door).initialise(token).subscribe("1", "{ context }");
    assertThat(client.next("next").encode()).contains("Principal[USER ada of acme]");
  }

  @Test
  void token_inTheInit_isFoundHoweverItsNameIsWritten() {
    String ada = door.token("ada", "acme");
    String init = "{\"type\":\"connection_init\",\"payload\":{\"authorization\":%s}}";
    SocketClient client =
        SocketClient.connect(door).send(init.replace("%s", "\"bearer " + ada + "\""));
    assertThat(client.next("connection_ack")).isNotNull();
    client.subscribe("1", "{ context }");
    assertThat(client.next("next").encode()).contains("Principal[USER ada of acme]");
    for (String refused :
        List.of(
            "\"Bearer wrong\"",
            "1",
            "\"Bearer " + ada + "\",\"Authorization\":\"Bearer " + ada + "\"",
            "null,\"AUTHORIZATION\":\"Bearer " + ada + "\"")) {
      assertThat(SocketClient.connect(door).send(init.replace("%s", refused)).closed())
          .as(refused)
          .isEqualTo(4401);
    }
    SocketClient nobody = SocketClient.connect(door).send(init.replace("%s", "null"));
    assertThat(nobody.next("connection_ack")).isNotNull();
  }

  @Test
  void token_inTheUpgrade_isWhoCalls() {
    String token = door.token("ada", "acme");
    SocketClient client =
        SocketClient.connect(door, options().addHeader("Authorization", "Bearer " + token))
            .initialise()
            .subscribe("1", "{ context }");
    assertThat(client.next("next").encode()).contains("Principal[USER ada of acme]");
  }

  @Test
  void token_thatProvesNothing_opensNothing() {
    for (String authorization : List.of("Bearer wrong", "Basic dTpw")) {
      assertThat(SocketClient.refusal(door, options().addHeader("Authorization", authorization)))
          .isEqualTo(401);
    }
    assertThat(SocketClient.refusal(door, options().addHeader("Authorization", "Bearer down")))
        .isEqualTo(503);
    for (String payload :
        List.of("\"Bearer wrong\"", "\"wrong\"", "1", "[\"Bearer a\"]", "{\"a\":1}", "true")) {
      SocketClient client =
          SocketClient.connect(door)
              .send(
                  "{\"type\":\"connection_init\",\"payload\":{\"Authorization\":" + payload + "}}");
      assertThat(client.closed()).as(payload).isEqualTo(4401);
    }
    SocketClient down = SocketClient.connect(door);
    down.send("{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer down\"}}");
    assertThat(down.closed()).isEqualTo(4500);
  }

  @Test
  void tokens_ofTwoCallersOnOneSocket_areRefused() {
    String ada = door.token("ada", "acme");
    String other = door.token("ada", "globex");
    SocketClient client =
        SocketClient.connect(door, options().addHeader("Authorization", "Bearer " + ada));
    client.send(
        "{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer " + other + "\"}}");
    assertThat(client.closed()).isEqualTo(4403);
  }

  @Test
  void caller_thatIsRequired_isRequiredOfSockets() {
    reopen(Door.with().service(builder -> builder.requirePrincipal()));
    assertThat(SocketClient.connect(door).send("{\"type\":\"connection_init\"}").closed())
        .isEqualTo(4401);
    SocketClient.connect(door).initialise(door.token("ada", "acme"));
  }

  // --- messages

  @TestFactory
  Stream<DynamicTest> message_thatIsNone_closesWith4400() {
    String deep = "[".repeat(10_000) + "]".repeat(10_000);
    return Stream.of(
            "",
            "x",
            "null",
            "[]",
            "\"connection_init\"",
            "{\"type\":\"connection_init\"",
            "{}",
            "{\"type\":1}",
            "{\"type\":\"next\",\"id\":\"1\"}",
            "{\"type\":\"error\",\"id\":\"1\"}",
            "{\"type\":\"connection_ack\"}",
            "{\"type\":\"start\",\"id\":\"1\",\"payload\":{\"query\":\"{ hello }\"}}",
            "{\"type\":\"ping\",\"type\":\"pong\"}",
            "{\"type\":\"ping\",\"payload\":1}",
            "{\"type\":\"ping\",\"payload\":" + deep + "}",
            "{\"type\":\"connection_init\",\"payload\":[]}",
            "{\"type\":\"subscribe\",\"payload\":{\"query\":\"{ hello }\"}}",
            "{\"type\":\"subscribe\",\"id\":\"\",\"payload\":{\"query\":\"{ hello }\"}}",
            "{\"type\":\"subscribe\",\"id\":1,\"payload\":{\"query\":\"{ hello }\"}}",
            "{\"type\":\"subscribe\",\"id\":\""
                + "x".repeat(257)
                + "\",\"payload\":{\"query\":\"{ hello }\"}}",
            "{\"type\":\"subscribe\",\"id\":\"1\"}",
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{}}",
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":1}}",
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{ hello }\","
                + "\"variables\":[]}}",
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{ hello }\","
                + "\"variables\":{\"a\":1e400}}}",
            "{\"type\":\"complete\"}")
        .map(
            text ->
                DynamicTest.dynamicTest(
                    "message " + (text.length() > 90 ? text.substring(0, 90) : text),
                    () -> {
                      SocketClient client = SocketClient.ready(door).send(text);
                      assertThat(client.closed()).isEqualTo(4400);
                      assertThat(door.hellos).hasValue(0);
                    }));
  }

  @Test
  void frame_thatIsBinary_closesWith4400() {
    SocketClient client =
        SocketClient.connect(door).binary(Buffer.buffer("{\"type\":\"connection_init\"}"));
    assertThat(client.closed()).isEqualTo(4400);
  }

  @Test
  void id_thatIsActive_closesWith4409() {
    SocketClient client = SocketClient.ready(door);
    client.subscribe("a", "subscription { never { number } }").subscribe("a", "{ hello }");
    assertThat(client.closed()).isEqualTo(4409);
    assertThat(client.closeReason()).isEqualTo("Subscriber for a already exists");
    Eventually.holds(() -> door.ticks.open.get() == 0);
    String huge = "\u00e4".repeat(200);
    SocketClient long1 = SocketClient.ready(door);
    long1.subscribe(huge, "{ hang }").subscribe(huge, "{ hello }");
    assertThat(long1.closed()).isEqualTo(4409);
    assertThat(long1.closeReason()).startsWith("Subscriber for \u00e4").endsWith("already exists");
  }

  @Test
  void frames_ofTenMegabytes_closeTheSocket() {
    SocketClient client = SocketClient.ready(door);
    client.frame(WebSocketFrame.textFrame("x".repeat(10 << 20), true));
    assertThat(client.closed()).isIn(1006, 1009);
    SocketClient just = SocketClient.ready(door);
    just.frame(WebSocketFrame.textFrame("x".repeat(70_000), true));
    assertThat(just.closed()).isIn(1006, 1009);
  }

  @Test
  void frames_thatBreakTheProtocol_closeTheSocketAndAreNotCalledTooBig() {
    SocketClient nothingToContinue = SocketClient.ready(door);
    nothingToContinue.frame(WebSocketFrame.continuationFrame(Buffer.buffer("x"), true));
    assertThat(nothingToContinue.closed()).isEqualTo(1002);
    assertThat(nothingToContinue.closeReason()).isEqualTo("Protocol error");
    SocketClient withinAMessage = SocketClient.ready(door);
    withinAMessage.frame(WebSocketFrame.textFrame("{\"type\":", false));
    withinAMessage.frame(WebSocketFrame.textFrame("{\"type\":\"ping\"}", true));
    assertThat(withinAMessage.closed()).isEqualTo(1002);
  }

  @Test
  void fragments_thatAddUpToMoreThanAFrame_closeTheSocket() {
    SocketClient client = SocketClient.ready(door);
    client.frame(WebSocketFrame.textFrame("{\"type\":\"ping\",\"x\":\"", false));
    for (int i = 0; i < 10; i++) {
      client.frame(WebSocketFrame.continuationFrame(Buffer.buffer("x".repeat(10_000)), false));
    }
    assertThat(client.closed()).isEqualTo(1009);
  }

  @Test
  void fragments_ofOneMessage_areReadTogether() {
    SocketClient client = SocketClient.ready(door);
    client.frame(WebSocketFrame.textFrame("{\"type\":\"ping\",", false));
    client.frame(WebSocketFrame.continuationFrame(Buffer.buffer("\"payload\":{\"a\":"), false));
    client.frame(WebSocketFrame.continuationFrame(Buffer.buffer("7}}"), true));
    assertThat(client.next("pong").getJsonObject("payload").getInteger("a")).isEqualTo(7);
  }

  @Test
  void fragments_thatAreEmptyAndEndless_closeTheSocket() {
    SocketClient client = SocketClient.ready(door);
    client.frame(WebSocketFrame.textFrame("{", false));
    for (int i = 0; i < 2_000; i++) {
      client.frame(WebSocketFrame.continuationFrame(Buffer.buffer(), false));
    }
    assertThat(client.closed()).isEqualTo(4429);
  }

  // --- resources

  @Test
  void subscriptions_tenThousand_closeTheSocketAndLeaveNoPublisher() {
    SocketClient client = SocketClient.ready(door);
    for (int i = 0; i < 10_000 && client.isOpen(); i++) {
      client.subscribe("s" + i, "subscription { never { number } }");
    }
    assertThat(client.closed()).isEqualTo(4429);
    Eventually.holds(() -> door.ticks.open.get() == 0);
    assertThat(door.ticks.opened.get()).isLessThanOrEqualTo(100);
  }

  @Test
  void subscriptions_upToTheLimit_areServed() {
    SocketClient client = SocketClient.ready(door);
    for (int i = 0; i < 100; i++) {
      client.subscribe("s" + i, "subscription { never { number } }");
    }
    Eventually.holds(() -> door.ticks.open.get() == 100);
    client.complete("s0").subscribe("next", "{ hello }");
    client.next("next");
  }

  @Test
  void operations_beyondTheirRate_closeTheSocketOnAnySocketOfTheCaller() {
    reopen(Door.with().socket(b -> b.operations(Rate.perMinute(3))));
    String ada = door.token("ada", "acme");
    SocketClient first = SocketClient.connect(door).initialise(ada);
    first.subscribe("1", "{ hello }").subscribe("2", "{ hello }");
    for (int i = 0; i < 4; i++) {
      first.next();
    }
    SocketClient second = SocketClient.connect(door).initialise(ada);
    second.subscribe("1", "{ hello }").subscribe("2", "{ hello }");
    assertThat(second.closed()).isEqualTo(4429);
    SocketClient.connect(door)
        .initialise(door.token("bob", "acme"))
        .subscribe("1", "{ hello }")
        .next("next");
  }

  @Test
  void pings_inAFlood_closeTheSocket() {
    SocketClient client = SocketClient.ready(door);
    for (int i = 0; i < 5_000 && client.isOpen(); i++) {
      client.send("{\"type\":\"ping\"}");
    }
    assertThat(client.closed()).isEqualTo(4429);
    SocketClient frames = SocketClient.ready(door);
    for (int i = 0; i < 5_000 && frames.isOpen(); i++) {
      frames.frame(WebSocketFrame.pingFrame(Buffer.buffer("x")));
    }
    assertThat(frames.closed()).isEqualTo(4429);
  }

  @Test
  void sockets_beyondACallersShare_areRefused() {
    reopen(Door.with().socket(builder -> builder.maxSockets(10, 2, 3)));
    String ada = door.token("ada", "acme");
    WebSocketConnectOptions byAda = options().addHeader("Authorization", "Bearer " + ada);
    SocketClient first = SocketClient.connect(door, byAda);
    SocketClient.connect(door, byAda).initialise();
    assertThat(SocketClient.refusal(door, byAda)).isEqualTo(429);
    // by the init, too
    SocketClient late = SocketClient.connect(door);
    late.send(
        "{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer " + ada + "\"}}");
    assertThat(late.closed()).isEqualTo(4429);
    first.close();
    Eventually.holds(() -> SocketClient.refusal(door, byAda) == 101);
    for (int i = 0; i < 2; i++) {
      SocketClient.connect(door);
    }
    // the late one's place is free once the server has seen it go
    Eventually.holds(() -> SocketClient.refusal(door, options()) == 101);
    assertThat(SocketClient.refusal(door, options())).isEqualTo(429);
  }

  @Test
  void upgrade_thatIsRefused_saysWhyByACodeAsEveryDoorDoes() throws Exception {
    reopen(Door.with().socket(builder -> builder.maxSockets(1, 1, 1)));
    assertThat(refusal("Authorization: Bearer forged"))
        .contains("401 ", "WWW-Authenticate: Bearer", "\"code\":\"UNAUTHENTICATED\"");
    assertThat(refusal("Origin: https://evil.example")).contains("403 ", "\"code\":\"FORBIDDEN\"");
    SocketClient only = SocketClient.ready(door);
    assertThat(refusal())
        .contains("429 ", "\"code\":\"RATE_LIMITED\"", "\"retryAfter\":5")
        .containsIgnoringCase("Retry-After: 5");
    assertThat(only.isOpen()).isTrue();
  }

  private String refusal(String... headers) throws IOException {
    try (RawHttp raw = RawHttp.open(door)) {
      return raw.write(RawHttp.upgrade(headers)).rest();
    }
  }

  @Test
  void socket_thatClosesBeforeItBegins_leavesItsPlace() throws Exception {
    GraphQLSocketHandler handler = GraphQLSocketHandler.create(door.service);
    CompletableFuture<Void> begun = new CompletableFuture<>();
    HttpServer server =
        Door.await(
            door.vertx
                .createHttpServer(
                    GraphQLSocketHandler.serverOptions(
                        new HttpServerOptions().setHost("127.0.0.1").setPort(0)))
                .requestHandler(request -> beginLate(handler, request, begun))
                .listen());
    SocketClient.connect(door, options().setPort(server.actualPort()));
    begun.get(20, TimeUnit.SECONDS);
    assertThat(handler.connections.inAll()).isZero();
    assertThat(door.service.live.size()).isZero();
  }

  /** Begins a session once its socket is closed. */
  private void beginLate(
      GraphQLSocketHandler handler, HttpServerRequest request, CompletableFuture<Void> begun) {
    Context context = door.vertx.getOrCreateContext();
    HttpConnection connection = request.connection();
    OpenConnections.Place place = handler.connections.enter("address/here").orElseThrow();
    GuardedService.Origin nobody =
        new GuardedService.Origin(Transport.WEBSOCKET, Optional.empty(), Map.of());
    request
        .toWebSocket()
        .onSuccess(
            socket -> {
              socket.closeHandler(
                  closed -> {
                    new SocketSession(handler, context, connection, socket, nobody, place).begin();
                    begun.complete(null);
                  });
              socket.close();
            });
  }

  @Test
  void socket_thatClosesWhileItsSubscribeIsPending_leavesNoPublisher() {
    SocketClient client =
        SocketClient.ready(door).subscribe("1", "subscription { late { number } }");
    client.subscribe("2", "{ hello }");
    client.next("next");
    client.close();
    client.closed();
    Eventually.holds(() -> door.service.live.size() == 0);
    door.late.complete(door.ticks.silent());
    Eventually.holds(() -> door.ticks.opened.get() == 1 && door.ticks.open.get() == 0);
  }

  @Test
  void socket_thatCloses_cancelsAllThatRunsForIt() throws Exception {
    SocketClient client = SocketClient.ready(door).subscribe("1", "{ hang }");
    client.subscribe("2", "subscription { never { number } }");
    door.hanging.get(10, TimeUnit.SECONDS);
    Eventually.holds(() -> door.ticks.open.get() == 1);
    client.close();
    Eventually.holds(() -> door.ticks.open.get() == 0 && door.cancellations.get() == 1);
  }

  @Test
  void socket_whosePeerIsGoneWithoutAWord_isClosed() throws Exception {
    reopen(Door.with().socket(builder -> builder.keepAlive(Duration.ofSeconds(1))));
    try (RawHttp raw = RawHttp.open(door)) {
      raw.write(RawHttp.upgrade());
      assertThat(raw.status()).contains("101");
      // it answers no ping
      raw.rest();
    }
    Eventually.holds(() -> door.service.live.size() == 0);
    SocketClient alive = SocketClient.ready(door);
    Eventually.holds(() -> door.service.live.size() == 1);
    alive.subscribe("1", "{ hello }").next("next");
  }

  @Test
  void publisher_thatSendsWhatNobodyAskedFor_isCancelledNotBuffered() {
    SocketClient client =
        SocketClient.ready(door).subscribe("1", "subscription { wild { number } }");
    JsonObject last = client.next();
    while (last.getString("type").equals("next")) {
      last = client.next();
    }
    assertThat(last.getString("type")).isEqualTo("error");
    assertThat(door.ticks.taken.get()).isLessThan(100);
  }

  @Test
  void client_thatDoesNotRead_isServedNoMoreThanFits() {
    door.ticks.last = 20_000;
    SocketClient client = SocketClient.ready(door);
    client.pause();
    client.subscribe("1", "subscription { ticks(size: 10000) { text } }");
    Steady.wait(door.ticks.taken::get);
    // 200 MB would come: what is taken fits into the buffers of both ends
    assertThat(door.ticks.taken.get()).isLessThan(2_000);
    long sofar = door.ticks.taken.get();
    client.resume();
    Eventually.holds(() -> door.ticks.taken.get() > sofar + 200 && client.count.get() > 200);
  }

  @Test
  void events_thatAreSmall_areAskedForAFewAtATime_andLargeOnesOneByOne() {
    door.ticks.last = 20_000;
    List<Long> asked = new CopyOnWriteArrayList<>();
    door.ticks.asked = asked::add;
    SocketClient client =
        SocketClient.ready(door).subscribe("1", "subscription { ticks { number } }");
    Eventually.holds(() -> asked.size() > 100);
    client.complete("1");
    Eventually.holds(() -> door.ticks.open.get() == 0);
    // what the first takes is not known before it is there
    assertThat(asked.get(0)).isEqualTo(1);
    assertThat(asked).anyMatch(n -> n >= 8).allMatch(n -> n <= 16);

    asked.clear();
    client.subscribe("2", "subscription { ticks(size: 20000) { text } }");
    Eventually.holds(() -> asked.size() > 10);
    assertThat(asked).allMatch(n -> n == 1);
  }

  @Test
  void sharedEvents_reachEachSocketUnderItsOwnId_andAreExecutedOnce() {
    String document = "subscription { shared { number text } }";
    List<SocketClient> clients = new ArrayList<>();
    List<String> ids = List.of("1", "a \"quoted\" one", "\u2028");
    for (String id : ids) {
      clients.add(SocketClient.ready(door).subscribe(id, document));
    }
    Eventually.holds(() -> door.shared.getNumberOfSubscribers() == ids.size());
    for (int i = 1; i <= 40; i++) {
      door.shared.submit(SharedEvents.of(Map.of("number", i, "text", "text " + i)));
    }

    for (int c = 0; c < ids.size(); c++) {
      for (int i = 1; i <= 40; i++) {
        assertThat(clients.get(c).next("next"))
            .isEqualTo(
                new JsonObject()
                    .put("id", ids.get(c))
                    .put("type", "next")
                    .put(
                        "payload",
                        new JsonObject(
                            "{\"data\":{\"shared\":{\"number\":%d,\"text\":\"text %d\"}}}"
                                .formatted(i, i))));
      }
    }
    assertThat(door.numbers).hasValue(40);
  }

  @Test
  void sharedEvents_whileOneReadsNothing_reachTheOthers() {
    String document = "subscription { shared { text } }";
    SocketClient paused = SocketClient.ready(door);
    paused.pause();
    paused.subscribe("1", document);
    SocketClient reading = SocketClient.ready(door).subscribe("1", document);
    Eventually.holds(() -> door.shared.getNumberOfSubscribers() == 2);
    String text = "x".repeat(100_000);
    for (int i = 0; i < 150; i++) {
      door.shared.offer(SharedEvents.of(Map.of("number", i, "text", text)), null);
      reading.next("next");
    }
    assertThat(paused.count.get()).isLessThan(150);
    paused.resume();
    for (int i = 0; i < 100; i++) {
      paused.next("next");
    }
  }

  // --- credentials

  @Test
  void credential_thatExpires_closesWith4440WithinASecond() {
    Instant expiry = InstantSource.system().instant().plusSeconds(5);
    SocketClient client = SocketClient.connect(door).initialise(door.token("ada", "acme", expiry));
    client.subscribe("1", "subscription { never { number } }");
    assertThat(client.closed()).isEqualTo(4440);
    Instant now = InstantSource.system().instant();
    // a second is the promise; the rest is for a machine that has others to serve
    assertThat(Duration.between(expiry, now)).isBetween(Duration.ZERO, Duration.ofSeconds(10));
    Eventually.holds(() -> door.ticks.open.get() == 0);
  }

  @TestFactory
  Stream<DynamicTest> credential_thatIsRevoked_closesWith4440AndCannotReconnect() {
    return Stream.of(
            new KillSwitch.Target(KillSwitch.Kind.PRINCIPAL, "ada"),
            new KillSwitch.Target(KillSwitch.Kind.TENANT, "acme"))
        .map(
            target ->
                DynamicTest.dynamicTest(
                    target.toString().toLowerCase(Locale.ROOT),
                    () -> {
                      String ada = door.token("ada", "acme");
                      SocketClient client = SocketClient.connect(door).initialise(ada);
                      SocketClient other =
                          SocketClient.connect(door).initialise(door.token("bob", "globex"));
                      door.switches.engage(target.kind(), target.name(), "test");
                      assertThat(client.closed()).isEqualTo(4440);
                      SocketClient again = SocketClient.connect(door);
                      again.send(
                          "{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer "
                              + ada
                              + "\"}}");
                      assertThat(again.closed()).isEqualTo(4403);
                      other.subscribe("1", "{ hello }").next("next");
                      door.switches.release(target.kind(), target.name());
                    }));
  }

  @Test
  void credential_thatIsRevokedWhileTheClientReadsNothing_letsNothingFurtherThrough() {
    door.ticks.last = 20_000;
    SocketClient client = SocketClient.connect(door).initialise(door.token("ada", "acme"));
    client.pause();
    client.subscribe("1", "subscription { ticks(size: 10000) { text } }");
    Steady.wait(door.ticks.taken::get);
    door.switches.engage(KillSwitch.Kind.PRINCIPAL, "ada", "test");
    Eventually.holds(() -> door.service.live.size() == 0 && door.ticks.open.get() == 0);
    client.resume();
    assertThat(client.closed()).isIn(1006, 4440);
  }

  @Test
  void operation_thatIsStoppedByName_endsAndTheSocketStays() {
    SocketClient client = SocketClient.ready(door);
    client.subscribe("1", "subscription Watch { never { number } }");
    client.subscribe("2", "subscription Other { never { number } }");
    Eventually.holds(() -> door.ticks.open.get() == 2);
    door.switches.engage(KillSwitch.Kind.OPERATION, "Watch", "test");
    JsonObject error = client.next("error");
    assertThat(error.getString("id")).isEqualTo("1");
    assertThat(error.encode()).contains("OPERATION_NOT_ALLOWED");
    assertThat(door.ticks.open).hasValue(1);
  }

  @Test
  void operation_thatIsStoppedByItsRootField_endsWithoutAnEvent() {
    SocketClient client = SocketClient.ready(door);
    client.subscribe(
        "1", "subscription Mine { ...F } fragment F on Subscription { x: never { number } }");
    client.subscribe("2", "subscription { shared { number } }");
    Eventually.holds(() -> door.ticks.open.get() == 1 && door.shared.getNumberOfSubscribers() == 1);
    door.switches.engage(KillSwitch.Kind.OPERATION, "Subscription.never", "test");
    JsonObject error = client.next("error");
    assertThat(error.getString("id")).isEqualTo("1");
    assertThat(error.encode()).contains("OPERATION_NOT_ALLOWED");
    assertThat(door.ticks.open).hasValue(0);
    assertThat(door.shared.getNumberOfSubscribers()).isEqualTo(1);
  }

  // --- the server's own set-up

  @Test
  void server_thatCompresses_servesNoSocket() {
    Router router = Router.router(door.vertx);
    router.route("/graphql").handler(GraphQLSocketHandler.create(door.service));
    HttpServer server =
        Door.await(
            door.vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(0)
                        .addWebSocketSubProtocol(GraphQLSocketHandler.SUBPROTOCOL))
                .requestHandler(router)
                .listen());
    WebSocketConnectOptions options = options().setPort(server.actualPort());
    assertThat(SocketClient.compressing(door, options).closed()).isEqualTo(1011);
    assertThat(SocketClient.connect(door, options).initialise().isOpen()).isTrue();
    // a server made as it must be compresses with nobody
    assertThat(SocketClient.compressing(door, options()).initialise().isOpen()).isTrue();
  }
}
