package dev.gatehouse.core;

/** What happens when a decision cannot be taken because something it needs is broken. */
public enum FailureMode {
  /** Refuse while broken. The default everywhere. */
  CLOSED,
  /**
   * Let pass while broken. Whoever chooses it trades safety for availability. A door that fails
   * open itself records every passage as {@link AuditEvent.Outcome#BROKEN}; a {@linkplain
   * RateLimiter#failing limiter} that does only logs when that begins and ends.
   */
  OPEN;

  /** Whether the call passes although nothing was decided. */
  public boolean passes() {
    return this == OPEN;
  }
}
