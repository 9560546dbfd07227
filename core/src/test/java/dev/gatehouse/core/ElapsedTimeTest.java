package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ElapsedTimeTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
  private final ElapsedTime time = new ElapsedTime(now::get);

  private void move(Duration by) {
    now.updateAndGet(at -> at.plus(by));
  }

  private Duration after(Duration moved) {
    move(moved);
    return Duration.ofNanos(time.currentTimeNanos());
  }

  private static Duration seconds(int count) {
    return Duration.ofSeconds(count);
  }

  @Test
  void time_ofAClockThatNobodySets_isWhatPasses() {
    assertThat(after(Duration.ZERO)).isZero();
    assertThat(after(seconds(5))).isEqualTo(seconds(5));
    assertThat(after(HOUR)).isEqualTo(HOUR.plusSeconds(5));
  }

  @Test
  void time_clockSetBack_standsAndGoesOnFromThere() {
    after(seconds(5));

    assertThat(after(HOUR.negated())).isEqualTo(seconds(5));
    assertThat(after(seconds(5))).isEqualTo(seconds(10));
    assertThat(after(HOUR.negated())).isEqualTo(seconds(10));
    assertThat(after(seconds(30))).as("however long nobody asked").isEqualTo(seconds(40));
  }

  @Test
  void time_clockSetBackAndForth_countsNothingTwice() {
    after(seconds(5));
    after(HOUR.negated());
    after(seconds(2));
    after(Duration.ofMinutes(-1));
    after(seconds(3));

    assertThat(after(HOUR.plusMinutes(1))).isEqualTo(seconds(10));
    assertThat(after(seconds(1))).isEqualTo(seconds(11));
  }

  @Test
  void time_clockThatCatchesUpByItself_hasCountedThatOnce() {
    after(Duration.ofSeconds(-10));
    for (int i = 1; i < 10; i++) {
      assertThat(after(seconds(1))).isEqualTo(seconds(i));
    }

    assertThat(after(seconds(2)).toSeconds()).isBetween(9L, 11L);
    assertThat(after(HOUR)).isGreaterThanOrEqualTo(HOUR.plusSeconds(9));
  }

  @Test
  void time_askedByManyWhileTheClockMoves_neverFallsAndIsNoMoreThanPassed() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<Boolean> rose :
          IntStream.range(0, 4).mapToObj(i -> threads.submit(this::neverFalls)).toList()) {
        assertThat(rose.get(20, TimeUnit.SECONDS)).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(after(Duration.ZERO)).isEqualTo(Duration.ofMillis(4 * 20_000));
  }

  private boolean neverFalls() {
    long last = 0;
    for (int i = 0; i < 20_000; i++) {
      move(Duration.ofMillis(1));
      long passed = time.currentTimeNanos();
      if (passed < last) {
        return false;
      }
      last = passed;
    }
    return true;
  }
}
