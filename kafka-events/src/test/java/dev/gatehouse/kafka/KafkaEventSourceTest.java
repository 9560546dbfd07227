package dev.gatehouse.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Admission;
import dev.gatehouse.events.Delivery;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.EventLimits;
import dev.gatehouse.events.EventLog;
import dev.gatehouse.events.EventPolicy;
import dev.gatehouse.events.EventView;
import dev.gatehouse.events.LogPage;
import dev.gatehouse.events.MemoryEventLog;
import dev.gatehouse.events.MemoryLogOptions;
import dev.gatehouse.events.Position;
import dev.gatehouse.events.Subscribed;
import dev.gatehouse.events.Subscription;
import dev.gatehouse.events.SubscriptionRequest;
import dev.gatehouse.events.TopicPattern;
import dev.gatehouse.kafka.KafkaEventSource.Place;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KafkaEventSourceTest {
  private static final TenantId ACME = TenantId.of("acme");
  private static final TenantId GLOBEX = TenantId.of("globex");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static KafkaNode kafka;
  private static KafkaProducer<byte[], byte[]> producer;

  private final Vertx vertx = Vertx.vertx();
  private final String topic = "t-" + UUID.randomUUID();
  private final List<KafkaEventSource> sources = new ArrayList<>();
  // With room for all that a test sends: here nobody is to be too slow for it.
  private final Valve log =
      new Valve(
          MemoryEventLog.create(
              new MemoryLogOptions().eventsPerTopic(100_000).bytesPerTopic(64 << 20),
              InstantSource.system()));
  private EventHub hub;

  /** A log that can be shut. */
  private static final class Valve implements EventLog {
    private final EventLog open;
    volatile boolean shut;
    final AtomicInteger appends = new AtomicInteger();
    final AtomicInteger errors = new AtomicInteger();

    Valve(EventLog open) {
      this.open = open;
    }

    @Override
    public Future<Position> append(Event event) {
      appends.incrementAndGet();
      if (errors.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new OutOfMemoryError("of the test");
      }
      return shut ? Future.failedFuture("the log is away") : open.append(event);
    }

    @Override
    public Future<LogPage> read(
        TenantId tenant, TopicPattern topics, Position after, int most, long bytes) {
      return open.read(tenant, topics, after, most, bytes);
    }

    @Override
    public Future<Position> end(TenantId tenant) {
      return open.end(tenant);
    }

    @Override
    public Following follow(TenantId tenant, Runnable wake) {
      return open.follow(tenant, wake);
    }

    @Override
    public Future<Set<TenantId>> tenants() {
      return open.tenants();
    }
  }

  @BeforeAll
  static void startKafka() throws Exception {
    kafka = KafkaNode.start();
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.address(), "compression.type", "lz4"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void stopKafka() throws Exception {
    producer.close(Duration.ofSeconds(1));
    kafka.close();
  }

  @BeforeEach
  void open() throws Exception {
    hub = openHub();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
      admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get();
    }
  }

  private EventHub openHub() {
    return EventHub.builder(vertx)
        .log(log)
        .policy(EventPolicy.everyoneOfTheTenant())
        .limits(EventLimits.builder().queue(100_000, 64 << 20).build())
        .build();
  }

  @AfterEach
  void close() {
    sources.forEach(source -> await(source.close()));
    await(hub.close());
    await(vertx.close());
  }

  private KafkaEventSource.Builder source() {
    return KafkaEventSource.builder(vertx, hub, kafka.address())
        .topic(topic, "orders.changed")
        .group(topic);
  }

  private KafkaEventSource start(KafkaEventSource.Builder builder) {
    KafkaEventSource source = builder.start();
    sources.add(source);
    return source;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void send(String key, String value) {
    send(new ProducerRecord<>(topic, bytes(key), bytes(value)));
  }

  private static void send(ProducerRecord<byte[], byte[]> record) {
    try {
      producer.send(record).get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private List<EventView> subscribe(TenantId tenant) {
    Principal principal =
        Principal.vouchedBy("test", Principal.Kind.USER, "ann").tenant(tenant).build();
    Admission.Admitted admitted = (Admission.Admitted) hub.admit(principal);
    Subscribed answer = await(admitted.connection().subscribe(SubscriptionRequest.of(">")));
    Subscription subscription = ((Subscribed.Open) answer).subscription();
    List<EventView> got = new CopyOnWriteArrayList<>();
    subscription
        .handler(batch -> batch.forEach(each -> got.add(((Delivery.Message) each).event())))
        .request(Long.MAX_VALUE);
    return got;
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("it did not come about", e);
    }
  }

  private static void until(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not in time: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static List<String> data(List<EventView> got) {
    return got.stream().map(event -> event.data().bytes().toString()).toList();
  }

  @Test
  void record_whoseKeyIsATenant_reachesThatTenantAloneAndInOrder() {
    List<EventView> acme = subscribe(ACME);
    List<EventView> globex = subscribe(GLOBEX);
    KafkaEventSource source = start(source().tenantFromKey());
    for (int i = 0; i < 20; i++) {
      send("acme", "{\"n\":" + i + "}");
    }
    send("globex", "{\"g\":1}");

    until("all came", () -> acme.size() == 20 && globex.size() == 1);
    until("all are counted", () -> source.accepted() >= 21);
    assertThat(data(acme))
        .containsExactlyElementsOf(
            IntStream.range(0, 20).mapToObj(i -> "{\"n\":" + i + "}").toList());
    assertThat(data(globex)).containsExactly("{\"g\":1}");
    assertThat(acme.get(0).id()).startsWith(topic);
    assertThat(acme.get(0).topic().name()).isEqualTo("orders.changed");
    assertThat(source.accepted()).isEqualTo(21);
  }

  @Test
  void record_whoseHeaderNamesATenantOnce_reachesIt() {
    List<EventView> acme = subscribe(ACME);
    KafkaEventSource source = start(source().tenantFromHeader("tenant"));
    ProducerRecord<byte[], byte[]> twice =
        new ProducerRecord<>(topic, bytes("acme"), bytes("\"twice\""));
    twice.headers().add("tenant", bytes("globex")).add("tenant", bytes("acme"));
    ProducerRecord<byte[], byte[]> once = new ProducerRecord<>(topic, null, bytes("\"once\""));
    once.headers().add("tenant", bytes("acme")).add("ce_id", bytes("e-1"));
    send(twice);
    send("acme", "\"only the key\"");
    send(once);

    until("it came", () -> acme.size() == 1 && source.refused() == 2);
    assertThat(data(acme)).containsExactly("\"once\"");
    assertThat(acme.get(0).id()).isEqualTo("e-1");
  }

  @Test
  void record_withoutATenantOrWithOneThatIsNone_reachesNobody() {
    List<EventView> acme = subscribe(ACME);
    KafkaEventSource source = start(source().tenantFromKey());
    send(new ProducerRecord<>(topic, null, bytes("{}")));
    send(new ProducerRecord<>(topic, new byte[] {(byte) 0xff}, bytes("{}")));
    for (String key : List.of("", " ", "acme ", "ACME*", ">", "acme.x", "аcme", "[\"acme\"]")) {
      send(key, "{\"tenant\":\"acme\"}");
    }
    send("acme", "{}");

    until("all are decided", () -> source.refused() == 10 && source.accepted() == 1);
    until("it came", () -> !acme.isEmpty());
    assertThat(acme).hasSize(1);
  }

  @Test
  void record_thatCannotBecomeAnEvent_isSetAsideAndTheNextFollows() {
    List<EventView> acme = subscribe(ACME);
    List<Place> places = new CopyOnWriteArrayList<>();
    KafkaEventSource source = start(source().tenantFromKey().setAside(places::add));
    ProducerRecord<byte[], byte[]> poison = new ProducerRecord<>(topic, 0, bytes("acme"), null);
    poison.headers().add("ce_id", bytes("a\nb"));
    send(poison);
    ProducerRecord<byte[], byte[]> typed =
        new ProducerRecord<>(topic, 0, bytes("acme"), bytes("{}"));
    typed.headers().add("content-type", bytes("a".repeat(257)));
    send(typed);
    send(new ProducerRecord<>(topic, 0, bytes("acme"), bytes("not json")));
    send(new ProducerRecord<>(topic, 0, bytes("acme"), null));

    until("the next ones came", () -> acme.size() == 2);
    assertThat(source.setAside()).isEqualTo(2);
    assertThat(places).containsExactly(new Place(topic, 0, 0), new Place(topic, 0, 1));
    assertThat(acme.get(1).data().isEmpty()).isTrue();
  }

  @Test
  void record_ofAnAbortedTransaction_isNoEvent() throws Exception {
    List<EventView> acme = subscribe(ACME);
    try (KafkaProducer<byte[], byte[]> transactional =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.address(), "transactional.id", topic),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      transactional.initTransactions();
      transactional.beginTransaction();
      transactional.send(record("\"taken back\"")).get(60, TimeUnit.SECONDS);
      transactional.abortTransaction();
      transactional.beginTransaction();
      transactional.send(record("\"kept\"")).get(60, TimeUnit.SECONDS);
      transactional.commitTransaction();
    }
    start(source().tenantFromKey());

    until("it came", () -> data(acme).contains("\"kept\""));
    assertThat(data(acme)).containsExactly("\"kept\"");
  }

  private ProducerRecord<byte[], byte[]> record(String value) {
    return new ProducerRecord<>(topic, bytes("acme"), bytes(value));
  }

  @Test
  void source_whileTheLogIsAway_waitsWithABoundAndLosesNothing() {
    List<EventView> acme = subscribe(ACME);
    log.shut = true;
    for (int i = 0; i < 200; i++) {
      send("acme", "{\"n\":" + i + "}");
    }
    KafkaEventSource source =
        start(source().tenantFromKey().maxInFlight(9).setting("max.poll.records", 500));
    until("it tries again", () -> source.retries() > 5 && source.inFlight() > 4);
    assertThat(source.inFlight()).isLessThanOrEqualTo(9);
    assertThat(acme).isEmpty();

    log.shut = false;

    until("all came", () -> acme.size() == 200);
    assertThat(data(acme))
        .containsExactlyElementsOf(
            IntStream.range(0, 200).mapToObj(i -> "{\"n\":" + i + "}").toList());
  }

  @Test
  void source_ofLargeRecordsWhileTheLogIsAway_waitsWithABoundInBytes() {
    List<EventView> acme = subscribe(ACME);
    log.shut = true;
    Random incompressible = new Random(1);
    List<String> sent = Stream.generate(() -> text(incompressible, 15_000)).limit(40).toList();
    sent.forEach(value -> send("acme", value));
    KafkaEventSource source =
        start(
            source()
                .tenantFromKey()
                .maxBytesInFlight(50_000)
                .setting("max.partition.fetch.bytes", 25_000));
    until("it tries again", () -> source.retries() > 5 && source.inFlight() > 2);
    assertThat(source.inFlight()).isLessThanOrEqualTo(5);

    log.shut = false;

    until("all came", () -> acme.size() == 40);
    assertThat(data(acme)).containsExactlyElementsOf(sent);
  }

  private static String text(Random random, int bytes) {
    byte[] text = new byte[bytes];
    random.nextBytes(text);
    return '"' + Base64.getEncoder().encodeToString(text) + '"';
  }

  @Test
  void source_whoseLogThrowsAnError_losesNothingAndKeepsTheOrder() {
    List<EventView> acme = subscribe(ACME);
    log.errors.set(2);
    KafkaEventSource source = start(source().tenantFromKey());
    for (int i = 0; i < 20; i++) {
      send("acme", "{\"n\":" + i + "}");
    }

    until("all came", () -> acme.size() == 20);
    assertThat(source.retries()).isEqualTo(2);
    assertThat(data(acme))
        .containsExactlyElementsOf(
            IntStream.range(0, 20).mapToObj(i -> "{\"n\":" + i + "}").toList());
  }

  /** Throws an Error once, when the consumer has moved on and nobody has what it fetched. */
  public static final class FailingOnce implements ConsumerInterceptor<byte[], byte[]> {
    private AtomicBoolean fails = new AtomicBoolean();

    @Override
    public void configure(Map<String, ?> settings) {
      fails = (AtomicBoolean) settings.get("test.fails");
    }

    @Override
    public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
      if (fails.getAndSet(false)) {
        throw new OutOfMemoryError("of the test");
      }
      return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void close() {}
  }

  @Test
  void source_whoseConsumerThrowsAnError_losesNothingAndKeepsTheOrder() {
    List<EventView> acme = subscribe(ACME);
    for (int i = 0; i < 20; i++) {
      send("acme", "{\"n\":" + i + "}");
    }
    AtomicBoolean fails = new AtomicBoolean(true);
    start(
        source()
            .tenantFromKey()
            .setting("interceptor.classes", List.of(FailingOnce.class))
            .setting("test.fails", fails));

    until("all came", () -> acme.size() == 20);
    assertThat(fails).isFalse();
    assertThat(data(acme))
        .containsExactlyElementsOf(
            IntStream.range(0, 20).mapToObj(i -> "{\"n\":" + i + "}").toList());
  }

  @Test
  void source_closedWhileItWaitsToTryAgain_publishesNothingMore() {
    log.shut = true;
    KafkaEventSource source = start(source().tenantFromKey());
    send("acme", "{}");
    until("it tries again", () -> source.retries() > 4);

    Future<Void> closed = source.close();
    int tried = log.appends.get();
    log.shut = false;
    await(closed);

    // Set behind the source's own, and for as long as that waits at most.
    await(vertx.timer(2, TimeUnit.SECONDS));
    assertThat(log.appends).hasValue(tried);
  }

  @Test
  void source_thatIsClosedAndStartedAgain_goesOnWhereItWas() {
    List<EventView> acme = subscribe(ACME);
    KafkaEventSource first = start(source().tenantFromKey());
    for (int i = 0; i < 10; i++) {
      send("acme", "{\"n\":" + i + "}");
    }
    until("the first came", () -> acme.size() == 10);
    until("they are done", () -> first.accepted() == 10 && first.inFlight() == 0);
    await(first.close());
    for (int i = 10; i < 20; i++) {
      send("acme", "{\"n\":" + i + "}");
    }

    KafkaEventSource second = start(source().tenantFromKey());

    until("the others came", () -> acme.size() == 20);
    until("they are counted", () -> second.accepted() >= 10);
    assertThat(second.accepted()).isEqualTo(10);
    assertThat(data(acme)).doesNotHaveDuplicates();
  }

  @Test
  void source_whoseHubIsClosedFirst_losesNothing() {
    KafkaEventSource first = start(source().tenantFromKey());
    for (int i = 0; i < 5; i++) {
      send("acme", "{\"n\":" + i + "}");
    }
    until("the first are done", () -> first.accepted() == 5 && first.inFlight() == 0);

    await(hub.close());
    for (int i = 5; i < 10; i++) {
      send("acme", "{\"n\":" + i + "}");
    }
    until("the others were read", () -> first.inFlight() == 5 || first.refused() == 5);
    await(first.close());
    assertThat(first.refused()).isZero();

    hub = openHub();
    List<EventView> acme = subscribe(ACME);
    start(source().tenantFromKey());
    until("they came", () -> acme.size() == 5);
    assertThat(data(acme))
        .containsExactlyElementsOf(
            IntStream.range(5, 10).mapToObj(i -> "{\"n\":" + i + "}").toList());
  }

  @Test
  void kafka_restartedUnderLoad_losesNothingAndKeepsTheOrder() throws Exception {
    List<EventView> acme = subscribe(ACME);
    start(source().tenantFromKey());
    int before = 50;
    for (int i = 0; i < before; i++) {
      send("acme", "{\"n\":" + i + "}");
    }
    until("some came", () -> !acme.isEmpty());

    kafka.restart();
    for (int i = before; i < 2 * before; i++) {
      send("acme", "{\"n\":" + i + "}");
    }

    Set<String> all = new HashSet<>();
    for (int i = 0; i < 2 * before; i++) {
      all.add("{\"n\":" + i + "}");
    }
    until("all came", () -> new HashSet<>(data(acme)).containsAll(all));
    // At least once: what was not committed came again, and in order each time.
    assertThat(data(acme).stream().distinct())
        .containsExactlyElementsOf(
            IntStream.range(0, 2 * before).mapToObj(i -> "{\"n\":" + i + "}").toList());
  }

  @Test
  void twoNodes_ofOneGroup_publishEachRecordOnce() {
    List<EventView> acme = subscribe(ACME);
    KafkaEventSource one = start(source().tenantFromHeader("tenant"));
    KafkaEventSource two = start(source().tenantFromHeader("tenant"));
    List<String> sent = new ArrayList<>();
    int n = 0;
    while (one.accepted() == 0 || two.accepted() == 0) {
      String value = "{\"n\":" + n + "}";
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(topic, n++ % 2, null, bytes(value));
      record.headers().add("tenant", bytes("acme"));
      send(record);
      sent.add(value);
      assertThat(n).as("both nodes get a partition").isLessThan(50_000);
    }

    until("all came", () -> new HashSet<>(data(acme)).containsAll(sent));
  }

  @Test
  void start_withoutATopicOrATenantRule_isRefused() {
    assertThatThrownBy(() -> source().start()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> source().topic(topic, "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> source().topic("other", "orders.*"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
