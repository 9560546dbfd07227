package dev.gatehouse.testkit;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one delivery's claim is, as plainly as it can be said: the reference that stores are held
 * against.
 *
 * <p>Immutable: each event gives the next model, or null where the answer that a store gave is one
 * that this state does not allow.
 *
 * @param state nobody has it, somebody holds it, or it is completed
 * @param content which content it was claimed with
 * @param fence the holder's fence; {@link #UNTOLD} where the answer that told it was lost
 * @param ends when the lease or the retention ends
 * @param answer what it was completed with
 * @param highest the highest fence that was told
 */
record ClaimsModel(
    State state,
    int content,
    long fence,
    Instant ends,
    @Nullable ClaimAnswer answer,
    long highest) {
  static final long UNTOLD = -1;

  enum State {
    FREE,
    HELD,
    DONE
  }

  static ClaimsModel fresh() {
    return new ClaimsModel(State.FREE, 0, 0, Instant.MIN, null, 0);
  }

  private boolean standsAt(Instant now) {
    return state != State.FREE && now.isBefore(ends);
  }

  /**
   * A claim.
   *
   * @param told the store's answer; null where it was lost, so that any will do
   */
  @Nullable ClaimsModel claimed(int with, Duration lease, Instant now, @Nullable Claim told) {
    if (standsAt(now)) {
      return told == null || told.equals(standing(with)) ? this : null;
    }
    Instant until = now.plus(lease);
    if (told == null) {
      return new ClaimsModel(State.HELD, with, UNTOLD, until, null, highest);
    }
    return told instanceof Claim.New fresh
            && fresh.fence() > highest
            && fresh.leaseEnds().equals(until)
        ? new ClaimsModel(State.HELD, with, fresh.fence(), until, null, fresh.fence())
        : null;
  }

  private Claim standing(int with) {
    if (with != content) {
      return new Claim.Conflict();
    }
    return state == State.DONE && answer != null
        ? new Claim.Duplicate(answer)
        : new Claim.InFlight(ends);
  }

  /**
   * A completion, or a release where the answer to remember is null.
   *
   * @param told the store's answer; null where it was lost
   */
  @Nullable ClaimsModel ended(
      long by,
      @Nullable ClaimAnswer remember,
      Duration retention,
      Instant now,
      @Nullable Boolean told) {
    boolean holds = state == State.HELD && standsAt(now) && by == fence;
    if (told != null && told != holds) {
      return null;
    }
    if (!holds) {
      return this;
    }
    return remember == null
        ? new ClaimsModel(State.FREE, 0, 0, Instant.MIN, null, highest)
        : new ClaimsModel(State.DONE, content, fence, now.plus(retention), remember, highest);
  }
}
