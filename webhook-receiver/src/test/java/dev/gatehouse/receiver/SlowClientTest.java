package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.receiver.Sink.Answer;
import io.lettuce.core.resource.ClientResources;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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

  private static final Deliver.Topic TOPIC =
      new Deliver.Topic("127.0.0.1:1", "hooks", Deliver.RecordKey.NONE, false, Optional.empty());

  @Test
  void clientOfKafka_madeAfterTheAttemptsTime_getsNoRecordOfIt() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    MockProducer<byte[], byte[]> producer =
        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public synchronized java.util.concurrent.Future<RecordMetadata> send(
              ProducerRecord<byte[], byte[]> message, Callback callback) {
            sent.incrementAndGet();
            return super.send(message, callback);
          }
        };
    AtomicReference<Thread> worker = new AtomicReference<>();
    KafkaSink sink =
        new KafkaSink(
            vertx,
            "hook",
            TOPIC,
            Duration.ofMillis(50),
            headers(TOPIC),
            settings -> {
              worker.set(Thread.currentThread());
              return slowly(producer);
            });
    Answer late = Awaited.get(sink.post(leased()));
    made.countDown();
    Awaited.get(sink.close());
    worker.get().join(60_000);

    assertThat(worker.get().isAlive()).isFalse();
    assertThat(late).isEqualTo(new Answer.None("Kafka has not taken it within 50ms"));
    assertThat(sent).hasValue(0);
  }

  @Test
  void timesOfTheKafkaClient_together_areTheAttempts() {
    Map<String, Object> settings = new HashMap<>();
    for (int millis : new int[] {30_000, 30_001, 300_000}) {
      KafkaSink sink =
          new KafkaSink(
              vertx,
              "hook",
              TOPIC,
              Duration.ofMillis(millis),
              headers(TOPIC),
              given -> {
                settings.putAll(given);
                return new MockProducer<>(
                    true, null, new ByteArraySerializer(), new ByteArraySerializer());
              });
      Awaited.get(sink.post(leased()));
      Awaited.get(sink.close());

      int blocked = (int) settings.get(ProducerConfig.MAX_BLOCK_MS_CONFIG);
      int delivered = (int) settings.get(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG);
      int requested = (int) settings.get(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG);
      int lingered = (int) settings.get(ProducerConfig.LINGER_MS_CONFIG);
      assertThat(blocked + delivered).isEqualTo(millis);
      assertThat(requested + lingered).as("what the client demands").isLessThan(delivered);
    }
  }
}
