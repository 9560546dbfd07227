package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.ext.web.RoutingContext;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HTTP/3 takes a native QUIC, so that the requests here only say which version they are of. */
class MultiplexedTest {
  private final Door door = Door.open();
  private final List<String> done = new ArrayList<>();
  private Handler<Void> bodyEnded = end -> {};

  @AfterEach
  void close() {
    door.close();
  }

  private static <T> T fake(Class<T> type, InvocationHandler answers) {
    return type.cast(
        Proxy.newProxyInstance(
            MultiplexedTest.class.getClassLoader(), new Class<?>[] {type}, answers));
  }

  private RoutingContext request(HttpVersion version) {
    HttpServerResponse response = response();
    HttpServerRequest request =
        fake(
            HttpServerRequest.class,
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "version" -> version;
                  case "method" -> HttpMethod.GET;
                  case "isEnded" -> false;
                  case "connection" -> connection();
                  case "response" -> response;
                  case "endHandler" -> {
                    bodyEnded = handler(arguments[0]);
                    yield proxy;
                  }
                  default -> proxy;
                });
    return fake(
        RoutingContext.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "request" -> request;
              case "response" -> response;
              default -> door.vertx;
            });
  }

  @SuppressWarnings("unchecked")
  private static Handler<Void> handler(Object given) {
    return (Handler<Void>) given;
  }

  // One whose client reads nothing.
  private HttpServerResponse response() {
    return fake(
        HttpServerResponse.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "ended", "closed", "headWritten" -> false;
              case "writeQueueFull" -> true;
              case "putHeader" -> {
                done.add(arguments[0] + ": " + arguments[1]);
                yield proxy;
              }
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
          return method.getReturnType() == ChannelHandlerContext.class
              ? channel()
              : Future.succeededFuture();
        });
  }

  private static ChannelHandlerContext channel() {
    ChannelFuture closed = new EmbeddedChannel().newSucceededFuture();
    return fake(ChannelHandlerContext.class, (proxy, method, arguments) -> closed);
  }

  private void answer(HttpVersion version) {
    HttpAnswer.send(request(version), 400, MediaType.JSON, Buffer.buffer("{}"));
    bodyEnded.handle(null);
  }

  private void cut(HttpVersion version) {
    GraphQLSseHandler handler = GraphQLSseHandler.builder(door.service).build();
    GuardedService.Origin origin =
        new GuardedService.Origin(Transport.SSE, Optional.empty(), Map.of());
    new SseStream(handler, request(version), origin).credentialEnded();
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_2", "HTTP_3"})
  void answer_onAConnectionThatOthersShare_doesNotCloseIt(HttpVersion version) {
    answer(version);

    assertThat(done).contains("end").doesNotContain("connection: close", "connection closed");
  }

  @Test
  void answer_onAConnectionOfItsOwn_closesIt() {
    answer(HttpVersion.HTTP_1_1);

    assertThat(done).containsSubsequence("connection: close", "end", "connection closed");
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
