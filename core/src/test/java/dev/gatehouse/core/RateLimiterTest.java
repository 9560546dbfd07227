package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.RateLimiter.Rate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

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
  void keyedBuckets_roomForNobody_isRefused() {
    assertThatThrownBy(() -> new KeyedBuckets(Rate.perMinute(2), 0, now::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxKeys");
  }
}
