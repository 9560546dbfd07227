package dev.gatehouse.core.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Authentication;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys that rotate, fail and lie, over real HTTP. */
class FetchedKeySetTest {
  private static final KeyPair OLD = Token.pair(JwtAlgorithm.ES256);
  private static final KeyPair NEW = Token.pair(JwtAlgorithm.ES256);

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger fetches = new AtomicInteger();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.ofEpochSecond(1_000_000));
  private volatile Consumer<HttpServerResponse> answer =
      response -> response.end(Token.set(Token.jwk("old", OLD, "")));
  private HttpServer server;

  @BeforeEach
  void listen() throws Exception {
    server =
        await(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      fetches.incrementAndGet();
                      answer.accept(request.response());
                    })
                .listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private FetchedKeySet keys() {
    return keys(Duration.ofSeconds(15));
  }

  private FetchedKeySet keys(Duration timeout) {
    return keys(vertx, timeout);
  }

  private FetchedKeySet keys(Vertx own, Duration timeout) {
    return FetchedKeySet.builder(own, "http://127.0.0.1:" + server.actualPort() + "/jwks")
        .allowInsecureLoopback()
        .timeout(timeout)
        .clock((InstantSource) now::get)
        .build();
  }

  private JwtAuthenticator door(KeySet keys) {
    ClaimRules rules =
        ClaimRules.builder("https://id.example", "orders")
            .clock(InstantSource.fixed(Instant.ofEpochSecond(1_000_000)))
            .build();
    return JwtAuthenticator.create(keys, rules, JwtAlgorithm.ES256);
  }

  private static boolean proves(JwtAuthenticator door, String kid, KeyPair pair) throws Exception {
    return await(door.authenticate(token(kid, pair))) instanceof Authentication.Proven;
  }

  private static String token(String kid, KeyPair pair) {
    return new Token().header("kid", "\"" + kid + "\"").sign(JwtAlgorithm.ES256, pair.getPrivate());
  }

  @Test
  void keys_whileFresh_areFetchedOnceHoweverManyAsk() throws Exception {
    JwtAuthenticator door = door(keys());
    List<Future<Authentication>> all =
        java.util.stream.IntStream.range(0, 20)
            .mapToObj(
                i ->
                    door.authenticate(
                        new Token()
                            .header("kid", "\"old\"")
                            .sign(JwtAlgorithm.ES256, OLD.getPrivate())))
            .toList();
    for (Future<Authentication> each : all) {
      assertThat(await(each)).isInstanceOf(Authentication.Proven.class);
    }
    assertThat(fetches).hasValue(1);
  }

  @Test
  void key_thatIsNew_isFetchedAtOnce_andRandomOnesAreNot() throws Exception {
    JwtAuthenticator door = door(keys());
    assertThat(proves(door, "old", OLD)).isTrue();
    answer = response -> response.end(Token.set(Token.jwk("new", NEW, "")));
    now.updateAndGet(at -> at.plusSeconds(31));
    assertThat(proves(door, "new", NEW)).isTrue();
    assertThat(proves(door, "old", OLD)).isFalse();
    int sofar = fetches.get();
    for (int i = 0; i < 20; i++) {
      assertThat(proves(door, "random" + i, NEW)).isFalse();
    }
    assertThat(fetches.get()).isEqualTo(sofar);
  }

  @Test
  void keys_thatCannotBeFetched_areUsedForAWhileAndNoLonger() throws Exception {
    JwtAuthenticator door = door(keys());
    assertThat(proves(door, "old", OLD)).isTrue();
    answer = response -> response.setStatusCode(500).end();
    now.updateAndGet(at -> at.plus(Duration.ofHours(1)));
    assertThat(proves(door, "old", OLD)).isTrue();
    now.updateAndGet(at -> at.plus(Duration.ofHours(12)));
    assertThatThrownBy(() -> proves(door, "old", OLD))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(KeysUnavailableException.class);
  }

  @Test
  void answer_thatIsNoKeySet_letsNobodyIn() throws Exception {
    List<Consumer<HttpServerResponse>> answers =
        List.of(
            response -> response.end("{\"keys\":[]}"),
            response -> response.end("{}"),
            response -> response.end("nonsense"),
            response -> response.end("x".repeat(100_000)),
            response -> response.setStatusCode(302).putHeader("Location", "/other").end(),
            response -> response.putHeader("Content-Encoding", "gzip").end("{}"),
            response -> response.setStatusCode(404).end(),
            response -> response.reset());
    for (Consumer<HttpServerResponse> each : answers) {
      answer = each;
      JwtAuthenticator door = door(keys());
      assertThatThrownBy(() -> proves(door, "old", OLD))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(KeysUnavailableException.class);
    }
  }

  @Test
  void answer_thatNeverComes_letsNobodyInInTime() {
    answer = response -> {};
    JwtAuthenticator door = door(keys(Duration.ofMillis(200)));
    assertThatThrownBy(() -> proves(door, "old", OLD))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(KeysUnavailableException.class);
  }

  @Test
  void answer_thatNeverComes_keepsNoLaterOneFromServing() throws Exception {
    answer = response -> {};
    JwtAuthenticator door = door(keys(Duration.ofSeconds(2)));
    assertThatThrownBy(() -> proves(door, "old", OLD)).isInstanceOf(ExecutionException.class);

    answer = response -> response.end(Token.set(Token.jwk("old", OLD, "")));
    now.updateAndGet(at -> at.plusSeconds(31));

    assertThat(proves(door, "old", OLD)).isTrue();
  }

  @Test
  void connection_thatComesTooLate_isGivenUpAndItsPlaceIsFreeAgain() throws Exception {
    Promise<Void> late = Promise.promise();
    JwtAuthenticator door =
        door(
            FetchedKeySet.builder(
                    connectingAfter(late.future()),
                    "http://127.0.0.1:" + server.actualPort() + "/jwks")
                .allowInsecureLoopback()
                .timeout(Duration.ofSeconds(2))
                .clock((InstantSource) now::get)
                .build());
    assertThatThrownBy(() -> proves(door, "old", OLD))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(KeysUnavailableException.class);

    late.complete();
    now.updateAndGet(at -> at.plusSeconds(31));

    assertThat(proves(door, "old", OLD)).isTrue();
    assertThat(fetches).hasValue(1);
  }

  @Test
  void handshake_thatNeverEnds_isGivenUpWithTheFetch() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      JwtAuthenticator door =
          door(
              FetchedKeySet.builder(vertx, "https://127.0.0.1:" + silent.getLocalPort() + "/jwks")
                  .timeout(Duration.ofSeconds(1))
                  .clock((InstantSource) now::get)
                  .build());
      Future<Authentication> asked = door.authenticate(token("old", OLD));
      try (Socket open = silent.accept()) {
        open.setSoTimeout(6_000);

        open.getInputStream().readAllBytes();
      }
      assertThatThrownBy(() -> await(asked)).hasCauseInstanceOf(KeysUnavailableException.class);
    }
  }

  /** The test's Vert.x, whose clients do not connect before that. */
  private Vertx connectingAfter(Future<Void> start) {
    return standIn(
        Vertx.class,
        (method, arguments) -> {
          Object made = called(vertx, method, arguments);
          return made instanceof HttpClientAgent client ? waiting(client, start) : made;
        });
  }

  private static HttpClientAgent waiting(HttpClientAgent client, Future<Void> start) {
    return standIn(
        HttpClientAgent.class,
        (method, arguments) ->
            method.getName().equals("request")
                ? start.compose(begun -> (Future<?>) called(client, method, arguments))
                : called(client, method, arguments));
  }

  private static <T> T standIn(Class<T> type, BiFunction<Method, Object[], Object> calls) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> calls.apply(method, arguments)));
  }

  private static Object called(Object target, Method method, Object[] arguments) {
    try {
      return method.invoke(target, arguments);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("of the test", e);
    }
  }

  @Test
  void keys_ofAVertxThatWasClosed_areUnavailableUnlessTheyAreKnown() throws Exception {
    Vertx closing = Vertx.vertx();
    KeySet none = keys(closing, Duration.ofSeconds(15));
    KeySet known = keys(closing, Duration.ofSeconds(15));
    assertThat(await(known.find(key -> true))).hasSize(1);
    await(closing.close());
    now.updateAndGet(at -> at.plus(Duration.ofHours(1)));

    Future<List<VerificationKey>> unknown = none.find(key -> true);

    assertThatThrownBy(() -> await(unknown)).hasCauseInstanceOf(KeysUnavailableException.class);
    assertThat(await(known.find(key -> true))).hasSize(1);
  }

  @Test
  void keys_noLongerFresh_areFetchedAgainHoweverSoonAfterAFetchThatSucceeded() throws Exception {
    JwtAuthenticator door =
        door(
            FetchedKeySet.builder(vertx, "http://127.0.0.1:" + server.actualPort() + "/jwks")
                .allowInsecureLoopback()
                .timeout(Duration.ofSeconds(15))
                .fresh(Duration.ofSeconds(10))
                .stale(Duration.ZERO)
                .clock((InstantSource) now::get)
                .build());
    assertThat(proves(door, "old", OLD)).isTrue();
    now.updateAndGet(at -> at.plusSeconds(10));
    assertThat(proves(door, "old", OLD)).isTrue();
    assertThat(fetches).hasValue(2);

    answer = response -> response.setStatusCode(500).end();
    now.updateAndGet(at -> at.plusSeconds(10));
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> proves(door, "old", OLD)).isInstanceOf(ExecutionException.class);
    }
    assertThat(fetches).hasValue(3);
  }

  @Test
  void keys_ofAFetchedSet_thatAreNotForUs_areLeftOut() throws Exception {
    answer =
        response ->
            response.end(
                Token.set(
                    "{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"AAAA\"}",
                    "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"kid\":\"k\"}",
                    Token.jwk("old", OLD, ",\"use\":\"sig\"")));
    assertThat(proves(door(keys()), "old", OLD)).isTrue();
  }

  @Test
  void place_thatIsNotHttps_isRefused() {
    for (String url :
        List.of(
            "http://id.example/keys",
            "ftp://id.example/keys",
            "https://user@id.example/keys",
            "//id.example",
            "x",
            "file:///keys")) {
      assertThatThrownBy(() -> FetchedKeySet.create(vertx, url))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(
            () ->
                FetchedKeySet.builder(vertx, "http://id.example/").allowInsecureLoopback().build())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
