package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseHandlerTest {
  private final Vertx vertx = Vertx.vertx();
  private final KillSwitch switches = KillSwitch.create(InstantSource.system());
  private EventHub hub;
  private SseDoor door;
  private SseClient client;

  @BeforeEach
  void open() {
    hub =
        EventHub.builder(vertx)
            .policy(EventPolicy.everyoneOfTheTenant())
            .killSwitch(switches)
            .build();
    door =
        SseDoor.open(vertx, SseHandler.builder(hub).heartbeat(Duration.ofMillis(50)))
            .knows("ann", Callers.of(Callers.ACME, "ann"))
            .knows("gus", Callers.of(Callers.GLOBEX, "gus"));
    client = SseClient.http1(vertx, door.port());
  }

  @AfterEach
  void close() {
    client.close();
    door.close();
    Await.get(hub.close());
    Await.get(vertx.close());
  }

  private void publish(String topic, JsonObject data) {
    assertThat(Await.get(hub.publish(Event.of(Callers.ACME, topic, data))).isAccepted()).isTrue();
  }

  private void awaitNobody() {
    Await.until(
        "everything is given back",
        () -> hub.stats().connections() == 0 && hub.stats().subscriptions() == 0);
  }

  @Test
  void get_aTopic_opensAtOnceAndDeliversInOrder() {
    SseClient.Stream stream = client.get("ann", SseClient.query("orders.*"));

    assertThat(stream.status()).isEqualTo(200);
    assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(stream.header("Cache-Control")).isEqualTo("no-store");
    publish("orders.paid", new JsonObject().put("order", "o1"));
    publish("orders.sent", new JsonObject().put("order", "o2"));

    stream.awaitSeen(2);
    JsonObject first = new JsonObject(stream.seen.get(0).data());
    assertThat(first.getString("type")).isEqualTo("orders.paid");
    assertThat(first.getString("topic")).isEqualTo("orders.paid");
    assertThat(first.getJsonObject("data").getString("order")).isEqualTo("o1");
    assertThat(stream.seen.get(0).event()).isEmpty();
    assertThat(stream.seen.get(1).data()).contains("o2");
    assertThat(stream.retry).matches("[0-9]+");
  }

  @Test
  void get_overHttp2_opensDeliversAndEndsWithItsStream() {
    try (SseClient second = SseClient.http2(vertx, door.port())) {
      SseClient.Stream stream = second.get("ann", SseClient.query("orders.*"));
      SseClient.Stream other = second.get("ann", SseClient.query("stock"));
      publish("orders.paid", new JsonObject().put("order", "o1"));
      stream.awaitSeen(1);

      stream.leave();
      Await.until("the stream is given back", () -> hub.stats().connections() == 1);
      publish("stock", new JsonObject());
      other.awaitSeen(1);
    }
    awaitNobody();
  }

  @Test
  void get_withAFilter_deliversWhatPassesIt() {
    SseClient.Stream stream = client.get("ann", SseClient.query("orders.*", "data.total > 100"));

    publish("orders.paid", new JsonObject().put("total", 7));
    publish("orders.paid", new JsonObject().put("total", 700));

    stream.awaitSeen(1);
    assertThat(stream.seen.get(0).data()).contains("700");
  }

  @Test
  void get_withTheLastEventId_goesOnWhereItWas() {
    SseClient.Stream first = client.get("ann", SseClient.query("orders.*"));
    publish("orders.paid", new JsonObject().put("n", 1));
    first.awaitSeen(1);
    first.leave();
    awaitNobody();
    publish("orders.paid", new JsonObject().put("n", 2));

    SseClient.Stream next =
        client.get("ann", SseClient.query("orders.*"), "Last-Event-ID", first.id);
    publish("orders.paid", new JsonObject().put("n", 3));

    next.awaitSeen(2);
    assertThat(next.data().get(0)).contains("{\"n\":2}");
    assertThat(next.data().get(1)).contains("{\"n\":3}");
  }

  @Test
  void get_brokenOffBeforeTheFirstEvent_canBeResumedFromItsBeginning() {
    SseClient.Stream first = client.get("ann", SseClient.query("orders.*"));
    Await.until("the stream has told its place", () -> !first.id.isEmpty());
    first.leave();
    awaitNobody();
    publish("orders.paid", new JsonObject().put("n", 1));

    SseClient.Stream next =
        client.get("ann", SseClient.query("orders.*"), "Last-Event-ID", first.id);

    next.awaitSeen(1);
    assertThat(next.data().get(0)).contains("{\"n\":1}");
  }

  @Test
  void get_ofAClientThatIsBrokenOffWhileItResumes_tellsNoPlaceBeyondWhatItGot() {
    SseClient.Stream stream =
        client.get("ann", SseClient.query("orders.*"), "Last-Event-ID", "AAAA");

    stream.awaitSeen(1);
    assertThat(stream.raw()).startsWith("retry: ");
    assertThat(stream.raw().indexOf("id: ")).isGreaterThan(stream.raw().indexOf("\n\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "-1", "earliest", "$", "18446744073709551615-1", "0-0", "AAAA", "%00", "é"})
  void get_withACursorThatNobodyGaveOut_startsLiveAfterOneGap(String cursor) {
    publish("orders.paid", new JsonObject().put("n", 1));

    SseClient.Stream stream =
        client.get("ann", SseClient.query("orders.*"), "Last-Event-ID", cursor);
    stream.awaitSeen(1);
    publish("orders.paid", new JsonObject().put("n", 2));

    stream.awaitSeen(2);
    assertThat(stream.seen.get(0).event()).isEqualTo("gap");
    assertThat(stream.seen.get(0).data()).isEqualTo("{\"reason\":\"unknown_cursor\"}");
    assertThat(stream.data().get(1)).contains("{\"n\":2}");
    assertThat(stream.seen).hasSize(2);
  }

  @Test
  void get_nothingHappens_showsThatItLives() {
    SseClient.Stream stream = client.get("ann", SseClient.query("orders.*"));

    Await.until("three comments", () -> stream.comments.get() >= 3);
    assertThat(stream.seen).isEmpty();
  }

  @Test
  void get_theCredentialExpires_endsWithTheReason() {
    Instant soon = InstantSource.system().instant().plusSeconds(3);
    door.knows("brief", Callers.until(Callers.ACME, "ann", soon));
    SseClient.Stream stream = client.get("brief", SseClient.query("orders.*"));

    Await.until("the stream ends", () -> stream.ended);
    assertThat(stream.seen)
        .containsExactly(
            new SseClient.Seen("end", "{\"reason\":\"credentials_expired\"}", stream.id));
    assertThat(client.get("brief", SseClient.query("orders.*")).status()).isEqualTo(401);
  }

  @Test
  void get_theHubCloses_endsWithShutdown() {
    SseClient.Stream stream = client.get("ann", SseClient.query("orders.*"));

    Await.get(hub.close());

    Await.until("the stream ends", () -> stream.ended);
    assertThat(stream.data()).containsExactly("{\"reason\":\"shutdown\"}");
    SseClient.Stream late = client.get("ann", SseClient.query("orders.*"));
    assertThat(late.status()).isEqualTo(503);
    assertThat(Integer.parseInt(late.header("Retry-After"))).isPositive();
  }

  @Test
  void get_theTenantIsStopped_endsWithinASecondAndRefusesTheReconnect() {
    SseClient.Stream stream = client.get("ann", SseClient.query("orders.*"));
    SseClient.Stream other = client.get("gus", SseClient.query("orders.*"));
    long begun = System.nanoTime();

    switches.engage(KillSwitch.Kind.TENANT, "acme", "test");

    Await.until("the stream ends", () -> stream.ended);
    // A second, and room for a machine that has others to serve.
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    assertThat(stream.data()).containsExactly("{\"reason\":\"credentials_revoked\"}");
    SseClient.Stream again = client.get("ann", SseClient.query("orders.*"));
    assertThat(again.status()).isEqualTo(403);
    assertThat(again.body()).contains("\"error\":\"stopped\"");
    assertThat(other.ended).isFalse();
  }

  @Test
  void get_withoutAToken_is401() {
    SseClient.Stream refused = client.get("", SseClient.query("orders.*"));

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer");
    assertThat(refused.header("Content-Type")).isEqualTo("application/json");
    assertThat(new JsonObject(refused.body()).getString("error")).isEqualTo("unauthenticated");
  }

  @Test
  void get_withATokenThatProvesNothing_is401AndDoesNotRepeatIt() {
    SseClient.Stream refused = client.get("mallory", SseClient.query("orders.*"));

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.body()).contains("unknown_token").doesNotContain("mallory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Basic YTpi", "Bearer", "Bearer a b", "Bearer\tann", "ann", "Bearer ann,"})
  void get_withAnotherAuthorization_is401(String authorization) {
    SseClient.Stream refused =
        client.get("", SseClient.query("orders.*"), "Authorization", authorization);

    assertThat(refused.status()).isEqualTo(401);
  }

  @Test
  void get_ofAPrincipalWithoutATenant_is403() {
    door.knows("nobody", Callers.user("nobody").build());

    SseClient.Stream refused = client.get("nobody", SseClient.query("orders.*"));

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body()).contains("\"error\":\"tenant_required\"");
  }

  @Test
  void get_aTokenInTheQuery_isRefusedUnlessLoudlyAllowed() {
    SseClient.Stream refused = client.get("", SseClient.query("orders.*") + "&access_token=ann");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body()).contains("token_in_query").doesNotContain("ann\"");

    try (SseDoor loud =
            SseDoor.open(vertx, SseHandler.builder(hub).dangerouslyAllowTokenInQuery())
                .knows("ann", Callers.of(Callers.ACME, "ann"));
        SseClient other = SseClient.http1(vertx, loud.port())) {
      String query = SseClient.query("orders.*") + "&access_token=ann";
      assertThat(other.get("", query).status()).isEqualTo(200);
      assertThat(other.get("ann", query).status()).isEqualTo(401);
      assertThat(other.get("", query + "&access_token=ann").status()).isEqualTo(401);
    }
  }

  @Test
  void get_aTenantInQueryOrHeader_changesNothing() {
    SseClient.Stream stream =
        client.get(
            "gus",
            SseClient.query("orders.*") + "&tenant=acme",
            "X-Tenant",
            "acme",
            "Tenant",
            "acme");
    publish("orders.paid", new JsonObject());
    Await.get(hub.publish(Event.of(Callers.GLOBEX, "orders.paid", new JsonObject().put("g", 1))));

    stream.awaitSeen(1);
    assertThat(stream.seen).hasSize(1);
    assertThat(stream.data().get(0)).contains("{\"g\":1}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "topic=",
        "topic=orders..paid",
        "topic=*.*",
        "topic=acme:orders",
        "topic=orders%0Aid:1",
        "topic=a&topic=b",
        "topic=%ZZ",
        "topic=orders.*&filter=tenant+%3D",
        "topic=orders.*&filter=a%3D1&filter=b%3D1"
      })
  void get_aQueryThatCannotBeRead_is400(String query) {
    SseClient.Stream refused = client.get("ann", query);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(hub.stats().connections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "text/html",
        "text/event-stream;q=0",
        "*/*, text/event-stream;q=0.0"
      })
  void get_ofAClientThatReadsNoStreams_is406(String accept) {
    assertThat(client.get("ann", SseClient.query("a"), "Accept", accept).status()).isEqualTo(406);
  }

  @ParameterizedTest
  @ValueSource(strings = {"*/*", "text/*", "TEXT/Event-Stream", "text/html;q=0.3, */*;q=0.1"})
  void get_ofAClientThatReadsAnything_opens(String accept) {
    assertThat(client.get("ann", SseClient.query("a"), "Accept", accept).status()).isEqualTo(200);
  }

  @Test
  void post_is405() {
    SseClient.Stream refused = client.send(HttpMethod.POST, "ann", SseClient.query("a"));

    assertThat(refused.status()).isEqualTo(405);
    assertThat(refused.header("Allow")).isEqualTo("GET");
  }

  @Test
  void get_whoCallsCannotBeFoundOut_is503AndSaysNothingOfTheCause() {
    SseHandler.Builder broken =
        SseHandler.builder(hub).principals(ctx -> Future.failedFuture("db01.internal is down"));
    try (SseDoor other = SseDoor.exactly(vertx, broken);
        SseClient caller = SseClient.http1(vertx, other.port())) {
      SseClient.Stream refused = caller.get("", SseClient.query("a"));

      assertThat(refused.status()).isEqualTo(503);
      assertThat(Integer.parseInt(refused.header("Retry-After"))).isPositive();
      assertThat(refused.body()).contains("\"unavailable\"").doesNotContain("db01");
    }
  }

  @Test
  void get_findingOutWhoCallsEndsInAnError_is503() {
    SseHandler.Builder broken =
        SseHandler.builder(hub)
            .principals(
                ctx -> {
                  throw new NoClassDefFoundError("of a session store");
                });
    try (SseDoor other = SseDoor.exactly(vertx, broken);
        SseClient caller = SseClient.http1(vertx, other.port())) {
      SseClient.Stream refused = caller.get("", SseClient.query("a"));

      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.body()).contains("\"unavailable\"");
    }
  }

  @Test
  void get_whoCallsIsNeverFoundOut_is503InTime() {
    Promise<Authentication> never = Promise.promise();
    SseHandler.Builder slow =
        SseHandler.builder(hub).principals(ctx -> never.future()).openTime(Duration.ofMillis(100));
    try (SseDoor other = SseDoor.exactly(vertx, slow);
        SseClient caller = SseClient.http1(vertx, other.port())) {
      assertThat(caller.get("", SseClient.query("a")).status()).isEqualTo(503);
      never.complete(Authentication.proven(Callers.of(Callers.ACME, "late")));
      assertThat(hub.stats().connections()).isZero();
    }
  }

  @Test
  void get_byACookie_asksTheFunction() {
    Principal ann = Callers.of(Callers.ACME, "ann");
    SseHandler.Builder byCookie =
        SseHandler.builder(hub)
            .principals(
                ctx ->
                    Future.succeededFuture(
                        ctx.request().getCookie("session") == null
                            ? Authentication.refused("unauthenticated", "no session")
                            : Authentication.proven(ann)));
    try (SseDoor other = SseDoor.exactly(vertx, byCookie);
        SseClient caller = SseClient.http1(vertx, other.port())) {
      assertThat(caller.get("", SseClient.query("a"), "Cookie", "session=1").status())
          .isEqualTo(200);
      assertThat(caller.get("", SseClient.query("a")).status()).isEqualTo(401);
    }
  }

  @Test
  void build_withoutSayingWhoCalls_isRefused() {
    assertThatThrownBy(() -> SseHandler.builder(hub).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("who calls");
  }
}
