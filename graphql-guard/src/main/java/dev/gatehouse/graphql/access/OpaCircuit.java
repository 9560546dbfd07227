package dev.gatehouse.graphql.access;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Leaves an agent alone for a while after several calls on end have failed, then tries it with one.
 */
final class OpaCircuit {
  private final int maxFailures;
  private final Duration rest;
  private final InstantSource clock;
  private int failures;
  private Instant openUntil = Instant.MIN;

  OpaCircuit(int maxFailures, Duration rest, InstantSource clock) {
    if (maxFailures < 1) {
      throw new IllegalArgumentException("a circuit opens after one failure at least");
    }
    this.maxFailures = maxFailures;
    this.rest = rest;
    this.clock = clock;
  }

  /** Whether a call may be made. */
  synchronized boolean lets() {
    Instant now = clock.instant();
    if (now.isBefore(openUntil)) {
      return false;
    }
    if (failures >= maxFailures) {
      // this one tries; the others wait for what becomes of it
      openUntil = now.plus(rest);
    }
    return true;
  }

  synchronized void ended(boolean isAnswered) {
    if (isAnswered) {
      failures = 0;
      openUntil = Instant.MIN;
      return;
    }
    failures = Math.min(failures + 1, maxFailures);
    if (failures >= maxFailures) {
      openUntil = clock.instant().plus(rest);
    }
  }
}
