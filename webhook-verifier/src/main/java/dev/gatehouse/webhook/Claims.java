package dev.gatehouse.webhook;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Makes sure that a delivery takes effect once, however often it arrives and whoever crashes.
 *
 * <p>A delivery is claimed after its verification and before its effect, then completed, or
 * released so that a retry runs again. A claim is a lease: a holder that crashed loses it when it
 * ends, and a holder that finishes late is fenced off by its token.
 *
 * <p>A failed future says that the store could not be asked; whoever asked decides what follows
 * ({@link dev.gatehouse.core.FailureMode}, closed by default).
 *
 * <p>Each implementation must pass {@code ClaimsContract} and {@code ClaimsHistoryContract} of the
 * test kit.
 */
public interface Claims {
  /**
   * Claims in this process, completed ones remembered for eight days, longer than any provider of
   * the catalogue goes on retrying.
   *
   * @param maxPerSource how many deliveries of one source are remembered
   */
  static MemoryClaims inMemory(int maxPerSource) {
    return inMemory(maxPerSource, Duration.ofDays(8), InstantSource.system());
  }

  /**
   * Claims in this process.
   *
   * @param maxPerSource how many deliveries of one source are remembered
   * @param retention how long completed ones are
   * @param clock tells the time
   */
  static MemoryClaims inMemory(int maxPerSource, Duration retention, InstantSource clock) {
    return new MemoryClaims(maxPerSource, retention, clock);
  }

  /**
   * Claims a delivery. A lease that has ended and a completion past its retention count as nothing:
   * the claim is {@link Claim.New} again, with a higher fence.
   *
   * @param key the delivery
   * @param fingerprint its content
   * @param lease how long the claim holds unless it is completed or released; positive, or the
   *     claim is refused with an {@link IllegalArgumentException}
   */
  Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease);

  /**
   * Records the answer; from now on the delivery is a duplicate for {@link #retention}.
   *
   * @param fence the token of the claim
   * @return whether the claim was still held, its lease not ended; {@code false} changes nothing
   */
  Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer);

  /**
   * Gives the delivery back, so that a retry runs.
   *
   * @param fence the token of the claim
   * @return whether the claim was still held, its lease not ended; {@code false} changes nothing
   */
  Future<Boolean> release(ClaimKey key, long fence);

  /** How long completed deliveries are remembered. */
  Duration retention();
}
