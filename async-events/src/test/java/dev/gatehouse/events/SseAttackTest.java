package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Decision;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What somebody could try on an event stream. */
class SseAttackTest {
  private static final int CYCLES = Integer.getInteger("gatehouse.cycles", 1_000);
  private static final int STORM = 300;

  private final Vertx vertx = Vertx.vertx();
  private final KillSwitch switches = KillSwitch.create(InstantSource.system());
  private final List<Socket> sockets = new ArrayList<>();
  private EventHub hub;
  private SseDoor door;
  private SseClient client;

  @BeforeEach
  void open() {
    Rate plenty = Rate.perSecond(100_000, 100_000);
    hub =
        EventHub.builder(vertx)
            .policy(EventPolicy.everyoneOfTheTenant())
            .killSwitch(switches)
            .limits(
                EventLimits.builder()
                    .admissions(plenty)
                    .operations(plenty)
                    .connections(20_000, 20_000, 20_000)
                    .subscriptions(20_000, 20_000, 20_000)
                    .build())
            .build();
    door =
        SseDoor.open(
                vertx,
                SseHandler.builder(hub)
                    .heartbeat(Duration.ofMillis(100))
                    .stallTime(Duration.ofMillis(500)))
            .knows("ann", Callers.of(Callers.ACME, "ann"))
            .knows("bob", Callers.of(Callers.ACME, "bob"))
            .knows("gus", Callers.of(Callers.GLOBEX, "gus"));
    client = SseClient.http1(vertx, door.port());
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    client.close();
    door.close();
    Await.get(hub.close());
    Await.get(vertx.close());
  }

  private void publish(TenantId tenant, String topic, JsonObject data) {
    Await.get(hub.publish(Event.of(tenant, topic, data)));
  }

  private void awaitNobody() {
    Await.until(
        "everything is given back",
        () -> hub.stats().connections() == 0 && hub.stats().subscriptions() == 0);
  }

  /** A client that sends its request, and reads what it is told to. */
  private Socket raw(String token) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), door.port()));
    sockets.add(socket);
    socket
        .getOutputStream()
        .write(
            ("GET /events?topic=orders.* HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n"
                    + "Authorization: Bearer "
                    + token
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    readUntil(socket, "retry: ");
    return socket;
  }

  private void awaitOpen(int count) {
    Await.until("so many are open", () -> hub.stats().connections() == count);
  }

  // --- injection

  @Test
  void data_withEveryKindOfLineEnd_beginsNoFieldOfItsOwn() {
    SseClient.Stream stream = client.get("ann", SseClient.query("orders.*"));
    String json = "{\"a\":\r\n1,\r\"b\":\n2,\n\n\"c\":\"id: forged\"\n}\nid: x".substring(0, 41);
    String whole = "{\r\"a\":1,\n\r\n\r\r\"b\":\n\n2,\"c\":\"event: end\"}";
    assertThat(json).doesNotEndWith("}");
    for (String text : List.of(whole, json)) {
      Event event =
          Event.builder("orders.paid")
              .tenant(Callers.ACME)
              .data(EventData.of("application/json", Buffer.buffer(text)))
              .build();
      Await.get(hub.publish(event));
    }

    stream.awaitSeen(2);
    assertThat(stream.seen).allSatisfy(seen -> assertThat(seen.event()).isEmpty());
    JsonObject read = new JsonObject(stream.data().get(0)).getJsonObject("data");
    assertThat(read.getString("c")).isEqualTo("event: end");
    // What is no JSON is not written into JSON.
    assertThat(new JsonObject(stream.data().get(1)).getBinary("data_base64"))
        .isEqualTo(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void data_thatClosesTheObjectItIsWrittenInto_staysData() {
    SseClient.Stream stream = client.get("ann", SseClient.query("orders.*"));
    List<Buffer> tricks =
        List.of(
            Buffer.buffer("1},\"id\":\"forged\",\"x\":{}"),
            Buffer.buffer("{\"a\":1,\"a\":2}"),
            Buffer.buffer("\uFEFF{\"a\":1}"),
            Buffer.buffer("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE)),
            Buffer.buffer(new byte[] {'"', (byte) 0xc3, '"'}),
            Buffer.buffer("\"a\u0000b\""));
    for (Buffer trick : tricks) {
      Await.get(
          hub.publish(
              Event.builder("orders.paid")
                  .tenant(Callers.ACME)
                  .id("real")
                  .data(EventData.of("application/json", trick))
                  .build()));
    }

    stream.awaitSeen(tricks.size());
    assertThat(stream.raw()).doesNotContain("\u0000");
    for (String data : stream.data()) {
      JsonObject event = new JsonObject(data);
      assertThat(event.getString("id")).isEqualTo("real");
      assertThat(event.getString("data_base64")).isNotNull();
    }
  }

  @Test
  void data_ofText_isATextWithAllItsLines() {
    SseClient.Stream stream = client.get("ann", SseClient.query("orders.*"));
    String text = "one\r\nevent: end\rdata: {}\n\nid: \u0000 \ud800 x";
    Await.get(
        hub.publish(
            Event.builder("orders.paid")
                .tenant(Callers.ACME)
                .data(EventData.of("text/plain", Buffer.buffer(text.replace("\ud800", "é"))))
                .build()));

    stream.awaitSeen(1);
    assertThat(stream.seen.get(0).event()).isEmpty();
    JsonObject event = new JsonObject(stream.data().get(0));
    // NUL is in no frame; this text came as bytes.
    assertThat(event.getBinary("data_base64"))
        .isEqualTo(text.replace("\ud800", "é").getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void topic_namedLikeAMarkOfTheStream_isAMessageLikeAnyOther() {
    SseClient.Stream stream = client.get("ann", SseClient.query("*"));

    for (String topic : List.of("end", "gap", "error", "open")) {
      publish(Callers.ACME, topic, new JsonObject().put("reason", "credentials_expired"));
    }

    stream.awaitSeen(4);
    assertThat(stream.seen).allSatisfy(seen -> assertThat(seen.event()).isEmpty());
  }

  @Test
  void data_lineByLine_isWhatAReaderJoins() {
    assertThat(SseFrames.data("a\r\nb\rc\nd\n\re\u0000f"))
        .hasToString("data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: ef\n");
  }

  // --- cursors

  @Test
  void cursor_ofAnotherTenantPrincipalOrTopic_isOneAnswerWithAGap() {
    SseClient.Stream ann = client.get("ann", SseClient.query("orders.*"));
    publish(Callers.ACME, "orders.paid", new JsonObject().put("secret", 1));
    ann.awaitSeen(1);
    publish(Callers.ACME, "orders.paid", new JsonObject().put("secret", 2));
    ann.awaitSeen(2);
    String cursor = ann.seen.get(0).id();

    SseClient.Stream globex =
        client.get("gus", SseClient.query("orders.*"), "Last-Event-ID", cursor);
    SseClient.Stream bob = client.get("bob", SseClient.query("orders.*"), "Last-Event-ID", cursor);
    SseClient.Stream wider = client.get("ann", SseClient.query(">"), "Last-Event-ID", cursor);
    char first = cursor.charAt(20);
    String forged = cursor.replace(first, first == 'A' ? 'B' : 'A');
    SseClient.Stream guessed =
        client.get("ann", SseClient.query("orders.*"), "Last-Event-ID", forged);

    for (SseClient.Stream stream : List.of(globex, bob, wider, guessed)) {
      stream.awaitSeen(1);
      assertThat(stream.seen.get(0).event()).isEqualTo("gap");
      assertThat(stream.data()).containsExactly("{\"reason\":\"unknown_cursor\"}");
      assertThat(stream.raw()).doesNotContain("secret");
    }
  }

  @Test
  void cursor_ofTwoHeaders_isUnknown() throws IOException {
    SseClient.Stream ann = client.get("ann", SseClient.query("orders.*"));
    publish(Callers.ACME, "orders.paid", new JsonObject());
    ann.awaitSeen(1);
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), door.port());
    sockets.add(socket);
    String header = "Last-Event-ID: " + ann.id + "\r\n";
    socket
        .getOutputStream()
        .write(
            ("GET /events?topic=orders.* HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ann\r\n"
                    + header
                    + header
                    + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));

    assertThat(readUntil(socket, "unknown_cursor")).contains("event: gap");
  }

  private static String readUntil(Socket socket, String text) throws IOException {
    socket.setSoTimeout(20_000);
    StringBuilder read = new StringBuilder();
    byte[] bytes = new byte[4_096];
    while (read.indexOf(text) < 0) {
      int length = socket.getInputStream().read(bytes);
      if (length < 0) {
        throw new AssertionError("the stream ended: " + read);
      }
      read.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }
    return read.toString();
  }

  // --- slow and half-open peers

  @Test
  void reader_thatReadsNothing_isCutOffAndCostsItsBoundAlone() throws IOException {
    SseClient.Stream other = client.get("bob", SseClient.query("orders.*"));
    raw("ann");
    awaitOpen(2);
    JsonObject large = new JsonObject().put("text", "x".repeat(50_000));

    int sent = 0;
    while (hub.stats().connections() > 1) {
      publish(Callers.ACME, "orders.paid", large);
      sent++;
      int wanted = sent;
      Await.until("the other reads", () -> other.seen.size() >= wanted);
      assertThat(sent).as("the slow one is cut off in time").isLessThan(2_000);
    }

    assertThat(other.ended || other.cut).isFalse();
    publish(Callers.ACME, "orders.paid", new JsonObject());
    other.awaitSeen(sent + 1);
  }

  @Test
  void reader_thatReadsNothingWhileLittleHappens_isCutOffAfterTheStallTime() throws IOException {
    raw("ann");
    awaitOpen(1);
    JsonObject large = new JsonObject().put("text", "x".repeat(200_000));
    // The next only when it was taken, so that its queue is never full.
    int sent = 0;
    while (hub.stats().connections() > 0) {
      publish(Callers.ACME, "orders.paid", large);
      int wanted = ++sent;
      Await.until(
          "it is taken, or the reader is cut off",
          () -> hub.stats().count(Count.DELIVERED) >= wanted || hub.stats().connections() == 0);
      assertThat(sent).as("it is cut off in time").isLessThan(500);
    }

    awaitNobody();
    assertThat(hub.stats().ended().get(EndReason.SLOW_CONSUMER)).isZero();
  }

  @Test
  void reader_whoseCredentialIsRevokedWhileItReadsNothing_getsNothingOfWhatWaited()
      throws IOException {
    Socket socket = raw("ann");
    awaitOpen(1);
    JsonObject large = new JsonObject().put("text", "x".repeat(200_000));
    // The first one alone: together they are more than its queue takes, which may end it first.
    publish(Callers.ACME, "orders.paid", large);
    Await.until("the first is taken", () -> hub.stats().count(Count.DELIVERED) > 0);
    for (int i = 1; i < 20; i++) {
      publish(Callers.ACME, "orders.paid", large);
    }

    switches.engage(KillSwitch.Kind.PRINCIPAL, "ann", "test");
    awaitNobody();

    socket.setSoTimeout(20_000);
    long read = 0;
    String tail = "";
    try {
      byte[] bytes = new byte[65_536];
      int length = socket.getInputStream().read(bytes);
      // what fitted before the socket ends with the last chunk of the answer, or is cut off
      while (length >= 0 && !tail.endsWith("\r\n0\r\n\r\n")) {
        read += length;
        tail = (tail + new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
        tail = tail.substring(Math.max(0, tail.length() - 100));
        length = tail.endsWith("\r\n0\r\n\r\n") ? 0 : socket.getInputStream().read(bytes);
      }
    } catch (SocketTimeoutException open) {
      throw new AssertionError("neither ended nor cut off after " + read + " bytes: " + tail, open);
    } catch (IOException reset) {
      // cut off, as it should be
    }
    assertThat(read).isLessThan(20 * 200_000L);
  }

  @Test
  void peer_thatGoesAwayWithoutAWord_leavesNothing() throws IOException {
    List<Socket> peers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      peers.add(raw("ann"));
    }
    awaitOpen(50);

    for (Socket peer : peers) {
      peer.setSoLinger(true, 0);
      peer.close();
    }

    awaitNobody();
  }

  @Test
  void client_thatLeavesWhileItIsFoundOutWhoCalls_leavesNothing() throws IOException {
    Promise<Authentication> later = Promise.promise();
    SseHandler.Builder slow = SseHandler.builder(hub).principals(ctx -> later.future());
    try (SseDoor other = SseDoor.exactly(vertx, slow)) {
      for (int i = 0; i < 20; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), other.port());
        socket
            .getOutputStream()
            .write(
                "GET /events?topic=a HTTP/1.1\r\nHost: a\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        socket.setSoLinger(true, 0);
        socket.close();
      }
      later.complete(Authentication.proven(Callers.of(Callers.ACME, "ann")));
      awaitNobody();
    }
  }

  @Test
  void client_thatLeavesWhileThePolicyIsAsked_leavesNothing() {
    Promise<Decision> later = Promise.promise();
    EventPolicy slow =
        new EventPolicy() {
          @Override
          public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
            return later.future();
          }

          @Override
          public Decision maySee(Principal principal, EventFacts event) {
            return Decision.allow();
          }
        };
    EventHub slowHub =
        EventHub.builder(vertx)
            .policy(slow)
            .limits(EventLimits.builder().policyTime(Duration.ofMinutes(1)).build())
            .build();
    try (SseDoor other =
            SseDoor.open(vertx, slowHub).knows("ann", Callers.of(Callers.ACME, "ann"));
        Closing socket = new Closing(other.port())) {
      Await.until("it is being opened", () -> slowHub.stats().subscriptions() == 1);
      socket.leave();
      Await.until("its connection is given back", () -> slowHub.stats().connections() == 0);
      later.complete(Decision.allow());
      Await.until("so is its subscription", () -> slowHub.stats().subscriptions() == 0);
    }
    Await.get(slowHub.close());
  }

  /** A socket that can be closed twice. */
  private static final class Closing implements AutoCloseable {
    private final Socket socket;

    Closing(int port) {
      try {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket
            .getOutputStream()
            .write(
                "GET /events?topic=a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ann\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      leave();
    }

    void leave() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  // --- floods

  @Test
  void cycles_ofOpeningAndLeaving_leaveNothing() {
    // On a connection each: on HTTP/2 the server itself ends one that resets so many streams.
    for (int i = 0; i < CYCLES; i++) {
      SseClient.Stream stream = client.get("ann", SseClient.query("orders.*"));
      assertThat(stream.status()).isEqualTo(200);
      stream.leave();
    }
    awaitNobody();
    assertThat(hub.state().loops().size()).isZero();
  }

  @Test
  void connections_beyondALimit_are429WithSpreadHints() {
    EventHub small =
        EventHub.builder(vertx)
            .policy(EventPolicy.everyoneOfTheTenant())
            .limits(EventLimits.builder().connections(100, 100, 2).build())
            .build();
    try (SseDoor other = SseDoor.open(vertx, small).knows("ann", Callers.of(Callers.ACME, "ann"));
        SseClient caller = SseClient.http2(vertx, other.port())) {
      caller.get("ann", SseClient.query("a"));
      caller.get("ann", SseClient.query("a"));
      Set<String> hints = new HashSet<>();
      for (int i = 0; i < 40; i++) {
        SseClient.Stream refused = caller.get("ann", SseClient.query("a"));
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.body()).contains("\"error\":\"too_many_connections\"");
        hints.add(refused.header("Retry-After"));
      }
      assertThat(hints).hasSizeGreaterThan(1);
    }
    Await.get(small.close());
  }

  @Test
  void storm_ofReconnectsAfterARestart_isLetInAtAPace() {
    EventHub paced =
        EventHub.builder(vertx)
            .policy(EventPolicy.everyoneOfTheTenant())
            .limits(
                EventLimits.builder()
                    .admissions(Rate.perSecond(20, 50))
                    .connections(1_000, 1_000, 1_000)
                    .build())
            .build();
    try (SseDoor other = SseDoor.open(vertx, paced).knows("ann", Callers.of(Callers.ACME, "ann"));
        SseClient caller = SseClient.http2(vertx, other.port())) {
      List<SseClient.Stream> all = new ArrayList<>();
      for (int i = 0; i < STORM; i++) {
        all.add(caller.get("ann", SseClient.query("a")));
      }
      List<SseClient.Stream> refused =
          all.stream().filter(stream -> stream.status() == 503).toList();
      assertThat(refused).isNotEmpty();
      assertThat(refused).allSatisfy(s -> assertThat(s.header("Retry-After")).matches("[0-9]+"));
      assertThat(refused.stream().map(s -> s.header("Retry-After")).distinct().count())
          .isGreaterThan(1);
    }
    Await.get(paced.close());
  }

  @Test
  void storm_ofReconnectsWhileAKillSwitchIsEngaged_letsNobodyStayIn() {
    try (SseClient second = SseClient.http2(vertx, door.port())) {
      List<SseClient.Stream> all = new ArrayList<>();
      for (int i = 0; i < STORM; i++) {
        all.add(second.get("ann", SseClient.query("orders.*")));
        if (i == STORM / 2) {
          switches.engage(KillSwitch.Kind.TENANT, "acme", "test");
        }
      }
      publish(Callers.ACME, "orders.paid", new JsonObject().put("secret", 1));

      awaitNobody();
      assertThat(all.get(STORM - 1).status()).isEqualTo(403);
      assertThat(all).allSatisfy(s -> assertThat(s.raw()).doesNotContain("secret"));
    }
  }

  @Test
  void largeEvent_toManySubscribers_isEncodedOnceAndSharedOutsideTheHeap() {
    int many = 10_000;
    List<EventView> views = new CopyOnWriteArrayList<>();
    EventConnection connection = null;
    for (int i = 0; i < many; i++) {
      if (i % 100 == 0) {
        connection = Reader.connect(hub, Callers.of(Callers.ACME, "c" + i));
      }
      Subscription subscription =
          Reader.open(Objects.requireNonNull(connection), SubscriptionRequest.of("orders.*"));
      subscription
          .handler(batch -> batch.forEach(each -> views.add(((Delivery.Message) each).event())))
          .request(1);
    }

    publish(Callers.ACME, "orders.paid", new JsonObject().put("text", "x".repeat(200_000)));

    Await.until("all have it", () -> views.size() == many);
    Buffer bytes = views.get(0).encoded(SseFrames.ENCODER);
    assertThat(bytes.length()).isGreaterThan(200_000);
    assertThat(views)
        .allSatisfy(view -> assertThat(view.encoded(SseFrames.ENCODER)).isSameAs(bytes));
    assertThat(((BufferInternal) bytes).getByteBuf().isDirect()).isTrue();
  }

  @Test
  void largeEvent_arrivesWholeOnBothVersionsOfHttp() {
    try (SseClient second = SseClient.http2(vertx, door.port())) {
      SseClient.Stream one = client.get("ann", SseClient.query("orders.*"));
      SseClient.Stream two = second.get("bob", SseClient.query("orders.*"));
      String text = "x".repeat(200_000);
      for (int i = 0; i < 3; i++) {
        publish(Callers.ACME, "orders.paid", new JsonObject().put("text", text).put("n", i));
      }

      for (SseClient.Stream stream : List.of(one, two)) {
        stream.awaitSeen(3);
        JsonObject data = new JsonObject(stream.data().get(2)).getJsonObject("data");
        assertThat(data.getString("text")).isEqualTo(text);
        assertThat(data.getInteger("n")).isEqualTo(2);
      }
    }
  }

  // --- leaks

  @Test
  void refusalsAndLogs_holdNothingOfTokensFiltersOrOthers() {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level level = root.getLevel();
    Logger ours = (Logger) LoggerFactory.getLogger("dev.gatehouse");
    ours.setLevel(Level.TRACE);
    root.addAppender(lines);
    try {
      List<SseClient.Stream> refused =
          List.of(
              client.get("canary-token", SseClient.query("orders.*")),
              client.get("", SseClient.query("orders.*") + "&access_token=canary-token"),
              client.get("ann", SseClient.query("canary topic")),
              client.get("ann", SseClient.query("orders.*", "data.x = 'canary-value' and")),
              client.get("ann", SseClient.query("orders.*"), "Accept", "canary/type"));
      for (SseClient.Stream answer : refused) {
        assertThat(answer.status()).isGreaterThanOrEqualTo(400);
        assertThat(answer.body()).doesNotContain("canary");
      }
      SseClient.Stream stream =
          client.get("ann", SseClient.query("orders.*"), "Last-Event-ID", "canary-cursor");
      stream.awaitSeen(1);
      assertThat(stream.raw()).doesNotContain("canary");
      publish(Callers.GLOBEX, "orders.paid", new JsonObject().put("canary", 1));
    } finally {
      root.detachAppender(lines);
      ours.setLevel(null);
      root.setLevel(level);
    }
    assertThat(lines.list).noneMatch(line -> line.getFormattedMessage().contains("canary"));
  }
}
