package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.receiver.Sink.Answer;
import io.lettuce.core.resource.ClientResources;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sinks whose client takes its time to be made. */
class SlowClientTest {
  private final Vertx vertx = Vertx.vertx();
  private final CountDownLatch making = new CountDownLatch(1);
  private final CountDownLatch made = new CountDownLatch(1);

  @AfterEach
  void close() {
    made.countDown();
    Awaited.get(vertx.close());
  }

  private <T> T slowly(T client) {
    making.countDown();
    try {
      assertThat(made.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return client;
  }

  private static Leased leased() {
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    return new Leased(1, 1, 1, "POST", null, null, null, null, null, Fixture.NOW, "{}", body);
  }

  private static DeliveryHeaders headers(Deliver.Target target) {
    Deliver deliver =
        new Deliver(
            target,
            Optional.empty(),
            Duration.ofSeconds(1),
            RetrySchedule.DEFAULT,
            1,
            Optional.empty(),
            Circuit.Settings.DEFAULT,
            new Deliver.Order.None());
    return new DeliveryHeaders("hook", deliver, target.place(), new ManualClock(Fixture.NOW));
  }

  @Test
  void clientOfRedis_thatIsBeingMade_keepsNoEventLoopWaiting() throws Exception {
    Deliver.RedisStream stream =
        new Deliver.RedisStream(Secret.of("r", "redis://127.0.0.1:1"), "r", "hooks", 10);
    RedisSink sink =
        new RedisSink(
            vertx,
            stream,
            Duration.ofSeconds(2),
            headers(stream),
            patience -> slowly(ClientResources.create()));
    Future<Answer> first = sink.post(leased());
    assertThat(making.await(60, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Future<Answer>> second = new CompletableFuture<>();
    CompletableFuture<Future<Void>> closed = new CompletableFuture<>();
    vertx.runOnContext(
        now -> {
          second.complete(sink.post(leased()));
          closed.complete(sink.close());
        });

    assertThat(closed.get(60, TimeUnit.SECONDS).isComplete()).isFalse();
    made.countDown();
    Awaited.get(closed.get());
    assertThat(Awaited.get(first)).isInstanceOf(Answer.None.class);
    assertThat(Awaited.get(second.get())).isInstanceOf(Answer.None.class);
  }
}
