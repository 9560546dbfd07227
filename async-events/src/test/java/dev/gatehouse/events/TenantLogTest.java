package dev.gatehouse.events;

import static dev.gatehouse.events.Callers.ACME;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TenantLogTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final TopicPattern ALL = TopicPattern.of(">");

  private final MemoryLogOptions options = new MemoryLogOptions().maxAge(Duration.ofMinutes(1));
  private final AtomicLong held = new AtomicLong();
  private final TenantLog log = new TenantLog(options, 1, new AtomicLong(), held);

  @Test
  void read_ofALogThatWasForgottenMeanwhile_givesItsBytesBackOnceAndSaysThatThereIsAGap() {
    Position begin = log.end();
    log.append(Event.of(ACME, "a", new JsonObject()), NOW);
    assertThat(held.get()).isPositive();
    assertThat(log.closeUnlessFollowed()).isTrue();
    assertThat(held).hasValue(0);

    LogPage page = log.read(ALL, begin, 10, 1_000, NOW.plus(Duration.ofHours(1)));

    assertThat(held).hasValue(0);
    assertThat(log.bytes()).isZero();
    assertThat(page.gap()).isTrue();
    assertThat(page.entries()).isEmpty();
  }
}
