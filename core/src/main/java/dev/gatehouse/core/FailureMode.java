package dev.gatehouse.core;

/** What happens when a decision cannot be taken because something it needs is broken. */
public enum FailureMode {
  /** Refuse while broken. The default everywhere. */
  CLOSED,
  /**
   * Let pass while broken. Whoever chooses it trades safety for availability; the audit records
   * every passage as {@link AuditEvent.Outcome#BROKEN}.
   */
  OPEN;

  /** Whether the call passes although nothing was decided. */
  public boolean passes() {
    return this == OPEN;
  }
}
