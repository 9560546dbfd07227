package dev.gatehouse.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventData;
import dev.gatehouse.events.EventLog;
import dev.gatehouse.events.LogPage;
import dev.gatehouse.events.Position;
import dev.gatehouse.events.TopicPattern;
import dev.gatehouse.testkit.EventLogContract;
import io.lettuce.core.ScriptOutputType;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisEventLogTest extends EventLogContract {
  private static final TenantId ACME = TenantId.of("acme");
  private static final TopicPattern ALL = TopicPattern.of(">");
  private static final long MUCH = 1 << 20;
  private static final String CHANNEL = "gatehouse:events:wake";

  private static RedisProcess redis;
  private static RedisNode node;
  private static RedisNode other;

  @BeforeAll
  static void start(@TempDir Path folder) {
    redis = RedisProcess.in(folder);
    node = RedisNode.at(redis.port());
    other = RedisNode.at(redis.port());
  }

  @AfterAll
  static void stop() {
    node.close();
    other.close();
    redis.close();
  }

  @Override
  protected EventLog create(int kept) {
    node.flush();
    EventLog opened = Await.get(node.store().eventLog().maxEvents(kept).open());
    awaitSubscribed();
    return opened;
  }

  // That the channel is heard wakes all who follow, and is told behind the answer to subscribing.
  private static void awaitSubscribed() {
    Promise<Void> heard = Promise.promise();
    node.store().wakes().listen(CHANNEL, message -> heard.tryComplete(), () -> {});
    byte[] channel = RedisLink.bytes(CHANNEL);
    Await.get(node.store().link().ask(r -> r.publish(channel, RedisLink.bytes("nobody"))));
    Await.get(heard.future());
  }

  @AfterEach
  void close() {
    Await.get(((RedisEventLog) log).close());
  }

  private static Event event(String topic, String id, int bytes) {
    return Event.builder(topic)
        .tenant(ACME)
        .id(id)
        .data(EventData.of("text/plain", Buffer.buffer(new byte[bytes])))
        .build();
  }

  private LogPage read(EventLog from, Position after, int most) {
    return await(from.read(ACME, ALL, after, most, MUCH));
  }

  @Test
  void append_onAnotherNode_wakesAndIsFoundHere() throws InterruptedException {
    RedisEventLog there = Await.get(other.store().eventLog().maxEvents(KEPT).open());
    Semaphore woken = new Semaphore(0);
    EventLog.Following following = log.follow(ACME, woken::release);
    Position end = await(log.end(ACME));

    Position place = await(there.append(event("a", "e0", 1)));

    assertThat(woken.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    LogPage page = read(log, end, 10);
    assertThat(page.entries().get(0).position()).isEqualTo(place);
    assertThat(page.entries().get(0).event().id()).isEqualTo("e0");
    following.end();
    await(there.close());
  }

  @Test
  void append_thatNoMessageToldOf_wakesWithinASecond() throws InterruptedException {
    RedisEventLog there = Await.get(other.store().eventLog().open());
    Await.get(node.store().wakes().unsubscribe(CHANNEL));
    Semaphore woken = new Semaphore(0);
    EventLog.Following following = log.follow(ACME, woken::release);

    await(there.append(event("a", "e0", 1)));

    // A second is the promise; the rest is for a machine that has others to serve.
    assertThat(woken.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    following.end();
    await(there.close());
  }

  @Test
  void append_beyondTheBytesOfATenant_dropsTheOldestAndSaysSo() {
    RedisEventLog small = Await.get(node.store().eventLog().maxBytes(10_000).open());
    Position start = await(small.append(event("a", "e0", 1_000)));
    for (int i = 1; i < 50; i++) {
      await(small.append(event("a", "e" + i, 1_000)));
    }

    LogPage page = read(small, start, 100);

    assertThat(page.gap()).isTrue();
    assertThat(page.entries()).hasSizeBetween(5, 9);
    assertThat(small.append(event("a", "large", 20_000)).toCompletionStage())
        .failsWithin(Duration.ofSeconds(5));
    await(small.close());
  }

  @Test
  void append_afterTheAge_hasDroppedWhatWasBefore() {
    RedisEventLog brief = Await.get(node.store().eventLog().maxAge(Duration.ofMillis(200)).open());
    Position start = await(brief.append(event("a", "e0", 1)));
    Position lost = await(brief.append(event("a", "e1", 1)));

    Await.until(
        "it is dropped",
        Duration.ofSeconds(10),
        () -> {
          await(brief.append(event("a", "later", 1)));
          return read(brief, start, 1_000).entries().stream()
              .noneMatch(entry -> entry.position().equals(lost));
        });
    assertThat(read(brief, start, 1_000).gap()).isTrue();
    await(brief.close());
  }

  @Test
  void read_behindTheEndOfATenantWhoseEventsAllGotTooOld_isNoGapUntilOneIsMissed() {
    RedisEventLog brief = Await.get(node.store().eventLog().maxAge(Duration.ofMillis(50)).open());
    Position first = await(brief.append(event("a", "e0", 1)));
    Position last = await(brief.append(event("a", "e1", 1)));
    Await.until(
        "the log is gone",
        Duration.ofSeconds(10),
        () ->
            Await.get(
                    node.store()
                        .link()
                        .ask(r -> r.exists(RedisLink.bytes("gatehouse:events:{acme}:log"))))
                == 0);

    assertThat(read(brief, last, 10).gap()).isFalse();
    assertThat(read(brief, first, 10).gap()).isTrue();
    Position next = await(brief.append(event("a", "e2", 1)));
    assertThat(next).isGreaterThan(last);
    await(brief.close());
  }

  @Test
  void read_afterRedisLostItsData_saysSoAndGivesNoPositionTwice() {
    Position start = await(log.append(event("a", "e0", 1)));
    Position before = await(log.append(event("a", "e1", 1)));

    node.flush();
    Position fresh = await(log.append(event("a", "e2", 1)));

    assertThat(fresh).isGreaterThan(before);
    LogPage page = read(log, start, 10);
    assertThat(page.gap()).isTrue();
    assertThat(page.entries()).hasSize(1);
    assertThat(read(log, before, 10).gap()).isTrue();
  }

  @Test
  void read_anEntryThatIsNoEvent_isAGapAndStopsNothing() {
    Position start = await(log.append(event("a", "e0", 1)));
    Await.get(
        node.store()
            .link()
            .ask(
                redis ->
                    redis.eval(
                        ("redis.call('XADD', KEYS[1], '*', 'topic', 'a', 'head', 'poison') "
                                + "local t = redis.call('TIME') "
                                + "return redis.call('HSET', KEYS[2], 'last', "
                                + "redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1][1])")
                            .getBytes(StandardCharsets.US_ASCII),
                        ScriptOutputType.INTEGER,
                        new byte[][] {
                          RedisLink.bytes("gatehouse:events:{acme}:log"),
                          RedisLink.bytes("gatehouse:events:{acme}:state")
                        })));
    await(log.append(event("a", "e1", 1)));

    LogPage page = read(log, start, 10);

    assertThat(page.gap()).isTrue();
    assertThat(page.entries()).hasSize(1);
    assertThat(page.entries().get(0).event().id()).isEqualTo("e1");
    assertThat(((RedisEventLog) log).unreadable()).isEqualTo(1);
  }

  @Test
  void read_topicsWithDashes_areNoPattern() {
    Position start = await(log.end(ACME));
    await(log.append(event("a-b", "e0", 1)));
    await(log.append(event("ab", "e1", 1)));
    await(log.append(event("a-b.c", "e2", 1)));

    LogPage page = await(log.read(ACME, TopicPattern.of("a-b"), start, 10, MUCH));

    assertThat(page.entries()).hasSize(1);
    assertThat(page.entries().get(0).event().id()).isEqualTo("e0");
  }

  @Test
  void tenants_moreThanAreNamed_areThoseThatAppendedLast() {
    byte[] many =
        RedisLink.bytes(
            "for i = 1, 100000 do redis.call('ZADD', KEYS[1], i, 't' .. i) end return 0");
    byte[][] key = {RedisLink.bytes("gatehouse:events:tenants")};
    Await.get(node.store().link().ask(r -> r.eval(many, ScriptOutputType.INTEGER, key)));

    Await.get(log.append(event("orders.paid", "1", 10)));

    Await.until(
        "it is named", Duration.ofSeconds(20), () -> Await.get(log.tenants()).contains(ACME));
  }
}
