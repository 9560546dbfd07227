package dev.gatehouse.graphql.access;

/**
 * Ends a subscription whose caller may no longer have it; what a transport tells the subscriber
 * follows from the reason alone.
 */
public final class SubscriptionEnded extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why it ended. */
  public enum Reason {
    /** The caller's credential has ended. */
    CREDENTIALS_EXPIRED,
    /** A kill switch stopped the caller, its tenant or the operation. */
    REVOKED,
    /** The rules no longer let the caller have it. */
    FORBIDDEN
  }

  private final Reason reason;

  /** Ends for a reason. */
  public SubscriptionEnded(Reason reason) {
    super("the subscription ended: " + reason, null, false, false);
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
