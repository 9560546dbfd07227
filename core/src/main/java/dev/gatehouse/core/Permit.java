package dev.gatehouse.core;

import java.time.Duration;

/**
 * The answer of a {@link RateLimiter}.
 *
 * @param granted whether the tokens were taken
 * @param remaining tokens left in the bucket, 0 or more
 * @param retryAfter how long until the same call could be granted; zero when it was
 */
public record Permit(boolean granted, long remaining, Duration retryAfter) {
  /** The wait in whole seconds for a {@code Retry-After} header, rounded up, at least 1. */
  public long retryAfterSeconds() {
    return Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
  }
}
