package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
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

  private static LongSummaryStatistics waitsAsked(RetrySchedule schedule, Duration asked) {
    SplittableRandom random = new SplittableRandom(7);
    return LongStream.range(0, 10_000)
        .map(i -> schedule.waitAfter(1, Optional.of(asked), random).toMillis())
        .summaryStatistics();
  }

  @Test
  void waits_thatWereAskedFor_areSpreadByTheFirstDelayAndNeverShorter() {
    LongSummaryStatistics waits = waitsAsked(SCHEDULE, Duration.ofSeconds(120));

    assertThat(waits.getMin()).isBetween(120_000L, 120_050L);
    assertThat(waits.getMax()).isBetween(120_950L, 121_000L);
  }

  @Test
  void waits_askedForShortlyBeforeTheLongest_endByThenAndAreNeverShorter() {
    Duration asked = SCHEDULE.maxDelay().minusMillis(300);
    LongSummaryStatistics waits = waitsAsked(SCHEDULE, asked);

    assertThat(waits.getMin()).isBetween(asked.toMillis(), asked.toMillis() + 20);
    assertThat(waits.getMax())
        .isBetween(SCHEDULE.maxDelay().toMillis() - 20, SCHEDULE.maxDelay().toMillis());
    assertThat(waits.getAverage() - asked.toMillis()).as("evenly").isBetween(140.0, 160.0);
  }

  @Test
  void waits_askedForAsLongAsTheLongestOrLonger_areSpreadBeforeIt() {
    long longest = SCHEDULE.maxDelay().toMillis();
    for (Duration asked : List.of(SCHEDULE.maxDelay(), Duration.ofDays(10_000))) {
      LongSummaryStatistics waits = waitsAsked(SCHEDULE, asked);

      assertThat(waits.getMin()).isBetween(longest - 1000, longest - 950);
      assertThat(waits.getMax()).isBetween(longest - 50, longest);
    }
  }

  @Test
  void waits_askedForWhereTheFirstIsTheLongest_areAtLeastHalfOfIt() {
    RetrySchedule even = new RetrySchedule(5, Duration.ofHours(1), Duration.ofHours(1));
    LongSummaryStatistics waits = waitsAsked(even, Duration.ofHours(3));

    assertThat(waits.getMin()).isBetween(1_800_000L, 1_810_000L);
    assertThat(waits.getMax()).isBetween(3_590_000L, 3_600_000L);
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
