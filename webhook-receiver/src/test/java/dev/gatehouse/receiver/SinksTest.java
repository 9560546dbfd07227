package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.testkit.TcpProxy;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import io.lettuce.core.RedisClient;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kafka.testkit.KafkaClusterTestKit;
import kafka.testkit.TestKitNodes;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.embedded.RedisServer;

/** Destinations that are no URL, each with the real thing behind it. */
class SinksTest {
  private static final String SIGN =
      "sign: { scheme: standard-webhooks, secret: \"" + Fixture.FORWARD_SECRET + "\" }\n";

  @TempDir Path folder;

  private Fixture start(String deliver) {
    return start(deliver, builder -> {});
  }

  private Fixture start(String deliver, Consumer<Receiver.Builder> more) {
    return Fixture.start(folder, Fixture.yaml("deliver:\n" + deliver.indent(2)), more);
  }

  /** Waits between attempts, so that all of them are not spent while something else comes up. */
  private Fixture startThatWaits(String deliver) {
    return start(deliver, builder -> builder.random(new SplittableRandom(7)));
  }

  /** Lets time pass until it is delivered. */
  private static void awaitDelivered(Fixture it, String id) {
    Awaited.until(
        "it is delivered",
        () -> {
          it.clock.advance(Duration.ofMillis(20));
          return it.delivery(id).getString("state").equals("delivered");
        });
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void assertVerifies(Fixture it, Map<String, String> headers, byte[] body) {
    List<Header> all = new ArrayList<>();
    headers.forEach((name, value) -> all.add(new Header(name, value)));
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(SecretSource.of(Secret.of("f", Fixture.FORWARD_SECRET)))
            .clock(it.clock)
            .build();
    assertThat(verifier.verify(WebhookRequest.of("POST", "", Headers.of(all), body)))
        .isInstanceOf(Verification.Verified.class);
  }

  private static String onlyId(Fixture it) {
    return it.deliveries().get(0).getString("id");
  }

  // --- Kafka

  private static KafkaConsumer<String, byte[]> consumer(KafkaClusterTestKit cluster) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", cluster.bootstrapServers());
    settings.put("group.id", "test");
    settings.put("auto.offset.reset", "earliest");
    KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    consumer.subscribe(List.of("hooks"));
    return consumer;
  }

  private static List<ConsumerRecord<String, byte[]>> poll(
      KafkaConsumer<String, byte[]> consumer, int count) {
    List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
    Awaited.until(
        "all are in the topic",
        () -> {
          consumer.poll(Duration.ofMillis(200)).forEach(found::add);
          return found.size() >= count;
        });
    return found;
  }

  private static String header(ConsumerRecord<String, byte[]> message, String name) {
    return new String(message.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  @Test
  @SuppressWarnings("try") // an interrupted close fails the test, as it should
  void topicOfKafka_getsDeliveriesKeyedSignedAndInOrder() throws Exception {
    TestKitNodes nodes =
        new TestKitNodes.Builder()
            .setCombined(true)
            .setNumBrokerNodes(1)
            .setNumControllerNodes(1)
            .build();
    try (KafkaClusterTestKit cluster =
        new KafkaClusterTestKit.Builder(nodes)
            .setConfigProp("offsets.topic.replication.factor", "1")
            .setConfigProp("message.max.bytes", "100000")
            .build()) {
      cluster.format();
      cluster.startup();
      cluster.waitForReadyBrokers();
      String deliver =
          SIGN
              + "kafka: { bootstrap: \""
              + cluster.bootstrapServers()
              + "\", topic: hooks }\norder: { pointer: /order }\n"
              + "retry: { attempts: 5, firstDelay: 1ms, maxDelay: 1ms }\ntimeout: 2m\n";
      try (Fixture it = start(deliver);
          KafkaConsumer<String, byte[]> consumer = consumer(cluster)) {
        for (int i = 0; i < 6; i++) {
          it.send("m" + i, "{\"order\":\"o" + i % 2 + "\",\"n\":" + i + "}");
        }
        List<ConsumerRecord<String, byte[]>> found = poll(consumer, 6);
        assertThat(found).hasSize(6);
        for (String key : List.of("o0", "o1")) {
          assertThat(found.stream().filter(r -> key.equals(r.key())).map(ConsumerRecord::value))
              .extracting(value -> new JsonObject(Buffer.buffer(value)).getInteger("n"))
              .isSorted()
              .hasSize(3);
        }
        ConsumerRecord<String, byte[]> first = found.get(0);
        String id = header(first, "Gatehouse-Delivery");
        Map<String, String> headers = new HashMap<>();
        first
            .headers()
            .forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        assertVerifies(it, headers, first.value());
        assertThat(header(first, "Gatehouse-Source")).isEqualTo("hook");
        assertThat(it.awaitState(id, "delivered").getInteger("attempts")).isEqualTo(1);

        it.send("large", "{\"x\":\"" + "x".repeat(200_000) + "\"}");
        JsonObject large = it.deliveries().get(6);
        assertThat(it.awaitState(large.getString("id"), "dead").getString("lastError"))
            .isEqualTo("Kafka takes no record of this size");
      }
    }
  }

  @Test
  void topicOfKafka_unreachable_isTriedAgainAndNamed() throws Exception {
    String deliver =
        "kafka: { bootstrap: \"127.0.0.1:"
            + freePort()
            + "\", topic: hooks }\nretry: { attempts: 2, firstDelay: 1ms, maxDelay: 1ms }\n"
            + "timeout: 300ms\n";
    try (Fixture it = start(deliver)) {
      it.send("m", "{}");
      JsonObject dead = it.awaitState(onlyId(it), "dead");

      assertThat(dead.getInteger("attempts")).isEqualTo(2);
      assertThat(dead.getString("lastError")).startsWith("Kafka has not taken it");
    }
  }

  // --- Redis

  @Test
  void streamOfRedis_getsDeliveriesBoundedAndAgainAfterARestart() throws Exception {
    int port = freePort();
    String deliver =
        SIGN
            + "redis: { url: \"redis://127.0.0.1:"
            + port
            + "\", stream: hooks, maxLength: 100 }\n"
            + "retry: { attempts: 100, firstDelay: 200ms, maxDelay: 200ms }\ntimeout: 2s\n"
            + "circuit: { failures: 1000, openFor: 1ms, maxOpenFor: 1ms }\n";
    try (Fixture it = startThatWaits(deliver)) {
      it.send("before", "{\"n\":0}");
      String id = onlyId(it);
      Awaited.until(
          "an attempt has failed",
          () -> {
            it.clock.advance(Duration.ofMillis(20));
            String error = it.delivery(id).getString("lastError");
            return "Redis takes no connection".equals(error);
          });
      RedisServer redis = RedisServer.newRedisServer().port(port).build();
      redis.start();
      RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
      try {
        awaitDelivered(it, id);
        RedisCommands<String, String> commands = client.connect().sync();
        List<StreamMessage<String, String>> entries =
            commands.xrange("hooks", io.lettuce.core.Range.unbounded());
        Map<String, String> entry = entries.get(0).getBody();
        assertThat(entry)
            .containsEntry("body", "{\"n\":0}")
            .containsEntry("Gatehouse-Delivery", id);
        assertVerifies(it, entry, entry.get("body").getBytes(StandardCharsets.UTF_8));
      } finally {
        client.shutdown(0, 1, TimeUnit.SECONDS);
        redis.stop();
      }
    }
  }

  @Test
  void streamOfRedis_ofAWebhookWithAHeaderNamedBody_hasTheVerifiedBodyAlone() throws Exception {
    int port = freePort();
    RedisServer redis = RedisServer.newRedisServer().port(port).build();
    redis.start();
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
    String deliver =
        "redis: { url: \"redis://127.0.0.1:" + port + "\", stream: hooks }\ntimeout: 30s\n";
    try (Fixture it = start(deliver)) {
      byte[] body = "{\"n\":1}".getBytes(StandardCharsets.UTF_8);
      it.exchange(
          it.request("/hooks/hook", it.signed("m", Fixture.NOW, body))
              .header("Body", "forged")
              .header("X-Event", "push")
              .POST(BodyPublishers.ofByteArray(body)));
      it.awaitState(onlyId(it), "delivered");
      List<Object> entries =
          client
              .connect()
              .sync()
              .dispatch(
                  CommandType.XRANGE,
                  new NestedMultiOutput<>(StringCodec.UTF8),
                  new CommandArgs<>(StringCodec.UTF8).add("hooks").add("-").add("+"));

      List<?> fields = (List<?>) ((List<?>) entries.get(0)).get(1);
      assertThat(fields).filteredOn(field -> field.toString().equalsIgnoreCase("body")).hasSize(1);
      assertThat(fields.get(fields.indexOf("body") + 1)).isEqualTo("{\"n\":1}");
      assertThat(fields.get(fields.indexOf("X-Event") + 1)).isEqualTo("push");
    } finally {
      client.shutdown(0, 1, TimeUnit.SECONDS);
      redis.stop();
    }
  }

  @Test
  void streamOfRedis_whoseConnectionDiedWithoutAWord_getsDeliveriesOnANewOne() throws Exception {
    int port = freePort();
    RedisServer redis = RedisServer.newRedisServer().port(port).build();
    redis.start();
    try (TcpProxy network = TcpProxy.to(port)) {
      String deliver =
          "redis: { url: \"redis://127.0.0.1:"
              + network.port()
              + "\", stream: hooks }\n"
              + "retry: { attempts: 100, firstDelay: 200ms, maxDelay: 200ms }\ntimeout: 1s\n"
              + "circuit: { failures: 1000, openFor: 1ms, maxOpenFor: 1ms }\n";
      try (Fixture it = startThatWaits(deliver)) {
        it.send("before", "{}");
        awaitDelivered(it, onlyId(it));
        network.freeze();
        it.send("after", "{}");
        awaitDelivered(it, it.deliveries().get(1).getString("id"));
      }
    } finally {
      redis.stop();
    }
  }

  @Test
  void streamOfRedis_whoseServerBecomesAReplica_getsDeliveriesOnWhatTookOver() throws Exception {
    int first = freePort();
    RedisServer demoted = RedisServer.newRedisServer().port(first).build();
    demoted.start();
    int second = freePort();
    RedisServer successor = RedisServer.newRedisServer().port(second).build();
    successor.start();
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + first);
    try (TcpProxy address = TcpProxy.to(first)) {
      String deliver =
          "redis: { url: \"redis://127.0.0.1:"
              + address.port()
              + "\", stream: hooks }\n"
              + "retry: { attempts: 100, firstDelay: 200ms, maxDelay: 200ms }\ntimeout: 30s\n"
              + "circuit: { failures: 1000, openFor: 1ms, maxOpenFor: 1ms }\n";
      try (Fixture it = startThatWaits(deliver)) {
        it.send("before", "{}");
        awaitDelivered(it, onlyId(it));
        address.redirect(second);
        client.connect().sync().replicaof("127.0.0.1", second);
        it.send("after", "{}");
        awaitDelivered(it, it.deliveries().get(1).getString("id"));
      }
    } finally {
      client.shutdown(0, 1, TimeUnit.SECONDS);
      demoted.stop();
      successor.stop();
    }
  }

  @Test
  void streamOfRedis_thatRefuses_isNamedWithoutItsWords() throws Exception {
    int port = freePort();
    RedisServer redis = RedisServer.newRedisServer().port(port).build();
    redis.start();
    RedisClient client = RedisClient.create("redis://127.0.0.1:" + port);
    String deliver =
        "redis: { url: \"redis://127.0.0.1:"
            + port
            + "\", stream: hooks }\nretry: { attempts: 1 }\ntimeout: 30s\n";
    try (Fixture it = start(deliver)) {
      client.connect().sync().set("hooks", "not a stream");
      it.send("m", "{}");

      assertThat(it.awaitState(onlyId(it), "dead").getString("lastError"))
          .isEqualTo("Redis refused the entry");
    } finally {
      client.shutdown(0, 1, TimeUnit.SECONDS);
      redis.stop();
    }
  }

  // --- the event bus

  @Test
  void eventBus_ofTheUsersVertx_getsDeliveriesAndItsRepliesCount() throws Exception {
    Vertx vertx = Vertx.vertx();
    BlockingQueue<Message<Buffer>> got = new LinkedBlockingQueue<>();
    vertx
        .eventBus()
        .<Buffer>consumer(
            "hooks",
            message -> {
              String attempt = message.headers().get("Gatehouse-Attempt");
              if (attempt.equals("1")) {
                message.fail(503, "busy");
              } else {
                message.reply(null);
              }
              got.add(message);
            });
    String yaml =
        Fixture.yaml(
            "deliver:\n  eventBus: hooks\n  retry: { attempts: 3, firstDelay: 1ms, maxDelay: 1ms }\n"
                + SIGN.indent(2));
    try {
      try (Fixture it = Fixture.start(folder, yaml, builder -> builder.vertx(vertx))) {
        it.send("m", "{\"a\":1}");
        Message<Buffer> first = got.poll(60, TimeUnit.SECONDS);
        Message<Buffer> second = got.poll(60, TimeUnit.SECONDS);
        JsonObject delivered = it.awaitState(onlyId(it), "delivered");

        assertThat(first.body().toString()).isEqualTo("{\"a\":1}");
        Map<String, String> headers = new HashMap<>();
        second.headers().forEach(headers::put);
        assertVerifies(it, headers, second.body().getBytes());
        assertThat(headers).containsEntry("Gatehouse-Delivery", delivered.getString("id"));
        assertThat(delivered.getInteger("attempts")).isEqualTo(2);
      }
      // stopping the receiver left the user's Vert.x as it was
      assertThat(Awaited.get(vertx.executeBlocking(() -> 17))).isEqualTo(17);
    } finally {
      Awaited.get(vertx.close());
    }
  }

  @Test
  void eventBus_withoutAUsersVertx_isRefusedWithItsPath() {
    Problems.InvalidException refused =
        catchThrowableOfType(
            Problems.InvalidException.class, () -> start("eventBus: hooks\n").close());

    assertThat(refused.problems().get(0).path()).isEqualTo("sources.hook.deliver.eventBus");
    assertThat(refused).hasMessageContaining("use to, kafka or redis here");
  }
}
