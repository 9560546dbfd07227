package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventData;
import dev.gatehouse.events.EventLog;
import dev.gatehouse.events.LogEntry;
import dev.gatehouse.events.LogPage;
import dev.gatehouse.events.Position;
import dev.gatehouse.events.TopicPattern;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link EventLog} must do; each backend runs it. */
public abstract class EventLogContract {
  /** How many events of a topic the log keeps at least. */
  protected static final int KEPT = 100;

  private static final TenantId ACME = TenantId.of("acme");
  private static final TenantId GLOBEX = TenantId.of("globex");
  private static final TopicPattern ALL = TopicPattern.of(">");
  private static final long MUCH = 1 << 20;
  private static final long DEADLINE_SECONDS = 20;

  /** The log under test. */
  @SuppressWarnings("NullAway.Init")
  protected EventLog log;

  /** For subclasses, which JUnit makes. */
  protected EventLogContract() {}

  /** An empty log that keeps at least so many events of each topic. */
  protected abstract EventLog create(int kept);

  /** After how many later events of the topic an event is surely lost. */
  protected int lostAfter() {
    return KEPT + 1;
  }

  @BeforeEach
  void begin() {
    log = create(KEPT);
  }

  @Test
  void read_whatWasAppended_givesItInOrderWithRisingPositions() {
    Position start = await(log.end(ACME));
    List<Position> places = append(ACME, "orders.paid", 0, 20);

    LogPage page = read(ACME, ALL, start, 100);

    assertThat(ids(page)).containsExactlyElementsOf(names(0, 20));
    assertThat(page.entries().stream().map(LogEntry::position)).containsExactlyElementsOf(places);
    assertThat(places).isSorted().doesNotHaveDuplicates();
    assertThat(page.gap()).isFalse();
    assertThat(page.more()).isFalse();
    assertThat(page.upTo()).isGreaterThanOrEqualTo(places.get(19));
  }

  @Test
  void read_anEvent_givesEverythingOfIt() {
    Position start = await(log.end(ACME));
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    Event event =
        Event.builder("orders.paid")
            .tenant(ACME)
            .id("e'1\"é")
            .source("/shop")
            .type("order.paid")
            .subject("o1")
            .time(Instant.parse("2026-03-01T12:00:00.123456789Z"))
            .attribute("region", "eu")
            .attribute("count", Long.MIN_VALUE)
            .attribute("express", true)
            .data(EventData.of("application/octet-stream", Buffer.buffer(bytes)))
            .build();
    await(log.append(event));

    Event read = read(ACME, ALL, start, 10).entries().get(0).event();

    assertThat(read.tenant()).contains(ACME);
    assertThat(read.topic()).isEqualTo(event.topic());
    assertThat(read.id()).isEqualTo(event.id());
    assertThat(read.source()).isEqualTo("/shop");
    assertThat(read.type()).isEqualTo("order.paid");
    assertThat(read.subject()).contains("o1");
    assertThat(read.time()).isEqualTo(event.time());
    assertThat(read.attributes()).isEqualTo(event.attributes());
    assertThat(read.data().contentType()).isEqualTo("application/octet-stream");
    assertThat(read.data().bytes().getBytes()).isEqualTo(bytes);
  }

  @Test
  void read_behindAPosition_leavesItOut() {
    List<Position> places = append(ACME, "orders.paid", 0, 10);

    assertThat(ids(read(ACME, ALL, places.get(6), 100))).containsExactly("e7", "e8", "e9");
    LogPage end = read(ACME, ALL, places.get(9), 100);
    assertThat(end.entries()).isEmpty();
    assertThat(end.gap()).isFalse();
    assertThat(end.upTo()).isGreaterThanOrEqualTo(places.get(9));
  }

  @Test
  void read_behindTheEndOfATenantWithoutEvents_findsTheFirst() {
    EventLog.Following following = log.follow(ACME, () -> {});
    Position end = await(log.end(ACME));
    append(ACME, "orders.paid", 0, 1);

    LogPage page = read(ACME, ALL, end, 10);

    assertThat(ids(page)).containsExactly("e0");
    assertThat(page.gap()).isFalse();
    following.end();
  }

  @Test
  void read_someTopics_givesThoseAlone() {
    Position start = await(log.end(ACME));
    append(ACME, "orders.paid", 0, 1);
    append(ACME, "orders.eu.paid", 1, 1);
    append(ACME, "stock", 2, 1);
    append(ACME, "orders.sent", 3, 1);

    assertThat(ids(read(ACME, TopicPattern.of("orders.*"), start, 10))).containsExactly("e0", "e3");
    assertThat(ids(read(ACME, TopicPattern.of("orders.>"), start, 10)))
        .containsExactly("e0", "e1", "e3");
    assertThat(ids(read(ACME, TopicPattern.of("stock"), start, 10))).containsExactly("e2");
  }

  @Test
  void read_inPages_leavesNothingOutAndRepeatsNothing() {
    Position start = await(log.end(ACME));
    for (int i = 0; i < 50; i++) {
      append(ACME, i % 3 == 0 ? "orders.paid" : "stock", i, 1);
    }

    List<String> read = new ArrayList<>();
    Position at = start;
    LogPage page = read(ACME, TopicPattern.of("orders.*"), at, 3);
    while (page.more() || !page.entries().isEmpty()) {
      assertThat(page.entries()).hasSizeLessThanOrEqualTo(3);
      read.addAll(ids(page));
      at = page.upTo();
      page = read(ACME, TopicPattern.of("orders.*"), at, 3);
    }

    assertThat(read)
        .containsExactlyElementsOf(
            IntStream.range(0, 50).filter(i -> i % 3 == 0).mapToObj(i -> "e" + i).toList());
  }

  @Test
  void read_fewerBytesThanOneEvent_givesOneEvent() {
    Position start = await(log.end(ACME));
    append(ACME, "orders.paid", 0, 3);

    LogPage page = await(log.read(ACME, ALL, start, 100, 1));

    assertThat(ids(page)).containsExactly("e0");
    assertThat(page.more()).isTrue();
  }

  @Test
  void read_behindWhatIsLost_saysSoAndGivesTheRest() {
    Position start = append(ACME, "orders.paid", 0, 1).get(0);
    append(ACME, "orders.paid", 1, lostAfter() + 1);

    LogPage page = read(ACME, TopicPattern.of("orders.*"), start, 1_000);

    assertThat(page.gap()).isTrue();
    assertThat(await(log.hasLost(ACME, TopicPattern.of("orders.*"), start))).isTrue();
    assertThat(ids(page)).hasSizeGreaterThanOrEqualTo(KEPT).doesNotContain("e1");
    assertThat(ids(page).get(ids(page).size() - 1)).isEqualTo("e" + (lostAfter() + 1));
  }

  @Test
  void read_justWhatIsKept_isNoGap() {
    Position start = append(ACME, "orders.paid", 0, 1).get(0);
    append(ACME, "orders.paid", 1, KEPT - 1);

    LogPage page = read(ACME, TopicPattern.of("orders.*"), start, 1_000);

    assertThat(page.gap()).isFalse();
    assertThat(page.entries()).hasSize(KEPT - 1);
  }

  @Test
  void read_aPositionThatNobodyWasGiven_isAGapUpToTheEnd() {
    List<Position> places = append(ACME, "orders.paid", 0, 5);

    Position unknown = new Position(Long.MAX_VALUE, Long.MAX_VALUE);

    LogPage page = read(ACME, ALL, unknown, 100);

    assertThat(page.gap()).isTrue();
    assertThat(page.entries()).isEmpty();
    assertThat(page.more()).isFalse();
    assertThat(page.upTo()).isGreaterThanOrEqualTo(places.get(4));
    assertThat(await(log.hasLost(ACME, ALL, unknown))).isTrue();
    assertThat(read(ACME, ALL, page.upTo(), 100).gap()).isFalse();
  }

  @Test
  void read_anotherTenant_givesNothingOfTheFirst() {
    Position start = await(log.end(GLOBEX));
    List<Position> places = append(ACME, "orders.paid", 0, 5);

    assertThat(read(GLOBEX, ALL, start, 100).entries()).isEmpty();
    assertThat(read(GLOBEX, ALL, places.get(0), 100).entries()).isEmpty();
    assertThat(read(TenantId.of("acme2"), ALL, start, 100).entries()).isEmpty();
    assertThat(read(TenantId.of("ACME"), ALL, start, 100).entries()).isEmpty();
  }

  @Test
  void append_withoutATenant_fails() {
    Future<Position> appended = log.append(Event.builder("orders.paid").build());

    assertThat(appended.toCompletionStage().toCompletableFuture())
        .failsWithin(Duration.ofSeconds(DEADLINE_SECONDS));
  }

  @Test
  void follow_eachAppendOfTheTenant_wakesUntilItIsEnded() throws InterruptedException {
    Semaphore woken = new Semaphore(0);
    EventLog.Following following = log.follow(ACME, woken::release);
    append(ACME, "orders.paid", 0, 1);
    assertThat(woken.tryAcquire(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();

    following.end();
    woken.drainPermits();
    append(ACME, "orders.paid", 1, 1);
    assertThat(woken.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
  }

  @Test
  void follow_anotherTenantsAppend_doesNotWake() throws InterruptedException {
    Semaphore woken = new Semaphore(0);
    EventLog.Following following = log.follow(ACME, woken::release);

    append(GLOBEX, "orders.paid", 0, 3);

    assertThat(woken.tryAcquire(200, TimeUnit.MILLISECONDS)).isFalse();
    following.end();
  }

  @Test
  void follow_whileFourThreadsAppend_readsEachEventOnceAndInOrder() throws InterruptedException {
    int each = KEPT / 5;
    Semaphore woken = new Semaphore(0);
    EventLog.Following following = log.follow(ACME, woken::release);
    Position at = await(log.end(ACME));
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> writers =
        IntStream.range(0, 4).mapToObj(w -> writer(go, "w" + w + "-", each)).toList();
    writers.forEach(Thread::start);
    go.countDown();

    List<String> seen = new ArrayList<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (seen.size() < 4 * each && System.nanoTime() - end < 0) {
      LogPage page = read(ACME, ALL, at, 7);
      assertThat(page.gap()).isFalse();
      seen.addAll(ids(page));
      at = page.upTo();
      if (!page.more()) {
        woken.tryAcquire(1, TimeUnit.SECONDS);
      }
    }
    for (Thread writer : writers) {
      writer.join();
    }

    assertThat(seen).hasSize(4 * each).doesNotHaveDuplicates();
    for (int w = 0; w < 4; w++) {
      String name = "w" + w + "-";
      assertThat(seen.stream().filter(id -> id.startsWith(name)))
          .containsExactlyElementsOf(IntStream.range(0, each).mapToObj(i -> name + i).toList());
    }
    following.end();
  }

  private Thread writer(CountDownLatch go, String name, int count) {
    return new Thread(
        () -> {
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          for (int i = 0; i < count; i++) {
            await(log.append(event(ACME, "orders.paid", name + i)));
          }
        });
  }

  @Test
  void tenants_withEventsOrFollowed_areKnown() {
    append(ACME, "orders.paid", 0, 1);
    EventLog.Following following = log.follow(GLOBEX, () -> {});

    assertThat(await(log.tenants())).contains(ACME, GLOBEX);
    following.end();
  }

  private static Event event(TenantId tenant, String topic, String id) {
    return Event.builder(topic).tenant(tenant).id(id).build();
  }

  private List<Position> append(TenantId tenant, String topic, int first, int count) {
    List<Position> places = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      places.add(await(log.append(event(tenant, topic, "e" + i))));
    }
    return places;
  }

  private LogPage read(TenantId tenant, TopicPattern topics, Position after, int max) {
    return await(log.read(tenant, topics, after, max, MUCH));
  }

  private static List<String> ids(LogPage page) {
    return page.entries().stream().map(entry -> entry.event().id()).toList();
  }

  private static List<String> names(int first, int count) {
    return IntStream.range(first, first + count).mapToObj(i -> "e" + i).toList();
  }

  /** Waits for an answer. */
  protected static <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the log could not be asked", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
