package dev.gatehouse.kafka;

import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.Published;
import dev.gatehouse.events.Refusal;
import dev.gatehouse.events.Topic;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the records of Kafka topics as events: each at least once, in the order of its
 * partition, for the tenant that it names and no other.
 *
 * <pre>{@code
 * KafkaEventSource source =
 *     KafkaEventSource.builder(vertx, hub, "kafka-1:9092,kafka-2:9092")
 *         .topic("order-changes", "orders.changed")
 *         .tenantFromKey()
 *         .start();
 * }</pre>
 *
 * <p>A node has one consumer, with one thread of its own. Nodes that share an event log are one
 * consumer group and share the partitions; where each node has a log of its own, each needs a group
 * of its own.
 *
 * <p>An offset is committed after its event is in the log. A node that is killed reads again what
 * it had not committed: such an event is published again, with the same id. While the log cannot
 * take an event the partition waits, its consumer fetches no more than {@link Builder#maxInFlight}
 * records and {@link Builder#maxBytesInFlight} of it, and nothing is skipped. When the hub is
 * closed before the source, the partitions stop where they are, and what was not published is read
 * again later.
 *
 * <p>Of a transaction the records are read once it is committed, and never if it is aborted; the
 * setting {@code isolation.level} may say otherwise.
 *
 * <p>A record without a tenant, or with one that is none, is delivered to nobody and counted. One
 * that can never become an event is set aside: its place is told and counted, and the next follows.
 * Neither its key nor its value is logged.
 */
public final class KafkaEventSource {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaEventSource.class);
  private static final long FIRST_RETRY_MILLIS = 50;
  private static final long MAX_RETRY_MILLIS = 2_000;

  /**
   * Where a record stands.
   *
   * @param topic Kafka's topic
   * @param partition the partition
   * @param offset the offset
   */
  public record Place(String topic, int partition, long offset) {}

  private final EventHub hub;
  private final Context context;
  private final RecordEvents events;
  private final Consumer<Place> setAsideTo;
  private final ConsumerLoop loop;
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong setAside = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private volatile boolean closed;

  private KafkaEventSource(Builder builder, TenantRule tenants) {
    this.hub = builder.hub;
    this.context = builder.vertx.getOrCreateContext();
    this.events = new RecordEvents(builder.topics, tenants);
    this.setAsideTo = builder.setAsideTo;
    this.loop =
        new ConsumerLoop(
            new KafkaConsumer<>(
                builder.settings(), new ByteArrayDeserializer(), new ByteArrayDeserializer()),
            builder.topics.keySet(),
            () -> new PartitionFlow(builder.maxInFlight, builder.maxBytesInFlight),
            this::drain);
  }

  /**
   * Begins a source.
   *
   * @param bootstrapServers such as {@code kafka-1:9092,kafka-2:9092}
   */
  public static Builder builder(Vertx vertx, EventHub hub, String bootstrapServers) {
    return new Builder(vertx, hub, bootstrapServers);
  }

  /** How many records became events. */
  public long accepted() {
    return accepted.get();
  }

  /** How many the hub refused: those without a tenant, of an undeclared topic, and so on. */
  public long refused() {
    return refused.get();
  }

  /** How many could not become events. */
  public long setAside() {
    return setAside.get();
  }

  /** How often an event was tried again because the log could not take it. */
  public long retries() {
    return retries.get();
  }

  /** How many records were fetched and wait to be published. */
  public int inFlight() {
    return loop.inFlight();
  }

  /** Stops fetching, commits what is done, and leaves the group. */
  public Future<Void> close() {
    closed = true;
    return context.owner().executeBlocking(loop::close, false).mapEmpty();
  }

  private void drain(PartitionFlow flow) {
    context.runOnContext(here -> next(flow));
  }

  private void next(PartitionFlow flow) {
    ConsumerRecord<byte[], byte[]> record = closed ? null : flow.begin();
    if (record == null) {
      return;
    }
    publish(flow, record, FIRST_RETRY_MILLIS);
  }

  private void publish(PartitionFlow flow, ConsumerRecord<byte[], byte[]> record, long wait) {
    publish(record)
        .onComplete(done -> context.runOnContext(here -> published(flow, record, wait, done)));
  }

  // Whatever is thrown here: a partition that is told of no end would stand still for good.
  private Future<Published> publish(ConsumerRecord<byte[], byte[]> record) {
    try {
      return hub.publish(event(record));
    } catch (RuntimeException | Error e) {
      return Future.failedFuture(e);
    }
  }

  private Event event(ConsumerRecord<byte[], byte[]> record) {
    try {
      return events.of(record);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("the record is no event", e);
    }
  }

  private void published(
      PartitionFlow flow,
      ConsumerRecord<byte[], byte[]> record,
      long wait,
      AsyncResult<Published> done) {
    if (done.failed() && !(done.cause() instanceof IllegalArgumentException)) {
      publishLater(flow, record, wait);
      return;
    }
    if (done.failed()) {
      putAside(record);
    } else if (done.result() instanceof Published.Refused no) {
      if (no.refusal().code() == Refusal.Code.CLOSED) {
        // Nothing was decided about the record: whoever reads it next publishes it.
        LOG.warn("the hub is closed: nothing more of {} is published", partition(record));
        return;
      }
      refused.incrementAndGet();
    } else {
      accepted.incrementAndGet();
    }
    finished(flow, record);
  }

  // Whoever has the partition now publishes it, so it is asked before and after the wait.
  private void publishLater(PartitionFlow flow, ConsumerRecord<byte[], byte[]> record, long wait) {
    if (closed || flow.isRevoked()) {
      return;
    }
    retries.incrementAndGet();
    context
        .owner()
        .setTimer(
            wait,
            due -> {
              if (!closed && !flow.isRevoked()) {
                publish(flow, record, Math.min(MAX_RETRY_MILLIS, wait * 2));
              }
            });
  }

  private static TopicPartition partition(ConsumerRecord<byte[], byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }

  private void finished(PartitionFlow flow, ConsumerRecord<byte[], byte[]> record) {
    flow.finished(record);
    drain(flow);
  }

  private void putAside(ConsumerRecord<byte[], byte[]> record) {
    setAside.incrementAndGet();
    Place place = new Place(record.topic(), record.partition(), record.offset());
    LOG.warn("a record of Kafka cannot become an event: {}", place);
    try {
      setAsideTo.accept(place);
    } catch (RuntimeException | Error e) {
      LOG.error("whoever is told of what is set aside failed", e);
    }
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final Vertx vertx;
    private final EventHub hub;
    private final String bootstrapServers;
    private final Map<String, String> topics = new LinkedHashMap<>();
    private final Map<String, Object> settings = new HashMap<>();
    private String group = "gatehouse-events";
    private int maxInFlight = 500;
    private long maxBytesInFlight = 4L << 20;
    private Consumer<Place> setAsideTo = place -> {};
    private @Nullable TenantRule tenants;

    private Builder(Vertx vertx, EventHub hub, String bootstrapServers) {
      this.vertx = vertx;
      this.hub = hub;
      this.bootstrapServers = bootstrapServers;
    }

    /**
     * Records of this topic of Kafka's are events of that topic.
     *
     * @throws IllegalArgumentException if the second is no topic, or the first is mapped already
     */
    public Builder topic(String kafkaTopic, String eventTopic) {
      if (topics.putIfAbsent(kafkaTopic, Topic.of(eventTopic).name()) != null) {
        throw new IllegalArgumentException("the topic is mapped already: " + kafkaTopic);
      }
      return this;
    }

    /** A record's key is its tenant. */
    public Builder tenantFromKey() {
      this.tenants = TenantRule.key();
      return this;
    }

    /** A header, which must stand there once, names a record's tenant. */
    public Builder tenantFromHeader(String name) {
      this.tenants = TenantRule.header(name);
      return this;
    }

    /** The consumer group; {@code gatehouse-events} by default. */
    public Builder group(String value) {
      this.group = value;
      return this;
    }

    /** How many records of a partition may wait to be published; 500 by default. */
    public Builder maxInFlight(int value) {
      this.maxInFlight = value;
      return this;
    }

    /**
     * How many bytes of a partition may wait before no more of it is fetched; 4 MiB by default. The
     * fetch that reaches them may go beyond, by {@code max.partition.fetch.bytes} as they are sent,
     * compressed or not.
     */
    public Builder maxBytesInFlight(long value) {
      this.maxBytesInFlight = value;
      return this;
    }

    /** Who is told where a record stands that cannot become an event. On an event loop. */
    public Builder setAside(Consumer<Place> value) {
      this.setAsideTo = value;
      return this;
    }

    /**
     * A setting of Kafka's consumer, such as those of TLS and login. What the source relies on is
     * its own to set: addresses and group, when offsets are committed, how many are fetched.
     */
    public Builder setting(String name, Object value) {
      settings.put(name, value);
      return this;
    }

    private Map<String, Object> settings() {
      Map<String, Object> all = new HashMap<>();
      all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
      // What a producer took back is no event.
      all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
      all.putAll(settings);
      all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, PartitionFlow.atOnce(maxInFlight));
      all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
      all.put(ConsumerConfig.GROUP_ID_CONFIG, group);
      // An offset is committed when its event is in the log, and by nothing else.
      all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
      all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
      return all;
    }

    /**
     * Begins to read.
     *
     * @throws IllegalStateException if there is no topic, or nothing says where the tenant stands
     * @throws IllegalArgumentException if a setting is blank or not positive
     */
    public KafkaEventSource start() {
      TenantRule rule = tenants;
      if (topics.isEmpty() || rule == null) {
        throw new IllegalStateException(
            "a source needs a topic, and to know where a record names its tenant");
      }
      if (group.isBlank() || maxInFlight < 1 || maxBytesInFlight < 1) {
        throw new IllegalArgumentException(
            "group, maxInFlight and maxBytesInFlight must say something");
      }
      KafkaEventSource source = new KafkaEventSource(this, rule);
      source.loop.start();
      return source;
    }
  }

  /** How long closing waits at most. */
  static final Duration CLOSE = Duration.ofSeconds(5);
}
