package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.KillSwitch.Kind;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.Position;
import dev.gatehouse.events.TopicPattern;
import dev.gatehouse.testkit.TcpProxy;
import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Fingerprint;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisStoreTest {
  private static final ClaimKey KEY = ClaimKey.of("acme", "github", new byte[] {1});

  // As docs/webhooks.md gives them.
  private static final String LEAST_RIGHTS =
      "resetchannels ~gatehouse:* &gatehouse:* -@all +@read +@write +@scripting +@pubsub +@connection"
          + " -@dangerous +info +time";

  private final Vertx vertx = Vertx.vertx();
  private final Set<Long> ticking = ConcurrentHashMap.newKeySet();
  private RedisProcess redis;

  @BeforeEach
  void start(@TempDir Path folder) {
    redis = RedisProcess.in(folder);
  }

  @AfterEach
  void stop() {
    redis.close();
    Await.get(vertx.close());
  }

  @Test
  void connect_thatMayNotSubscribe_failsAndLeavesNoTimer() {
    Throwable refused = Await.failure(userOf("resetchannels").connect());

    assertThat(refused).isNotNull();
    assertThat(ticking).isEmpty();
  }

  @Test
  void eventLog_thatMayNotSubscribe_failsAndLeavesNoTimer() {
    RedisStore store = Await.get(userOf("resetchannels &gatehouse:signals").connect());
    Set<Long> before = Set.copyOf(ticking);

    Throwable refused = Await.failure(store.eventLog().open());

    assertThat(refused).isNotNull();
    assertThat(before).isNotEmpty();
    assertThat(ticking).isEqualTo(before);
    Await.get(store.close());
    assertThat(ticking).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT0.0009S", "PT1M0.001S", "PT2562047788015215H"})
  void connect_withATimeoutThatBoundsNothing_isRefused(Duration timeout) {
    for (RedisStore.Builder each :
        List.of(
            userOf("allchannels").commandTimeout(timeout),
            userOf("allchannels").connectTimeout(timeout))) {
      assertThatThrownBy(each::connect)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a minute");
    }
  }

  @Test
  void connect_withTheLongestTimeouts_isAStore() {
    RedisStore.Builder builder =
        userOf("allchannels")
            .commandTimeout(RedisStore.MAX_TIMEOUT)
            .connectTimeout(RedisStore.MAX_TIMEOUT);

    Await.get(Await.get(builder.connect()).close());

    assertThat(ticking).isEmpty();
  }

  @Test
  void ask_thatThrowsAnError_fails() {
    RedisStore store = Await.get(userOf("allchannels").connect());

    Throwable failure =
        Await.failure(
            store
                .link()
                .ask(
                    commands -> {
                      throw new LinkageError("of the test");
                    }));

    assertThat(failure).isInstanceOf(LinkageError.class);
    Await.get(store.close());
  }

  @Test
  void store_ofAUserWithTheLeastRights_doesAllThatItIsFor() {
    tell(redis, "ACL SETUSER node on >secret " + LEAST_RIGHTS);
    RedisStore store =
        Await.get(
            RedisStore.builder(vertx, "redis://node:secret@127.0.0.1:" + redis.port()).connect());
    Rate rate = Rate.perSecond(10, 10);
    TenantId acme = TenantId.of("acme");

    RedisClaims claims = store.claims().build();
    long held = Await.get(claimed(claims));
    boolean released = Await.get(claims.release(KEY, held));
    assertThat(released).isTrue();
    long heldAgain = Await.get(claimed(claims));
    boolean completed = Await.get(claims.complete(KEY, heldAgain, ClaimAnswer.of(204)));
    assertThat(completed).isTrue();
    assertThat(Await.get(store.rateLimiter("calls", rate).acquire("ann", 1)).granted()).isTrue();
    RedisCostBucket points = store.costBucket("points", rate);
    assertThat(Await.get(points.charge("ann", 1)).granted()).isTrue();
    Await.get(points.refund("ann", 1));
    RedisKillSwitches switches =
        Await.get(store.killSwitches(KillSwitch.create(InstantSource.system())));
    Await.get(switches.engage(Kind.SOURCE, "github", "leaked key"));
    assertThat(Await.get(switches.release(Kind.SOURCE, "github"))).isTrue();
    Await.get(store.signals().announceReload());
    RedisEventLog log = Await.get(store.eventLog().open());
    Position start = Await.get(log.end(acme));
    Await.get(log.append(Event.builder("orders.paid").tenant(acme).build()));
    assertThat(Await.get(log.read(acme, TopicPattern.of(">"), start, 10, 1_000)).entries())
        .hasSize(1);
    assertThat(Await.get(log.tenants())).isNotNull();
    Await.get(log.close());
    Await.get(store.close());
  }

  private static Future<Long> claimed(RedisClaims claims) {
    return claims
        .claim(KEY, Fingerprint.of(new byte[32]), Duration.ofMinutes(1))
        .map(claim -> ((Claim.New) claim).fence());
  }

  @Test
  void store_whoseRedisBecomesAReplica_goesOnWithWhatTookOver(@TempDir Path folder) {
    try (RedisProcess successor = RedisProcess.in(folder);
        TcpProxy address = TcpProxy.to(redis.port())) {
      RedisStore store = Await.get(at(address.port()).connect());
      Await.get(store.signals().announceReload());

      address.redirect(successor.port());
      tell(redis, "REPLICAOF 127.0.0.1 " + successor.port());

      Await.until(
          "it writes again",
          Duration.ofSeconds(20),
          () -> Await.failure(store.signals().announceReload()) == null);
      Await.until(
          "it hears again",
          Duration.ofSeconds(20),
          () -> listeners(store).equals(Map.of("gatehouse:signals", 1L)));
      Await.get(store.close());
    }
  }

  private static Map<String, Long> listeners(RedisStore store) {
    return Await.get(
        store
            .link()
            .ask(redis -> redis.pubsubNumsub(RedisLink.bytes("gatehouse:signals")))
            .map(RedisStoreTest::named)
            .otherwise(Map.of()));
  }

  private static Map<String, Long> named(Map<byte[], Long> counts) {
    return counts.entrySet().stream()
        .collect(Collectors.toMap(each -> RedisLink.text(each.getKey()), Map.Entry::getValue));
  }

  @Test
  void connect_toAReplica_isRefused() {
    tell(redis, "REPLICAOF 127.0.0.1 1");

    Throwable refused = Await.failure(at(redis.port()).connect());

    assertThat(refused).hasMessageContaining("replica");
    assertThat(ticking).isEmpty();
  }

  private RedisStore.Builder at(int port) {
    return RedisStore.builder(watched(), "redis://127.0.0.1:" + port);
  }

  /** A store whose user may use these channels. */
  private RedisStore.Builder userOf(String channels) {
    tell(redis, "ACL SETUSER node on >secret ~* +@all " + channels);
    return RedisStore.builder(watched(), "redis://node:secret@127.0.0.1:" + redis.port());
  }

  private static void tell(RedisProcess redis, String command) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo('+');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The test's Vert.x, which keeps account of the timers that go on for ever. */
  private Vertx watched() {
    return (Vertx)
        Proxy.newProxyInstance(
            Vertx.class.getClassLoader(),
            new Class<?>[] {Vertx.class},
            (proxy, method, arguments) -> {
              Object answer = asked(method, arguments);
              if (method.getName().equals("setPeriodic")) {
                ticking.add((Long) answer);
              } else if (method.getName().equals("cancelTimer")) {
                ticking.remove((Long) arguments[0]);
              }
              return answer;
            });
  }

  private Object asked(Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(vertx, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
