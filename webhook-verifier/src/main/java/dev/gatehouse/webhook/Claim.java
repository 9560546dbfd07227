package dev.gatehouse.webhook;

import java.time.Instant;

/** What a store answers to a claim on a delivery. */
public sealed interface Claim {
  /**
   * Nobody has this delivery: it is yours until the lease ends.
   *
   * @param fence the fencing token; completing or releasing with an older one does nothing
   * @param leaseEnds when somebody else may take it
   */
  record New(long fence, Instant leaseEnds) implements Claim {}

  /**
   * The delivery was completed before.
   *
   * @param answer what was answered then
   */
  record Duplicate(ClaimAnswer answer) implements Claim {}

  /**
   * Somebody else is at it.
   *
   * @param leaseEnds when their lease ends
   */
  record InFlight(Instant leaseEnds) implements Claim {}

  /** The same identity was claimed with other signed content. */
  record Conflict() implements Claim {}
}
