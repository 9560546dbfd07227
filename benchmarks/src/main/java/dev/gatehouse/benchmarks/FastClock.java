package dev.gatehouse.benchmarks;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that runs faster than the machine's. Two of the same speed on one machine agree: both
 * count from the same moment.
 */
final class FastClock implements InstantSource {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private final double speed;
  private final InstantSource machine = InstantSource.system();

  FastClock(double speed) {
    this.speed = speed;
  }

  @Override
  public Instant instant() {
    Duration passed = Duration.between(BEGIN, machine.instant());
    return BEGIN.plusMillis((long) (passed.toMillis() * speed));
  }
}
