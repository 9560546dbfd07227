package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetryScheduleTest {
  private static final RetrySchedule SCHEDULE =
      new RetrySchedule(12, Duration.ofSeconds(1), Duration.ofHours(6));

  @Test
  void bound_ofEachWait_doublesUpToTheLongest() {
    assertThat(SCHEDULE.longestAfter(1)).isEqualTo(Duration.ofSeconds(1));
    assertThat(SCHEDULE.longestAfter(5)).isEqualTo(Duration.ofSeconds(16));
    assertThat(SCHEDULE.longestAfter(11)).isEqualTo(Duration.ofSeconds(1024));
    assertThat(SCHEDULE.longestAfter(16)).isEqualTo(Duration.ofHours(6));
    assertThat(SCHEDULE.longestAfter(1000)).isEqualTo(Duration.ofHours(6));
  }

  @Test
  void waits_overManyDraws_fillTheWholeRange() {
    SplittableRandom random = new SplittableRandom(7);
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 10_000; i++) {
      long wait = SCHEDULE.delayAfter(4, random).toMillis();
      least = Math.min(least, wait);
      most = Math.max(most, wait);
    }
    assertThat(least).isLessThan(100);
    assertThat(most).isBetween(7_900L, 8_000L);
  }

  @Test
  void retryAfter_thatCannotBeRead_isIgnored() {
    Instant now = Instant.parse("2026-11-24T10:00:00Z");
    for (String bad : new String[] {"", "-1", "1.5", "soon", "99999999999", "١٢", " ", "+5"}) {
      assertThat(RetryAfter.parse(bad, now)).as(bad).isEmpty();
    }
    assertThat(RetryAfter.parse("120", now)).contains(Duration.ofSeconds(120));
    assertThat(RetryAfter.parse("Tue, 24 Nov 2026 10:01:00 GMT", now))
        .contains(Duration.ofSeconds(60));
    assertThat(RetryAfter.parse("Tue, 24 Nov 2020 10:01:00 GMT", now)).contains(Duration.ZERO);
  }
}
