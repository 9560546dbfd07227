package dev.gatehouse.graphql.http;

import dev.gatehouse.core.ElapsedTime;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** A rate and a burst for one connection, in two numbers; for its context alone. */
final class TokenBucket {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final int perSecond;
  private final int burst;
  private final ElapsedTime time;
  private double tokens;
  private long filled;

  TokenBucket(int perSecond, int burst, InstantSource clock) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.time = new ElapsedTime(clock);
    this.tokens = burst;
    this.filled = time.currentTimeNanos();
  }

  boolean take() {
    long now = time.currentTimeNanos();
    tokens = Math.min(burst, tokens + (now - filled) * (double) perSecond / SECOND);
    filled = now;
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  }
}
