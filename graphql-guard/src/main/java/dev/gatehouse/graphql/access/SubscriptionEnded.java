package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.PublicFailure;
import java.util.Locale;

/**
 * Ends a subscription whose caller may no longer have it; what a transport tells the subscriber
 * follows from the reason alone.
 */
public final class SubscriptionEnded extends RuntimeException implements PublicFailure {
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
    super("the subscription ended: " + code(reason), null, false, false);
    this.reason = reason;
  }

  private static String code(Reason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  @Override
  public Decision.Deny told() {
    return new Decision.Deny(code(reason), "the subscription ended: " + code(reason));
  }
}
