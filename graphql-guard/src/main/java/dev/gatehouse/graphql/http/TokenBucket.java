package dev.gatehouse.graphql.http;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A rate and a burst for one connection, in two numbers; for its context alone. */
final class TokenBucket {
  private final int perSecond;
  private final int burst;
  private final InstantSource clock;
  private double tokens;
  private Instant filled;

  TokenBucket(int perSecond, int burst, InstantSource clock) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.clock = clock;
    this.tokens = burst;
    this.filled = clock.instant();
  }

  boolean take() {
    Instant now = clock.instant();
    long millis = Math.max(0, Duration.between(filled, now).toMillis());
    // a clock that was set back fills nothing until it has caught up
    if (millis > 0) {
      tokens = Math.min(burst, tokens + millis * (double) perSecond / 1_000);
      filled = now;
    }
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  }
}
