package dev.gatehouse.events;

import dev.gatehouse.core.KeyedBuckets;
import dev.gatehouse.core.RateLimiter.Rate;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Lets connections in at a pace, and tells the others when to come back: each at a time of its own,
 * spread over as long as it takes to let in all who were sent away.
 *
 * <p>The last half of those who may come at once is kept for callers and tenants within their
 * shares of the pace: who connects and leaves again and again uses it up for nobody else. What
 * nobody else asks for is anybody's. Safe for any thread.
 */
final class AdmissionPace {
  private static final String NODE = "node";
  private static final long MAX_KEYS = 100_000;
  private static final double MAX_SPREAD_SECONDS = 60;
  // Of the pace, a tenant's share is one part of so many, and so is a caller's.
  private static final int TENANT_PARTS = 4;
  private static final int CALLER_PARTS = 20;

  private final KeyedBuckets node;
  private final KeyedBuckets tenants;
  private final KeyedBuckets callers;
  private final long reserve;
  private final double perSecond;
  private final RandomGenerator random;
  private long sentAway;

  AdmissionPace(Rate rate, InstantSource clock, RandomGenerator random) {
    this.node = new KeyedBuckets(rate, 1, clock);
    this.tenants = new KeyedBuckets(share(rate, TENANT_PARTS), MAX_KEYS, clock);
    this.callers = new KeyedBuckets(share(rate, CALLER_PARTS), MAX_KEYS, clock);
    this.reserve = rate.burst() / 2;
    this.perSecond = rate.refill() * 1e9 / rate.period().toNanos();
    this.random = random;
  }

  private static Rate share(Rate rate, int parts) {
    return new Rate(
        Math.max(1, rate.burst() / parts), rate.refill(), rate.period().multipliedBy(parts));
  }

  /** Empty if the caller may come in now; otherwise when to try again. */
  synchronized Optional<Duration> askedToWait(Occupancy.Caller caller) {
    Bucket places = node.of(NODE);
    long left = places.getAvailableTokens();
    boolean isFree = left > reserve || (left > 0 && isWithinShares(caller));
    if (isFree && places.tryConsume(1)) {
      sentAway = Math.max(0, sentAway - 1);
      return Optional.empty();
    }
    sentAway++;
    double spread = Math.min(MAX_SPREAD_SECONDS, 1 + sentAway / perSecond);
    long millis = (long) (random.nextDouble() * spread * 1_000);
    long nanos = places.estimateAbilityToConsume(1 + reserve).getNanosToWaitForRefill();
    return Optional.of(Duration.ofNanos(nanos).plusMillis(millis));
  }

  // The caller's first: what one has no share of must not be taken from its tenant's.
  private boolean isWithinShares(Occupancy.Caller caller) {
    return callers.of(caller.key()).tryConsume(1)
        && tenants.of(caller.tenant().value()).tryConsume(1);
  }
}
