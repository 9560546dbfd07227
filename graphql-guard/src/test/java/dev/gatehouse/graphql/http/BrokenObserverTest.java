package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An observer that throws whatever it is told of: each door serves as if there were none. */
class BrokenObserverTest {
  private final AtomicInteger told = new AtomicInteger();
  private final Door door =
      Door.with()
          .service(service -> service.observer(new Broken(told)))
          .socket(sockets -> sockets.maxSockets(1, 1, 1))
          .sse(streams -> streams.maxStreams(1, 1, 1))
          .open();

  private record Broken(AtomicInteger told) implements OperationObserver {
    @Override
    public void answered(Answered operation) {
      told.incrementAndGet();
      throw new IllegalStateException("no registry");
    }

    @Override
    public void connections(Transport transport, int change) {
      told.incrementAndGet();
      throw new IllegalStateException("no registry");
    }

    @Override
    public void eventSent(Transport transport) {
      told.incrementAndGet();
      throw new NoClassDefFoundError("no/Registry");
    }
  }

  @AfterEach
  void close() {
    door.close();
  }

  @Test
  void socket_underABrokenObserver_isServedAndItsPlaceFreeAgain() {
    SocketClient client =
        SocketClient.ready(door).subscribe("1", "subscription { ticks { number } }");
    for (int i = 1; i <= door.ticks.last; i++) {
      client.next("next");
    }
    client.next("complete");
    client.close();
    Eventually.holds(() -> SocketClient.refusal(door, SocketClient.options(door)) == 101);
    assertThat(told).hasValueGreaterThan(door.ticks.last);
  }

  @Test
  void stream_underABrokenObserver_isServedAndItsPlaceFreeAgain() throws Exception {
    try (SseClient client = SseClient.post(door, "subscription { ticks { number } }")) {
      assertThat(client.status).contains("200");
      for (int i = 1; i <= door.ticks.last; i++) {
        assertThat(client.next().name()).isEqualTo("next");
      }
      assertThat(client.next().name()).isEqualTo("complete");
    }
    Eventually.holds(this::hasRoomForAStream);
    Eventually.holds(this::hasRoomForAStream);
  }

  private boolean hasRoomForAStream() {
    try (SseClient client = SseClient.post(door, "{ hello }")) {
      return client.status.contains("200");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void query_underABrokenObserver_isAnswered() {
    assertThat(Call.to(door).query("{ hello }").body()).contains("hello you");
    assertThat(told).hasPositiveValue();
  }
}
