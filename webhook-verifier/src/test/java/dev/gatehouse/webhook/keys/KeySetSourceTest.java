package dev.gatehouse.webhook.keys;

import static dev.gatehouse.webhook.keys.KeyServer.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatehouse.webhook.scheme.KeyLocation;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Key sets over real https, from a server that does what it likes. */
class KeySetSourceTest {
  private static final LocalAuthority AUTHORITY = new LocalAuthority("Local Test CA");
  private static final RSAPublicKey KEY = (RSAPublicKey) LocalAuthority.rsa().getPublic();
  private static final KeyLocation.KeySet AT = new KeyLocation.KeySet("https://keys.example/set");
  private static Vertx vertx;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
  private KeyServer server;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  }

  @AfterAll
  static void stop() {
    await(vertx.close());
  }

  @BeforeEach
  void serve() {
    server = new KeyServer(vertx, AUTHORITY);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private KeySource source() {
    return source(server.options());
  }

  private KeySource source(KeyFetching.Builder options) {
    return KeySource.published(vertx, AT, options.clock(now::get).build());
  }

  private static String jwk(String kid) {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    byte[] n = KEY.getModulus().toByteArray();
    byte[] unsigned = java.util.Arrays.copyOfRange(n, n.length - 256, n.length);
    return "{\"kty\":\"RSA\",\"kid\":\""
        + kid
        + "\",\"e\":\"AQAB\",\"n\":\""
        + base64.encodeToString(unsigned)
        + "\"}";
  }

  private static String set(String... kids) {
    return "{\"keys\":["
        + String.join(",", Stream.of(kids).map(KeySetSourceTest::jwk).toList())
        + "]}";
  }

  private static KeyReference kid(String kid) {
    return new KeyReference.ByKid(kid);
  }

  private static List<String> ids(Future<List<PublishedKey>> found) {
    return await(found).stream().map(PublishedKey::id).toList();
  }

  private void later(Duration duration) {
    now.updateAndGet(time -> time.plus(duration));
  }

  @Test
  void keySet_kidInTheSet_isFetchedOnceAndKept() {
    server.serving(set("a", "b"));
    KeySource source = source();

    assertThat(source.atHand(kid("a"))).isEmpty();
    assertThat(ids(source.find(kid("a")))).containsExactly("a");
    assertThat(ids(source.find(kid("b")))).containsExactly("b");
    assertThat(source.atHand(kid("a")).orElseThrow()).hasSize(1);
    assertThat(ids(source.find(new KeyReference.Any()))).containsExactly("a", "b");
    assertThat(server.asked).hasValue(1);
  }

  @Test
  void keySet_askedBy200AtOnce_isFetchedOnce() {
    List<HttpServerRequest> held = new ArrayList<>();
    CountDownLatch arrived = new CountDownLatch(1);
    server.answering(
        request -> {
          held.add(request);
          arrived.countDown();
        });
    KeySource source = source();
    List<Future<List<PublishedKey>>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(source.find(kid(i % 2 == 0 ? "a" : "unknown-" + i)));
    }
    assertThat(await(vertx.executeBlocking(() -> arrived.await(10, TimeUnit.SECONDS)))).isTrue();
    assertThat(all).noneMatch(Future::isComplete);

    held.forEach(request -> request.response().end(set("a")));

    for (int i = 0; i < 200; i++) {
      assertThat(await(all.get(i))).hasSize(i % 2 == 0 ? 1 : 0);
    }
    assertThat(server.asked).hasValue(1);
  }

  @Test
  void keySet_unknownKid_isWorthOneFetchAnInterval() {
    server.serving(set("a"));
    KeySource source = source();
    assertThat(ids(source.find(kid("a")))).containsExactly("a");

    for (int i = 0; i < 20; i++) {
      assertThat(ids(source.find(kid("x" + i)))).isEmpty();
    }
    assertThat(server.asked).hasValue(1);

    later(Duration.ofSeconds(31));
    for (int i = 0; i < 20; i++) {
      assertThat(ids(source.find(kid("y" + i)))).isEmpty();
    }
    assertThat(server.asked).hasValue(2);
  }

  @Test
  void keySet_rotated_newKidIsFoundAndOldOneGoes() {
    server.serving(set("a"));
    KeySource source = source();
    assertThat(ids(source.find(kid("a")))).containsExactly("a");
    server.serving(set("b"));
    later(Duration.ofSeconds(31));

    assertThat(ids(source.find(kid("b")))).containsExactly("b");
    assertThat(ids(source.find(kid("a")))).isEmpty();
  }

  @Test
  void keySet_kidTwice_isNoKey() {
    server.serving(set("a", "a", "b"));

    assertThat(ids(source().find(kid("a")))).isEmpty();
  }

  @Test
  void keySet_towardsTheEndOfItsTime_isFetchedBesideTheAnswer() {
    server.serving(set("a"));
    KeySource source = source();
    await(source.find(kid("a")));
    later(Duration.ofMinutes(50));
    CountDownLatch again = new CountDownLatch(1);
    server.answering(
        request -> {
          again.countDown();
          request.response().end(set("a"));
        });

    assertThat(source.find(kid("a")).isComplete()).isTrue();
    assertThat(await(vertx.executeBlocking(() -> again.await(10, TimeUnit.SECONDS)))).isTrue();
  }

  @Test
  void keySet_serverDown_oldKeysServeForALimitedTime() {
    server.serving(set("a"));
    KeySource source = source();
    await(source.find(kid("a")));
    server.answering(request -> request.response().setStatusCode(500).end());

    later(Duration.ofHours(2));
    assertThat(ids(source.find(kid("a")))).containsExactly("a");
    later(Duration.ofHours(21));
    assertThat(ids(source.find(kid("a")))).containsExactly("a");
    later(Duration.ofHours(2));
    assertThatThrownBy(() -> await(source.find(kid("a"))))
        .hasCauseInstanceOf(KeysUnavailableException.class);
    assertThat(source.atHand(kid("a"))).isEmpty();
  }

  @Test
  void keySet_unknownKidWhileServerIsDown_isNotDecided() {
    server.serving(set("a"));
    KeySource source = source();
    await(source.find(kid("a")));
    server.answering(request -> request.response().setStatusCode(500).end());
    later(Duration.ofSeconds(31));

    assertThatThrownBy(() -> await(source.find(kid("new"))))
        .hasCauseInstanceOf(KeysUnavailableException.class);
    assertThatThrownBy(() -> await(source.find(kid("new"))))
        .hasCauseInstanceOf(KeysUnavailableException.class);
    assertThat(ids(source.find(kid("a")))).containsExactly("a");
    assertThat(server.asked).hasValue(2);
  }

  static Stream<Arguments> badAnswers() {
    return Stream.of(
        bad("500", "status 500", r -> r.response().setStatusCode(500).end(set("a"))),
        bad("404", "status 404", r -> r.response().setStatusCode(404).end(set("a"))),
        bad(
            "redirect",
            "status 302",
            r ->
                r.response()
                    .setStatusCode(302)
                    .putHeader("Location", "https://keys.example/other")
                    .end()),
        bad("garbage", "is not a JSON object", r -> r.response().end("<html>")),
        bad("no set", "is not a key set", r -> r.response().end("{\"a\":1}")),
        bad("doubled", "is not a JSON object", r -> r.response().end("{\"keys\":[],\"keys\":[]}")),
        bad("too long", "longer than 64 kB", r -> r.response().end(" ".repeat(70_000) + set("a"))),
        bad(
            "compressed",
            "compressed",
            r -> r.response().putHeader("Content-Encoding", "gzip").end(Buffer.buffer(set("a")))),
        bad("cut", "cannot be reached", r -> r.connection().close()),
        bad("slow", "no answer in time", r -> r.response().setChunked(true).write("{\"keys\":")),
        bad("silent", "no answer in time", r -> {}));
  }

  private static Arguments bad(String name, String why, Handler<HttpServerRequest> answer) {
    return Arguments.of(name, why, answer);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badAnswers")
  void keySet_badAnswer_isUnavailableAndRemembered(
      String name, String why, Handler<HttpServerRequest> answer) {
    server.answering(answer);
    KeyFetching.Builder options = server.options();
    if (why.equals("no answer in time")) {
      options.timeout(Duration.ofSeconds(5));
    }
    KeySource source = source(options);

    assertThatThrownBy(() -> await(source.find(kid("a"))))
        .hasCauseInstanceOf(KeysUnavailableException.class)
        .hasStackTraceContaining(why);
    assertThatThrownBy(() -> await(source.find(kid("a")))).hasStackTraceContaining(why);
    assertThat(server.asked).hasValue(1);

    later(Duration.ofSeconds(31));
    server.serving(set("a"));
    assertThat(ids(source.find(kid("a")))).containsExactly("a");
  }

  @Test
  void keySet_connectionThatComesTooLate_isGivenUpAndItsPlaceIsFreeAgain() {
    server.serving(set("a"));
    Promise<List<InetAddress>> late = Promise.promise();
    KeySource source =
        source(
            server
                .options()
                .timeout(Duration.ofSeconds(2))
                .maxFetches(1)
                .resolver(name -> late.future()));
    assertThatThrownBy(() -> await(source.find(kid("a"))))
        .hasStackTraceContaining("no answer in time");

    late.complete(List.of(InetAddress.getLoopbackAddress()));
    later(Duration.ofSeconds(31));

    assertThat(ids(source.find(kid("a")))).containsExactly("a");
    assertThat(server.asked).hasValue(1);
  }

  @Test
  void keySet_resolverThatThrows_isAFailureAndItsPlaceIsFreeAgain() {
    server.serving(set("a"));
    AtomicBoolean closed = new AtomicBoolean(true);
    KeySource source =
        source(
            server
                .options()
                .maxFetches(1)
                .resolver(
                    name -> {
                      if (closed.get()) {
                        throw new IllegalStateException("closed");
                      }
                      return Future.succeededFuture(List.of(InetAddress.getLoopbackAddress()));
                    }));
    assertThatThrownBy(() -> await(source.find(kid("a"))))
        .hasCauseInstanceOf(KeysUnavailableException.class);

    closed.set(false);
    later(Duration.ofSeconds(31));

    assertThat(ids(source.find(kid("a")))).containsExactly("a");
  }

  @Test
  void keySet_handshakeThatNeverEnds_isGivenUpWithTheFetch() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      KeySource source =
          source(
              server.options().timeout(Duration.ofSeconds(1)).connectPort(silent.getLocalPort()));
      Future<List<PublishedKey>> asked = source.find(kid("a"));
      try (Socket open = silent.accept()) {
        open.setSoTimeout(6_000);

        open.getInputStream().readAllBytes();
      }
      assertThatThrownBy(() -> await(asked)).hasCauseInstanceOf(KeysUnavailableException.class);
    }
  }

  @Test
  void keySet_serverOfAnotherAuthority_isUnavailable() {
    server.serving(set("a"));
    try (KeyServer other = new KeyServer(vertx, new LocalAuthority("Another CA"))) {
      KeySource source =
          source(
              server
                  .options()
                  .serverTrust(
                      new io.vertx.core.net.PemTrustOptions()
                          .addCertValue(Buffer.buffer(new LocalAuthority("Third CA").pem()))));
      assertThatThrownBy(() -> await(source.find(kid("a"))))
          .hasCauseInstanceOf(KeysUnavailableException.class);
      assertThat(other.asked).hasValue(0);
      assertThat(server.asked).hasValue(0);
    }
  }

  @Test
  void keySet_certificateOfAnotherName_isUnavailable() {
    server.serving(set("a"));
    KeySource source =
        KeySource.published(
            vertx, new KeyLocation.KeySet("https://other.example/"), server.options().build());

    assertThatThrownBy(() -> await(source.find(kid("a"))))
        .hasCauseInstanceOf(KeysUnavailableException.class);
    assertThat(server.asked).hasValue(0);
  }

  static Stream<Arguments> hiddenAddresses() {
    return Stream.of(
        Arguments.of(false, List.of("10.0.0.1")),
        Arguments.of(false, List.of("127.0.0.1")),
        Arguments.of(false, List.of("::1")),
        Arguments.of(false, List.of("192.0.2.1", "10.0.0.1")),
        Arguments.of(false, List.of("fd00::1")),
        Arguments.of(true, List.of("169.254.169.254")),
        Arguments.of(true, List.of("127.0.0.1", "169.254.169.254")),
        Arguments.of(true, List.of()));
  }

  @ParameterizedTest(name = "private allowed: {0}, {1}")
  @MethodSource("hiddenAddresses")
  void keySet_nameLeadsInside_isNotAsked(boolean allowed, List<String> addresses) {
    server.serving(set("a"));
    KeySource source =
        source(
            server
                .options()
                .allowPrivateAddresses(allowed)
                .resolver(name -> Future.succeededFuture(addresses(addresses))));

    assertThatThrownBy(() -> await(source.find(kid("a"))))
        .hasCauseInstanceOf(KeysUnavailableException.class);
    assertThat(server.asked).hasValue(0);
  }

  private static List<InetAddress> addresses(List<String> texts) {
    return texts.stream()
        .map(text -> dev.gatehouse.core.AddressRange.literal(text).orElseThrow())
        .toList();
  }

  @Test
  void keySet_whileItIsFetched_theEventLoopGoesOn() {
    Promise<Void> release = Promise.promise();
    server.answering(
        request -> release.future().onComplete(go -> request.response().end(set("a"))));
    KeySource source = source();
    Promise<Future<List<PublishedKey>>> begun = Promise.promise();
    io.vertx.core.Context loop = vertx.getOrCreateContext();
    loop.runOnContext(go -> begun.complete(source.find(kid("a"))));
    Future<List<PublishedKey>> found = await(begun.future());
    // Would time out if find had kept the event loop: the same loop has to run this.
    Promise<Void> other = Promise.promise();
    loop.runOnContext(go -> other.complete());

    await(other.future());
    assertThat(found.isComplete()).isFalse();
    release.complete();
    assertThat(ids(found)).containsExactly("a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://keys.example/",
        "http://127.0.0.1/",
        "ftp://keys.example/",
        "https://user@keys.example/",
        "https:///set",
        "https://keys.example/#a",
        "not a url"
      })
  void keySet_urlThatMustNotBe_isRefusedWhenBuilt(String url) {
    assertThatThrownBy(
            () -> KeySource.published(vertx, new KeyLocation.KeySet(url), KeyFetching.strict()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://127.0.0.1.example/", "http://localhost.example/", "http://10.0.0.1/"})
  void keySet_insecureAllowed_isForThisMachineOnly(String url) {
    KeyFetching options = KeyFetching.builder().allowInsecureLoopback(true).build();

    assertThatThrownBy(() -> KeySource.published(vertx, new KeyLocation.KeySet(url), options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("https");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void keySet_insecureAllowed_isFetchedFromThisMachine(String address) {
    assumeTrue(LocalAddress.has(address), "this machine has no address " + address);
    List<String> hosts = new CopyOnWriteArrayList<>();
    var plain =
        await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      hosts.add(request.getHeader("Host"));
                      request.response().end(set("a"));
                    })
                .listen(0, address));
    String place = address.contains(":") ? "[" + address + "]" : address;
    KeySource source =
        KeySource.published(
            vertx,
            new KeyLocation.KeySet("http://" + place + ":" + plain.actualPort() + "/set"),
            KeyFetching.builder().allowInsecureLoopback(true).build());

    assertThat(ids(source.find(kid("a")))).containsExactly("a");
    assertThat(hosts).containsExactly(place + ":" + plain.actualPort());
    await(plain.close());
  }
}
