package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTP/3 takes a native QUIC, so that the requests here only say which version they are of. */
class SseMultiplexedTest extends HubTest {
  private final List<String> done = new CopyOnWriteArrayList<>();

  private static <T> T fake(Class<T> type, InvocationHandler answers) {
    return type.cast(
        Proxy.newProxyInstance(
            SseMultiplexedTest.class.getClassLoader(), new Class<?>[] {type}, answers));
  }

  private HttpServerRequest request(HttpVersion version) {
    HttpServerResponse response = response();
    return fake(
        HttpServerRequest.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "version" -> version;
              case "response" -> response;
              case "connection" -> connection();
              default -> proxy;
            });
  }

  // One whose client reads nothing.
  private HttpServerResponse response() {
    return fake(
        HttpServerResponse.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "ended", "closed" -> false;
              case "writeQueueFull" -> true;
              case "write" -> Future.succeededFuture();
              case "end", "reset" -> {
                done.add(method.getName());
                yield Future.succeededFuture();
              }
              default -> proxy;
            });
  }

  private HttpServerConnection connection() {
    return fake(
        HttpServerConnection.class,
        (proxy, method, arguments) -> {
          done.add("connection closed");
          return channel();
        });
  }

  private static ChannelHandlerContext channel() {
    ChannelFuture closed = new EmbeddedChannel().newSucceededFuture();
    return fake(ChannelHandlerContext.class, (proxy, method, arguments) -> closed);
  }

  private void cut(HttpVersion version) {
    EventConnection connection = Reader.connect(hub, Callers.of(Callers.ACME, "ann"));
    Subscription subscription = Reader.open(connection, SubscriptionRequest.of(">"));
    SseHandler handler = SseHandler.builder(hub).principals(ctx -> Future.failedFuture("")).build();
    Context context = vertx.getOrCreateContext();
    SseStream stream = new SseStream(handler, request(version), context, connection, subscription);
    context.runOnContext(here -> stream.begin(false));

    hub.revoke(anybody -> true);

    Await.until("it is over", () -> !done.isEmpty());
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_2", "HTTP_3"})
  void stream_thatIsCutOnAConnectionThatOthersShare_isReset(HttpVersion version) {
    cut(version);

    assertThat(done).containsExactly("reset");
  }

  @Test
  void stream_thatIsCutOnAConnectionOfItsOwn_closesIt() {
    cut(HttpVersion.HTTP_1_1);

    assertThat(done).containsExactly("connection closed");
  }
}
