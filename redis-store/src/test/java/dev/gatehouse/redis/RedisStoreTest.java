package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisStoreTest {
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

  /** A store whose user may use these channels. */
  private RedisStore.Builder userOf(String channels) {
    String user = "ACL SETUSER node on >secret ~* +@all " + channels + "\r\n";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
      socket.getOutputStream().write(user.getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo('+');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return RedisStore.builder(watched(), "redis://node:secret@127.0.0.1:" + redis.port());
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
