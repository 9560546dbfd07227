package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.gatehouse.core.RateLimiter.Rate;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

final class RateLimiterTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);

  private static boolean granted(RateLimiter limiter, String key) {
    return limiter.acquire(key, 1).result().granted();
  }

  @Test
  void rateLimiter_overItsBurst_refusesUntilTheClockMoves() {
    RateLimiter limiter = RateLimiter.inMemory(Rate.perSecond(2, 3), 100, now::get);
    for (int i = 0; i < 3; i++) {
      assertThat(limiter.acquire("peer", 1).result().granted()).isTrue();
    }
    Permit refused = limiter.acquire("peer", 1).result();
    assertThat(refused.granted()).isFalse();
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(500));
    assertThat(refused.retryAfterSeconds()).isEqualTo(1);
    assertThat(limiter.acquire("other", 1).result().granted()).isTrue();

    now.set(NOW.plusMillis(500));
    assertThat(limiter.acquire("peer", 1).result().granted()).isTrue();
    assertThat(limiter.acquire("peer", 1).result().granted()).isFalse();
  }

  @Test
  void spend_moreThanThereIs_isOwedUpToABurst() {
    RateLimiter.InMemory limiter =
        (RateLimiter.InMemory) RateLimiter.inMemory(Rate.perSecond(1, 3), 100, now::get);
    limiter.spend("peer", 1);
    assertThat(limiter.tryAcquire("peer", 2).granted()).isTrue();
    limiter.spend("peer", 2);
    Permit owing = limiter.tryAcquire("peer", 1);
    assertThat(owing.granted()).isFalse();
    assertThat(owing.remaining()).isZero();
    assertThat(owing.retryAfter()).isEqualTo(Duration.ofSeconds(3));

    limiter.spend("peer", 1_000);

    assertThat(limiter.tryAcquire("peer", 1).retryAfter()).isEqualTo(Duration.ofSeconds(4));
    assertThat(granted(limiter, "other")).isTrue();
  }

  @Test
  void rateLimiter_manyOtherKeys_doNotRefillASpentOne() {
    RateLimiter limiter = RateLimiter.inMemory(Rate.perMinute(2), 10, now::get);
    assertThat(limiter.acquire("spent", 2).result().granted()).isTrue();

    for (int i = 0; i < 10_000; i++) {
      limiter.acquire("other " + i, 1);
    }

    assertThat(granted(limiter, "spent")).isFalse();
  }

  @Test
  void rateLimiter_keysWithoutRoom_shareOneBucketUntilOthersHaveFilled() {
    RateLimiter limiter = RateLimiter.inMemory(Rate.perMinute(2), 1, now::get);
    assertThat(granted(limiter, "first")).isTrue();
    assertThat(granted(limiter, "second")).isTrue();
    assertThat(granted(limiter, "third")).isTrue();
    assertThat(granted(limiter, "second")).isFalse();
    assertThat(granted(limiter, "first")).isTrue();

    now.set(NOW.plusSeconds(30));
    assertThat(granted(limiter, "third")).isTrue();
    assertThat(granted(limiter, "second")).isFalse();

    // the first has filled and is forgotten; its place is the next one's, with what was left
    now.set(NOW.plusSeconds(62));
    assertThat(granted(limiter, "second")).isTrue();
    assertThat(granted(limiter, "second")).isFalse();
  }

  @Test
  void rateLimiter_clockSetBack_refillsWithTheTimeThatPassesFromThere() {
    RateLimiter limiter = RateLimiter.inMemory(Rate.perSecond(1, 1), 10, now::get);
    assertThat(granted(limiter, "peer")).isTrue();

    now.set(NOW.minusSeconds(3600));
    assertThat(granted(limiter, "peer")).isFalse();

    now.set(NOW.minusSeconds(3599));
    assertThat(granted(limiter, "peer")).isTrue();
    assertThat(granted(limiter, "peer")).isFalse();
  }

  @Test
  void rateLimiter_clockSetBackAndForth_refillsNothing() {
    RateLimiter limiter = RateLimiter.inMemory(Rate.perSecond(1, 1), 10, now::get);
    assertThat(granted(limiter, "peer")).isTrue();

    now.set(NOW.minusSeconds(3600));
    assertThat(granted(limiter, "peer")).isFalse();
    now.set(NOW);
    assertThat(granted(limiter, "peer")).isFalse();
  }

  @Test
  void rateLimiter_clockSetBackAndAskedSeldom_grantsAllTheSame() {
    RateLimiter limiter = RateLimiter.inMemory(Rate.perSecond(1, 1), 10, now::get);
    assertThat(granted(limiter, "peer")).isTrue();
    now.set(NOW.minusSeconds(3600));
    assertThat(granted(limiter, "peer")).isFalse();

    for (int i = 0; i < 10; i++) {
      now.updateAndGet(at -> at.plusSeconds(10));
      assertThat(granted(limiter, "peer")).isTrue();
    }
  }

  @Test
  void rateLimiter_clockSetBack_bucketsThatAreFullAgainMakeRoom() {
    RateLimiter limiter = RateLimiter.inMemory(Rate.perMinute(2), 1, now::get);
    assertThat(limiter.acquire("first", 2).result().granted()).isTrue();
    now.set(NOW.minusSeconds(3600));
    assertThat(limiter.acquire("second", 2).result().granted()).as("shared").isTrue();

    now.updateAndGet(at -> at.plusSeconds(62));

    assertThat(limiter.acquire("second", 2).result().granted()).isTrue();
    assertThat(limiter.acquire("third", 2).result().granted()).as("shared").isTrue();
  }

  @Test
  void failingOpen_whileItCannotBeAsked_passesAndLogsWhenThatBeginsAndEnds() {
    AtomicBoolean away = new AtomicBoolean(true);
    RateLimiter open = switched(away).failing(FailureMode.OPEN);

    List<String> lines =
        logged(
            () -> {
              for (int i = 0; i < 3; i++) {
                assertThat(granted(open, "canary")).isTrue();
              }
              away.set(false);
              assertThat(granted(open, "canary")).isTrue();
              assertThat(granted(open, "canary")).isFalse();
              away.set(true);
              assertThat(granted(open, "canary")).isTrue();
            });

    assertThat(lines).hasSize(3).noneMatch(line -> line.contains("canary"));
    assertThat(lines.get(0)).contains("cannot be asked");
    assertThat(lines.get(1)).contains("answers again");
    assertThat(lines.get(2)).contains("cannot be asked");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -5})
  void failingOpen_tokensThatAreNone_areRefusedAsAMistake(long tokens) {
    RateLimiter shared =
        (key, asked) -> Future.failedFuture(new IllegalArgumentException("at least 1"));
    RateLimiter open = shared.failing(FailureMode.OPEN);

    List<String> lines = logged(() -> assertThat(open.acquire("peer", tokens).failed()).isTrue());

    assertThat(lines).isEmpty();
  }

  private RateLimiter switched(AtomicBoolean away) {
    RateLimiter own = RateLimiter.inMemory(Rate.perSecond(1, 1), 10, now::get);
    return (key, tokens) ->
        away.get() ? Future.failedFuture("no answer for " + key) : own.acquire(key, tokens);
  }

  private static List<String> logged(Runnable run) {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Logger logger = (Logger) LoggerFactory.getLogger(RateLimiter.class);
    logger.addAppender(lines);
    try {
      run.run();
    } finally {
      logger.detachAppender(lines);
    }
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void keyedBuckets_roomForNobody_isRefused() {
    assertThatThrownBy(() -> new KeyedBuckets(Rate.perMinute(2), 0, now::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxKeys");
  }
}
