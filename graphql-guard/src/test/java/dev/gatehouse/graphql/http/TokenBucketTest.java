package dev.gatehouse.graphql.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private Instant now = Instant.parse("2026-11-29T10:00:00Z");
  private final TokenBucket bucket = new TokenBucket(100, 500, () -> now);

  private void passes(Duration time) {
    now = now.plus(time);
  }

  private int taken() {
    int count = 0;
    while (bucket.take()) {
      count++;
    }
    return count;
  }

  @Test
  void take_beyondTheBurst_waitsForTheRate() {
    assertThat(taken()).isEqualTo(500);
    passes(Duration.ofMillis(20));
    assertThat(taken()).isEqualTo(2);
    passes(Duration.ofHours(1));
    assertThat(taken()).isEqualTo(500);
  }

  @Test
  void take_afterTheClockWasSetBack_isFilledAsBefore() {
    assertThat(taken()).isEqualTo(500);
    passes(Duration.ofHours(-1));
    assertThat(taken()).isZero();
    passes(Duration.ofSeconds(1));
    assertThat(taken()).isEqualTo(100);
  }

  @Test
  void take_afterTheClockWasSetForwardAgain_isNotFilledTwice() {
    passes(Duration.ofHours(-1));
    assertThat(taken()).isEqualTo(500);
    passes(Duration.ofHours(1));
    assertThat(taken()).isZero();
  }

  @Test
  void take_oftenWithinALittleTime_losesNothingOfIt() {
    assertThat(taken()).isEqualTo(500);
    int count = 0;
    for (int i = 0; i < 1_000; i++) {
      passes(Duration.ofNanos(100_000));
      count += bucket.take() ? 1 : 0;
    }
    assertThat(count).isBetween(9, 10);
  }
}
