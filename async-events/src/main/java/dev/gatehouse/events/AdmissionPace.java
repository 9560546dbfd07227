package dev.gatehouse.events;

import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.RateLimiter.Rate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Lets connections in at a pace, and tells the others when to come back: each at a time of its own,
 * spread over as long as it takes to let in all who were sent away.
 */
final class AdmissionPace {
  private static final String NODE = "node";
  private static final double MAX_SPREAD_SECONDS = 60;

  private final RateLimiter.InMemory bucket;
  private final double perSecond;
  private final RandomGenerator random;
  private final AtomicLong sentAway = new AtomicLong();

  AdmissionPace(Rate rate, InstantSource clock, RandomGenerator random) {
    this.bucket = (RateLimiter.InMemory) RateLimiter.inMemory(rate, 1, clock);
    this.perSecond = rate.refill() * 1e9 / rate.period().toNanos();
    this.random = random;
  }

  /** Empty if one may come in now; otherwise when to try again. */
  Optional<Duration> askedToWait() {
    Permit permit = bucket.tryAcquire(NODE, 1);
    if (permit.granted()) {
      sentAway.updateAndGet(waiting -> Math.max(0, waiting - 1));
      return Optional.empty();
    }
    double spread = Math.min(MAX_SPREAD_SECONDS, 1 + sentAway.incrementAndGet() / perSecond);
    long millis = (long) (random.nextDouble() * spread * 1_000);
    return Optional.of(permit.retryAfter().plusMillis(millis));
  }
}
