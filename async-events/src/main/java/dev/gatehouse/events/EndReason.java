package dev.gatehouse.events;

import java.util.Locale;

/** Why a subscription, or a connection with all of its subscriptions, ended. */
public enum EndReason {
  /** The subscriber left. */
  COMPLETED,
  /** The credential's time is over, and no fresh one was presented. */
  CREDENTIALS_EXPIRED,
  /** The principal was revoked, or its or its tenant's kill switch engaged. */
  CREDENTIALS_REVOKED,
  /** The policy no longer lets the principal subscribe to these topics. */
  FORBIDDEN,
  /** The topic's kill switch was engaged. */
  STOPPED,
  /** The subscriber read more slowly than its bound allows. */
  SLOW_CONSUMER,
  /** Whether the principal still may could not be found out. */
  UNAVAILABLE,
  /** This node is going away; another can be asked. */
  SHUTDOWN;

  /** The name in lower case, as it is sent to subscribers. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
