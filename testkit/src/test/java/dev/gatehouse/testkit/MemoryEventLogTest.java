package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventData;
import dev.gatehouse.events.EventLog;
import dev.gatehouse.events.LogPage;
import dev.gatehouse.events.MemoryEventLog;
import dev.gatehouse.events.MemoryLogOptions;
import dev.gatehouse.events.Position;
import dev.gatehouse.events.TopicPattern;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MemoryEventLogTest extends EventLogContract {
  private static final TenantId ACME = TenantId.of("acme");
  private static final TopicPattern ALL = TopicPattern.of(">");

  private final SimulatedClock clock = SimulatedClock.at(Instant.parse("2026-03-01T12:00:00Z"));

  @Override
  protected EventLog create(int kept) {
    return MemoryEventLog.create(new MemoryLogOptions().eventsPerTopic(kept), clock);
  }

  private static Event event(TenantId tenant, String topic, int bytes) {
    return Event.builder(topic)
        .tenant(tenant)
        .data(EventData.of("text/plain", Buffer.buffer(new byte[bytes])))
        .build();
  }

  @Test
  void read_afterTheirTime_saysThatTheyAreLost() {
    Position start = await(log.append(event(ACME, "a", 1)));
    await(log.append(event(ACME, "a", 1)));
    clock.advance(Duration.ofMinutes(10));

    LogPage page = await(log.read(ACME, ALL, start, 10, 1_000));

    assertThat(page.entries()).isEmpty();
    assertThat(page.gap()).isTrue();
  }

  @Test
  void read_anotherTopicsLoss_isNoGap() {
    Position start = await(log.append(event(ACME, "quiet", 1)));
    await(log.append(event(ACME, "quiet", 1)));
    for (int i = 0; i < 5 * KEPT; i++) {
      await(log.append(event(ACME, "noisy", 1)));
    }

    LogPage page = await(log.read(ACME, TopicPattern.of("quiet"), start, 10, 1_000));

    assertThat(page.entries()).hasSize(1);
    assertThat(page.gap()).isFalse();
  }

  @Test
  void read_positionOfAnEarlierProcess_isUnknown() {
    EventLog earlier = create(KEPT);
    for (int i = 0; i < 3; i++) {
      await(log.append(event(ACME, "a", 1)));
    }
    Position foreign = await(earlier.append(event(ACME, "a", 1)));

    LogPage page = await(log.read(ACME, ALL, foreign, 10, 1_000));

    assertThat(page.gap()).isTrue();
    assertThat(page.entries()).isEmpty();
  }

  @Test
  void append_beyondAllBytes_takesThemFromWhoHasMost() {
    MemoryEventLog small =
        MemoryEventLog.create(new MemoryLogOptions().bytes(1 << 20).bytesPerTopic(1 << 20), clock);
    TenantId modest = TenantId.of("modest");
    Position start = await(small.append(event(modest, "a", 100)));
    await(small.append(event(modest, "a", 100)));
    for (int i = 0; i < 3_000; i++) {
      await(small.append(event(ACME, "t" + i % 50, 1_000)));
    }

    assertThat(small.bytes()).isLessThanOrEqualTo(1 << 20);
    LogPage page = await(small.read(modest, ALL, start, 10, 1_000));
    assertThat(page.gap()).isFalse();
    assertThat(page.entries()).hasSize(1);
  }

  @Test
  void append_forEverNewTenants_forgetsThoseSilentLongest() {
    MemoryEventLog few = MemoryEventLog.create(new MemoryLogOptions().tenants(10), clock);
    EventLog.Following followed = few.follow(TenantId.of("followed"), () -> {});
    Position first = await(few.append(event(TenantId.of("t0"), "a", 1)));
    for (int i = 1; i < 500; i++) {
      await(few.append(event(TenantId.of("t" + i), "a", 1)));
    }

    assertThat(await(few.tenants())).hasSizeLessThanOrEqualTo(11).contains(TenantId.of("followed"));
    assertThat(await(few.read(TenantId.of("t0"), ALL, first, 10, 1_000)).gap()).isTrue();
    followed.end();
  }

  @Test
  void append_forEverNewTopics_forgetsThoseSilentLongest() {
    MemoryEventLog few = MemoryEventLog.create(new MemoryLogOptions().topicsPerTenant(5), clock);
    Position first = await(few.append(event(ACME, "t0", 1)));
    for (int i = 1; i < 100; i++) {
      await(few.append(event(ACME, "t" + i, 1)));
    }

    LogPage page = await(few.read(ACME, ALL, first, 1_000, 1 << 20));
    assertThat(page.entries()).hasSize(5);
    assertThat(page.gap()).isTrue();
  }

  @Test
  void append_anEventLargerThanItsTopicMayKeep_fails() {
    MemoryEventLog small =
        MemoryEventLog.create(new MemoryLogOptions().bytesPerTopic(1_000), clock);

    assertThat(small.append(event(ACME, "a", 2_000)).failed()).isTrue();
    assertThat(small.bytes()).isZero();
  }
}
