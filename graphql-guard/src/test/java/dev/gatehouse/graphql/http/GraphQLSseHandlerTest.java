package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.graphql.access.SharedEvents;
import dev.gatehouse.graphql.access.SubscriptionEnded;
import java.io.IOException;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** GraphQL over server-sent events, over real HTTP. */
class GraphQLSseHandlerTest {
  private static final String FLOOD = "subscription Flood { ticks(size: 10000) { text } }";

  private final AtomicInteger streams = new AtomicInteger();
  private Door door = Door.open();

  @AfterEach
  void close() {
    door.close();
  }

  private void reopen(Door.Setup setup) {
    door.close();
    door = setup.service(service -> service.observer(new Places(streams))).open();
  }

  /** Counts those who have a place. */
  private record Places(AtomicInteger open) implements OperationObserver {
    @Override
    public void answered(Answered operation) {}

    @Override
    public void connections(Transport transport, int change) {
      open.addAndGet(change);
    }
  }

  /** One that reads nothing, and for whom more waits than its connection takes. */
  private SseClient flooded(String... headers) throws IOException {
    door.ticks.last = 20_000;
    SseClient client = SseClient.post(door, FLOOD, headers);
    Steady.wait(door.ticks.taken::get);
    return client;
  }

  /** How many events come until the connection is over. */
  private static int left(SseClient client) throws IOException {
    int count = 0;
    try {
      while (client.next() != null) {
        count++;
      }
    } catch (SocketException cut) {
      return count;
    }
    return count;
  }

  @Test
  void query_asAnEventStream_isANextAndAComplete() throws Exception {
    try (SseClient client = SseClient.post(door, "{ hello }")) {
      assertThat(client.status).contains("200");
      assertThat(client.next())
          .isEqualTo(new SseClient.Event("next", "{\"data\":{\"hello\":\"hello you\"}}"));
      assertThat(client.next()).isEqualTo(new SseClient.Event("complete", ""));
      assertThat(client.next()).isNull();
    }
  }

  @Test
  void subscription_byPostAndByGet_sendsItsEventsInOrder() throws Exception {
    String document = "subscription { ticks { number } }";
    try (SseClient posted = SseClient.post(door, document);
        SseClient got = SseClient.get(door, document)) {
      for (SseClient client : new SseClient[] {posted, got}) {
        for (int i = 1; i <= 5; i++) {
          assertThat(client.next().data()).contains("\"number\":" + i);
        }
        assertThat(client.next().name()).isEqualTo("complete");
      }
    }
    assertThat(door.ticks.open).hasValue(0);
  }

  @Test
  void sharedEvents_areExecutedOnceForAllStreams() throws Exception {
    String document = "subscription { shared { number text } }";
    try (SseClient one = SseClient.post(door, document);
        SseClient other = SseClient.get(door, document)) {
      Eventually.holds(() -> door.shared.getNumberOfSubscribers() == 2);
      for (int i = 1; i <= 30; i++) {
        door.shared.submit(SharedEvents.of(Map.of("number", i, "text", "a\nb")));
      }
      for (int i = 1; i <= 30; i++) {
        SseClient.Event event =
            new SseClient.Event(
                "next", "{\"data\":{\"shared\":{\"number\":%d,\"text\":\"a\\nb\"}}}".formatted(i));
        assertThat(one.next()).isEqualTo(event);
        assertThat(other.next()).isEqualTo(event);
      }
    }
    assertThat(door.numbers).hasValue(30);
  }

  @Test
  void request_thatIsRefused_isANextWithErrors() throws Exception {
    try (SseClient client = SseClient.post(door, "{ nowhere }")) {
      SseClient.Event event = client.next();
      assertThat(event.name()).isEqualTo("next");
      assertThat(event.data()).contains("errors").doesNotContain("\"data\"");
      assertThat(client.next().name()).isEqualTo("complete");
    }
  }

  @Test
  void mutation_byGet_neverRuns() throws Exception {
    try (SseClient client = SseClient.get(door, "mutation { add }")) {
      assertThat(client.next().data()).contains("OPERATION_NOT_ALLOWED");
    }
    assertThat(door.added).hasValue(0);
    try (SseClient client = SseClient.post(door, "mutation { add }")) {
      assertThat(client.next().data()).contains("{\"add\":1}");
    }
  }

  @Test
  void header_thatIsRequired_isAskedForBeforeAnythingRuns() throws Exception {
    reopen(Door.with().sse(builder -> builder.requireHeader("X-Shop")));
    try (SseClient without = SseClient.get(door, "{ hello }");
        SseClient with = SseClient.get(door, "{ hello }", "x-shop: 1\r\n")) {
      assertThat(without.status).contains("400");
      assertThat(with.next().data()).contains("hello you");
    }
    assertThat(door.hellos).hasValue(1);
  }

  @Test
  void post_ofAnotherContentType_isRefused() {
    assertThat(
            Call.to(door)
                .accept("text/event-stream")
                .contentType("text/plain")
                .query("mutation { add }")
                .statusCode())
        .isEqualTo(415);
    assertThat(door.added).hasValue(0);
  }

  @Test
  void failure_ofASource_isMasked() throws Exception {
    try (SseClient client = SseClient.post(door, "subscription { fails { number } }")) {
      client.next();
      assertThat(client.next().data()).contains("INTERNAL").doesNotContain("hunter2");
      assertThat(client.next().name()).isEqualTo("complete");
    }
  }

  @Test
  void subscription_thatItsSourceEnds_isToldWhy() throws Exception {
    door.ticks.failure = new SubscriptionEnded(SubscriptionEnded.Reason.FORBIDDEN);
    try (SseClient client = SseClient.post(door, "subscription { fails { number } }")) {
      client.next();
      assertThat(client.next().data())
          .contains("\"code\":\"SUBSCRIPTION_ENDED\"", "\"reason\":\"forbidden\"");
      assertThat(client.next().name()).isEqualTo("complete");
    }
  }

  @Test
  void text_withLineEnds_cannotBeginAField() throws Exception {
    try (SseClient client =
        SseClient.post(
            door, "{ hello(name: \"a\\r\\nevent: complete\\n\\ndata: x\\u2028\\u0000\") }")) {
      SseClient.Event event = client.next();
      assertThat(event.name()).isEqualTo("next");
      assertThat(event.data()).contains("event: complete");
      assertThat(client.next()).isEqualTo(new SseClient.Event("complete", ""));
    }
  }

  @Test
  void client_thatPrefersAnAnswer_getsOne() {
    String both = "application/graphql-response+json, application/json, text/event-stream";
    assertThat(Call.to(door).accept(both).query("{ hello }").headers().firstValue("Content-Type"))
        .contains("application/graphql-response+json; charset=utf-8");
    assertThat(
            Call.to(door)
                .accept("text/event-stream, application/json")
                .query("{ hello }")
                .headers()
                .firstValue("Content-Type"))
        .contains("text/event-stream; charset=utf-8");
  }

  @Test
  void client_thatWeighsWhatItReads_getsWhatItWantsMost() {
    Map<String, String> types =
        Map.of(
            "text/event-stream;q=0.1, application/json", "application/json",
            "application/json;q=0.1, text/event-stream", "text/event-stream",
            "application/json;q=0.5, text/event-stream;q=0.5", "application/json",
            "*/*, text/event-stream;q=0.9", "text/event-stream",
            "text/event-stream;q=0, */*", "application/json");
    types.forEach(
        (accept, type) ->
            assertThat(
                    Call.to(door)
                        .accept(accept)
                        .query("{ hello }")
                        .headers()
                        .map()
                        .get("Content-Type"))
                .as(accept)
                .containsExactly(type + "; charset=utf-8"));
  }

  @Test
  void client_thatLeaves_cancelsThePublisherAndWhatRuns() throws Exception {
    SseClient client = SseClient.post(door, "subscription { never { number } }");
    Eventually.holds(() -> door.ticks.open.get() == 1);
    client.close();
    Eventually.holds(() -> door.ticks.open.get() == 0);
    SseClient query = SseClient.post(door, "{ hang }");
    door.hanging.get(10, TimeUnit.SECONDS);
    query.close();
    Eventually.holds(() -> door.cancellations.get() == 1);
    Eventually.holds(() -> door.service.live.size() == 0);
  }

  @Test
  void client_thatLeavesWhileItsSubscribeIsPending_leavesNoPublisher() throws Exception {
    SseClient client = SseClient.post(door, "subscription { late { number } }");
    Eventually.holds(() -> door.service.live.size() == 1);
    client.close();
    Eventually.holds(() -> door.service.live.size() == 0);
    door.late.complete(door.ticks.silent());
    Eventually.holds(() -> door.ticks.opened.get() == 1 && door.ticks.open.get() == 0);
  }

  @Test
  void client_thatDoesNotRead_isServedNoMoreThanFits() throws Exception {
    door.ticks.last = 20_000;
    try (SseClient client = SseClient.post(door, "subscription { ticks(size: 10000) { text } }")) {
      Steady.wait(door.ticks.taken::get);
      assertThat(door.ticks.taken.get()).isLessThan(2_000);
      for (int i = 0; i < 1_000; i++) {
        assertThat(client.next().name()).isEqualTo("next");
      }
    }
  }

  @Test
  void credential_thatExpires_endsTheStreamWithinASecond() throws Exception {
    Instant expiry = InstantSource.system().instant().plusSeconds(5);
    String token = door.token("ada", "acme", expiry);
    try (SseClient client =
        SseClient.post(
            door, "subscription { never { number } }", "Authorization: Bearer " + token + "\r\n")) {
      assertThat(client.next())
          .isEqualTo(new SseClient.Event("end", "{\"reason\":\"credentials_expired\"}"));
      Duration late = Duration.between(expiry, InstantSource.system().instant());
      // a second is the promise; the rest is for a machine that has others to serve
      assertThat(late).isBetween(Duration.ZERO, Duration.ofSeconds(10));
      assertThat(client.next()).isNull();
    }
    Eventually.holds(() -> door.ticks.open.get() == 0);
  }

  @Test
  void credential_thatIsRevoked_endsTheStream() throws Exception {
    String token = door.token("ada", "acme");
    try (SseClient client =
        SseClient.post(
            door, "subscription { never { number } }", "Authorization: Bearer " + token + "\r\n")) {
      Eventually.holds(() -> door.ticks.open.get() == 1);
      door.switches.engage(KillSwitch.Kind.TENANT, "acme", "test");
      assertThat(client.next().name()).isEqualTo("end");
    }
    try (SseClient again =
        SseClient.post(door, "{ hello }", "Authorization: Bearer " + token + "\r\n")) {
      assertThat(again.status).contains("403");
    }
  }

  @Test
  void operation_thatIsStoppedByItsRootField_endsWithoutAnEvent() throws Exception {
    try (SseClient client = SseClient.post(door, "subscription Mine { x: never { number } }");
        SseClient other = SseClient.post(door, "subscription { shared { number } }")) {
      Eventually.holds(
          () -> door.ticks.open.get() == 1 && door.shared.getNumberOfSubscribers() == 1);
      door.switches.engage(KillSwitch.Kind.OPERATION, "Subscription.never", "test");
      Eventually.holds(() -> door.ticks.open.get() == 0);
      SseClient.Event event = client.next();
      assertThat(event.name()).isEqualTo("next");
      assertThat(event.data()).contains("OPERATION_NOT_ALLOWED");
      assertThat(client.next().name()).isEqualTo("complete");
      door.shared.submit(Map.of("number", 7));
      assertThat(other.next().data()).contains("{\"number\":7}");
    }
  }

  @Test
  void credential_thatIsRevokedWhileTheClientReadsNothing_cutsTheConnection() throws Exception {
    reopen(Door.with());
    String token = door.token("ada", "acme");
    try (SseClient client = flooded("Authorization: Bearer " + token + "\r\n")) {
      long revoked = System.nanoTime();
      door.switches.engage(KillSwitch.Kind.PRINCIPAL, "ada", "test");
      Eventually.holds(() -> streams.get() == 0);
      // a second is the promise; the rest is for a machine that has others to serve
      assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(Duration.ofSeconds(10));
      assertThat(left(client)).isLessThan(door.ticks.taken.intValue() - 2);
    }
  }

  @Test
  void credential_thatIsRevokedAfterTheEndAndBeforeItIsRead_cutsTheConnection() throws Exception {
    reopen(Door.with());
    String token = door.token("ada", "acme");
    try (SseClient client = flooded("Authorization: Bearer " + token + "\r\n")) {
      door.switches.engage(KillSwitch.Kind.OPERATION, "Flood", "test");
      Eventually.holds(() -> door.ticks.open.get() == 0);
      assertThat(streams).hasValue(1);
      door.switches.engage(KillSwitch.Kind.PRINCIPAL, "ada", "test");
      Eventually.holds(() -> streams.get() == 0 && door.service.live.size() == 0);
      assertThat(left(client)).isLessThan(door.ticks.taken.intValue() - 2);
    }
  }

  @Test
  void client_thatReadsNothingForTheStallTime_isCut() throws Exception {
    reopen(
        Door.with().sse(s -> s.heartbeat(Duration.ofMillis(50)).stallTime(Duration.ofMillis(400))));
    try (SseClient client = flooded()) {
      Eventually.holds(() -> streams.get() == 0 && door.ticks.open.get() == 0);
      assertThat(left(client)).isLessThan(door.ticks.taken.intValue() - 2);
    }
  }

  @Test
  void stream_thatIsOverBeforeItIsRead_keepsItsPlaceUntilItIsRead() throws Exception {
    reopen(Door.with().sse(builder -> builder.maxStreams(1, 1, 1)));
    try (SseClient client = flooded()) {
      door.switches.engage(KillSwitch.Kind.OPERATION, "Flood", "test");
      Eventually.holds(() -> door.ticks.open.get() == 0);
      try (SseClient other = SseClient.post(door, "{ hello }")) {
        assertThat(other.status).contains("429");
      }
      assertThat(left(client)).isEqualTo(door.ticks.taken.intValue() + 2);
      Eventually.holds(() -> streams.get() == 0);
    }
  }

  @Test
  void stream_thatIsOverAndIsNeverRead_isCutAfterTheStallTime() throws Exception {
    reopen(Door.with().sse(builder -> builder.stallTime(Duration.ofMillis(400))));
    try (SseClient client = flooded()) {
      door.switches.engage(KillSwitch.Kind.OPERATION, "Flood", "test");
      Eventually.holds(() -> streams.get() == 0);
      assertThat(left(client)).isLessThan(door.ticks.taken.intValue() - 2);
    }
  }

  @Test
  void stream_thatIsSilent_showsThatItLives() throws Exception {
    try (SseClient client = SseClient.post(door, "subscription { never { number } }")) {
      // the first comes with the head
      assertThat(client.line()).isEqualTo(":");
    }
  }

  @Test
  void streams_beyondACallersShare_areRefused() throws Exception {
    reopen(Door.with().sse(builder -> builder.maxStreams(10, 2, 2)));
    SseClient one = SseClient.post(door, "subscription { never { number } }");
    SseClient two = SseClient.post(door, "subscription { never { number } }");
    try (SseClient three = SseClient.post(door, "{ hello }")) {
      assertThat(three.status).contains("429");
    }
    HttpResponse<String> refused = Call.to(door).accept("text/event-stream").query("{ hello }");
    assertThat(refused.body()).contains("\"code\":\"RATE_LIMITED\"");
    assertThat(refused.headers().firstValue("Retry-After")).contains("5");
    Eventually.holds(() -> door.ticks.open.get() == 2);
    one.close();
    Eventually.holds(() -> door.ticks.open.get() == 1);
    try (SseClient three = SseClient.post(door, "{ hello }")) {
      assertThat(three.status).contains("200");
    }
    two.close();
  }
}
