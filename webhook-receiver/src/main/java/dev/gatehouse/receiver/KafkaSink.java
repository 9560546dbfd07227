package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Deliver.Login;
import dev.gatehouse.receiver.Deliver.Topic;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Puts deliveries of one source on a topic of Kafka. A delivery counts as taken when every in-sync
 * replica has it (acks=all); within one attempt the client's own retries write it once (idempotent
 * producer), over attempts it may stand there again, with the same {@code Gatehouse-Delivery}.
 *
 * <p>The client is loaded and connects with the first delivery. What waits in it is bounded in
 * bytes and in time: what it has not written in the attempt's time, counted from when it got it, it
 * drops. A record that waited for others before may thus be written after its attempt has failed.
 */
final class KafkaSink implements Sink {
  private static final long BUFFER_BYTES = 32L << 20;
  private static final int MAX_RECORD_BYTES = 16 << 20;
  private static final int THREADS = 4;
  private static final int LINGER_MILLIS = 5;
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final Topic topic;
  private final Duration timeout;
  private final DeliveryHeaders headers;
  private final WorkerExecutor workers;
  private final Function<Map<String, Object>, Producer<byte[], byte[]>> makeProducer;
  private @Nullable Producer<byte[], byte[]> producer;
  private boolean closed;

  KafkaSink(Vertx vertx, String source, Topic topic, Duration timeout, DeliveryHeaders headers) {
    this(
        vertx,
        source,
        topic,
        timeout,
        headers,
        settings ->
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()));
  }

  KafkaSink(
      Vertx vertx,
      String source,
      Topic topic,
      Duration timeout,
      DeliveryHeaders headers,
      Function<Map<String, Object>, Producer<byte[], byte[]>> makeProducer) {
    this.makeProducer = makeProducer;
    this.vertx = vertx;
    this.topic = topic;
    this.timeout = timeout;
    this.headers = headers;
    // sending waits for what is known of the cluster, and may not do so on an event loop
    this.workers = vertx.createSharedWorkerExecutor("gatehouse-kafka-" + source, THREADS);
  }

  @Override
  public Future<Answer> post(Leased delivery) {
    Promise<Answer> answer = Promise.promise();
    Context context = vertx.getOrCreateContext();
    AtomicBoolean late = new AtomicBoolean();
    long timer =
        vertx.setTimer(
            timeout.toMillis() + LINGER_MILLIS,
            due -> {
              late.set(true);
              answer.tryComplete(
                  new Answer.None("Kafka has not taken it within " + Durations.format(timeout)));
            });
    workers
        .executeBlocking(
            () -> {
              if (!late.get()) {
                send(delivery, context, late, answer);
              }
              return null;
            },
            false)
        .onFailure(e -> answer.tryComplete(answer(e)));
    return answer.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback tells the same
  private void send(Leased delivery, Context context, AtomicBoolean late, Promise<Answer> answer) {
    byte[] key = key(delivery);
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(topic.topic(), key, delivery.body());
    MultiMap all = MultiMap.caseInsensitiveMultiMap();
    headers.addTo(all, delivery);
    for (Map.Entry<String, String> header : all) {
      message.headers().add(header.getKey(), header.getValue().getBytes(StandardCharsets.UTF_8));
    }
    Producer<byte[], byte[]> sender = producer();
    if (late.get()) {
      return; // making it took the attempt's time
    }
    sender.send(
        message,
        (written, failure) ->
            context.runOnContext(
                now -> answer.tryComplete(failure == null ? new Answer.Taken() : answer(failure))));
  }

  private byte @Nullable [] key(Leased delivery) {
    String text =
        switch (topic.key()) {
          case ORDER -> delivery.orderKey() == null ? delivery.tenant() : delivery.orderKey();
          case TENANT -> delivery.tenant();
          case DELIVERY -> DeliveryId.format(delivery.id());
          case NONE -> null;
        };
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private static Answer answer(Throwable failure) {
    if (failure instanceof RecordTooLargeException) {
      return new Answer.Never("Kafka takes no record of this size");
    }
    if (failure instanceof AuthenticationException) {
      return new Answer.None("Kafka does not accept the login");
    }
    if (failure instanceof AuthorizationException) {
      return new Answer.None("Kafka does not allow writing to the topic");
    }
    if (failure instanceof UnknownTopicOrPartitionException) {
      return new Answer.None("Kafka knows no such topic");
    }
    if (failure instanceof IllegalArgumentException) {
      return new Answer.Never("the delivery could not be signed");
    }
    return new Answer.None("Kafka has not taken it (" + failure.getClass().getSimpleName() + ")");
  }

  private synchronized Producer<byte[], byte[]> producer() {
    if (closed) {
      throw new KafkaException("closed");
    }
    if (producer == null) {
      producer = makeProducer.apply(settings());
    }
    return producer;
  }

  private Map<String, Object> settings() {
    Map<String, Object> all = new HashMap<>();
    int millis = Math.toIntExact(Math.max(timeout.toMillis(), 10 * LINGER_MILLIS));
    // one begins when the other is over: together they are the attempt's time
    int block = millis / 3;
    int delivery = millis - block;
    all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, topic.bootstrap());
    all.put(ProducerConfig.CLIENT_ID_CONFIG, "gatehouse");
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    all.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
    all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, delivery);
    all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, delivery / 2);
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, block);
    all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_RECORD_BYTES);
    all.put("security.protocol", protocol());
    topic.login().ifPresent(login -> putLogin(all, login));
    return all;
  }

  private String protocol() {
    return (topic.login().isPresent() ? "SASL_" : "") + (topic.tls() ? "SSL" : "PLAINTEXT");
  }

  private static void putLogin(Map<String, Object> all, Login login) {
    boolean plain = login.mechanism() == Deliver.Mechanism.PLAIN;
    String module =
        plain
            ? "org.apache.kafka.common.security.plain.PlainLoginModule"
            : "org.apache.kafka.common.security.scram.ScramLoginModule";
    all.put("sasl.mechanism", login.mechanism().kafkaName());
    all.put(
        "sasl.jaas.config",
        module
            + " required username="
            + quoted(login.user())
            + " password="
            + quoted(login.password().revealText())
            + ";");
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  @Override
  public Future<Void> close() {
    return workers
        .executeBlocking(
            () -> {
              closeProducer();
              return null;
            },
            false)
        .eventually(workers::close)
        .mapEmpty();
  }

  private synchronized void closeProducer() {
    closed = true;
    if (producer != null) {
      producer.close(CLOSE);
      producer = null;
    }
  }
}
