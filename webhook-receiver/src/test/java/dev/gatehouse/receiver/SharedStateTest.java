package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.embedded.RedisServer;

/** Two receivers, each with a store of its own, and one Redis. */
final class SharedStateTest {
  @TempDir Path folder;

  private RedisServer redis;
  private String shared;
  private Fixture one;
  private Fixture two;

  @BeforeEach
  void start() throws IOException {
    int port = freePort();
    redis = RedisServer.newRedisServer().port(port).bind("127.0.0.1").build();
    redis.start();
    shared = "shared: { kind: redis, url: \"redis://127.0.0.1:" + port + "\" }\n";
    one = receiver("one");
    two = receiver("two");
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private Fixture receiver(String name) throws IOException {
    Path own = Files.createDirectories(folder.resolve(name));
    return Fixture.start(own, shared + Fixture.yaml("limits: { failuresPerMinute: 2 }\n"));
  }

  @AfterEach
  void stop() throws IOException {
    one.close();
    two.close();
    redis.stop();
  }

  @Test
  void failures_spentOnOneReceiver_areSpentOnTheOther() {
    assertThat(forged(one)).isEqualTo(401);
    assertThat(forged(two)).isEqualTo(401);

    assertThat(forged(one)).isEqualTo(429);
    assertThat(forged(two)).isEqualTo(429);
    assertThat(one.send("d1", "{}").statusCode()).isEqualTo(204);
  }

  @Test
  void failures_redisAway_areCountedByEachForItself() throws IOException {
    redis.stop();

    assertThat(forged(one)).isEqualTo(401);
    assertThat(forged(one)).isEqualTo(401);
    assertThat(forged(one)).isEqualTo(429);
    assertThat(forged(two)).isEqualTo(401);
    assertThat(one.send("d1", "{}").statusCode()).isEqualTo(204);
  }

  @Test
  void redis_thatRefusesThePassword_isToldWithoutIt() throws IOException {
    int port = freePort();
    RedisServer closed =
        RedisServer.newRedisServer()
            .port(port)
            .bind("127.0.0.1")
            .setting("requirepass the-right-one")
            .build();
    closed.start();
    try {
      String url = "redis://:the-wrong-one@127.0.0.1:" + port;
      String yaml = Fixture.yaml("") + "shared: { kind: redis, url: \"" + url + "\" }\n";
      StoreException refused =
          catchThrowableOfType(StoreException.class, () -> Fixture.start(folder, yaml).close());

      assertThat(refused)
          .hasMessage(
              "shared.url: this Redis refuses the user: check user and password, and what that user"
                  + " may do");
    } finally {
      closed.stop();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LOADING Redis is loading the dataset in memory",
        "BUSY Redis is busy running a script",
        "ERR max number of clients reached"
      })
  void redis_thatIsNotReady_isToldAsThat(String answer) throws IOException {
    assertThat(refusalOf(answer))
        .isEqualTo("shared.url: this Redis is not ready yet: start again when it is");
  }

  @Test
  void redis_thatAnswersWithAnotherError_isNotToldAsARefusalOfTheUser() throws IOException {
    assertThat(refusalOf("ERR something else, of 'a-password'"))
        .isEqualTo(
            "shared.url: this Redis answers with an error: check that it is Redis 6.2 or later,"
                + " and its log");
  }

  /** What is said of a Redis that answers each command so. */
  private String refusalOf(String answer) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread answering = new Thread(() -> answer(server, answer), "answering");
      answering.setDaemon(true);
      answering.start();
      String url = "redis://127.0.0.1:" + server.getLocalPort();
      String yaml = Fixture.yaml("") + "shared: { kind: redis, url: \"" + url + "\" }\n";
      return catchThrowableOfType(StoreException.class, () -> Fixture.start(folder, yaml).close())
          .getMessage();
    }
  }

  private static void answer(ServerSocket server, String answer) {
    while (!server.isClosed()) {
      try (Socket caller = server.accept();
          BufferedReader commands =
              new BufferedReader(
                  new InputStreamReader(caller.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
          if (line.startsWith("*")) {
            caller
                .getOutputStream()
                .write(("-" + answer + "\r\n").getBytes(StandardCharsets.UTF_8));
          }
        }
      } catch (IOException gone) {
        // the caller, or the test is over
      }
    }
  }

  @Test
  void killSwitch_engagedOnOneReceiver_stopsBoth() {
    assertThat(
            one.exchange(
                    one.manage("/api/kill-switches/source/hook")
                        .PUT(BodyPublishers.ofString("{\"reason\":\"leaked\"}")))
                .statusCode())
        .isEqualTo(200);

    await(() -> engaged(two) == 1);
    assertThat(two.send("d1", "{}").statusCode()).isEqualTo(503);
    assertThat(two.exchange(two.manage("/api/kill-switches/source/hook").DELETE()).statusCode())
        .isEqualTo(204);
    await(() -> engaged(one) == 0);
    assertThat(one.send("d1", "{}").statusCode()).isEqualTo(204);
  }

  @Test
  void killSwitch_redisAway_isEngagedHereAndSaysSo() throws IOException {
    redis.stop();

    assertThat(
            one.exchange(one.manage("/api/kill-switches/source/hook").PUT(BodyPublishers.noBody()))
                .statusCode())
        .isEqualTo(503);
    assertThat(engaged(one)).isEqualTo(1);
    assertThat(one.exchange(one.manage("/api/kill-switches/source/hook").DELETE()).statusCode())
        .isEqualTo(503);
    assertThat(engaged(one)).isEqualTo(1);
  }

  @Test
  void reload_askedOfOneReceiver_reachesTheOther() throws IOException {
    String yaml = Files.readString(two.file);
    two.write(yaml.replace("  hook:\n", "  hook:\n    path: /elsewhere\n"));

    assertThat(one.exchange(one.manage("/api/reload").POST(BodyPublishers.noBody())).statusCode())
        .isEqualTo(200);

    await(() -> two.ask("/api/sources").encode().contains("/elsewhere"));
  }

  private static int engaged(Fixture receiver) {
    return receiver.ask("/api/kill-switches").getJsonArray("killSwitches").size();
  }

  private static int forged(Fixture receiver) {
    byte[] signed = "{}".getBytes(StandardCharsets.UTF_8);
    return receiver
        .exchange(
            receiver
                .request("/hooks/hook", receiver.signed("d1", receiver.clock.instant(), signed))
                .POST(BodyPublishers.ofString("{\"forged\":true}")))
        .statusCode();
  }

  private static void await(BooleanSupplier check) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!check.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }
}
