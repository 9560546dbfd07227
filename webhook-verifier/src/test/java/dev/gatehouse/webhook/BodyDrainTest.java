package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTP/3 takes a native QUIC, so that the requests here only say which version they are of. */
class BodyDrainTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<String> put = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    vertx.close().await();
  }

  private static HttpServerRequest unread(HttpVersion version) {
    return (HttpServerRequest)
        Proxy.newProxyInstance(
            BodyDrainTest.class.getClassLoader(),
            new Class<?>[] {HttpServerRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "version" -> version;
                  case "isEnded" -> false;
                  case "getHeader" -> null;
                  default -> proxy;
                });
  }

  private HttpServerResponse response() {
    return (HttpServerResponse)
        Proxy.newProxyInstance(
            BodyDrainTest.class.getClassLoader(),
            new Class<?>[] {HttpServerResponse.class},
            (proxy, method, arguments) -> {
              put.add(arguments[0] + ": " + arguments[1]);
              return proxy;
            });
  }

  private void answer(HttpVersion version) {
    BodyDrain.begin(vertx, unread(version), false, -1).prepare(response());
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_2", "HTTP_3"})
  void answer_onAConnectionThatOthersShare_doesNotCloseIt(HttpVersion version) {
    answer(version);

    assertThat(put).isEmpty();
  }

  @Test
  void answer_onAConnectionOfItsOwn_closesIt() {
    answer(HttpVersion.HTTP_1_1);

    assertThat(put).containsExactly("connection: close");
  }
}
