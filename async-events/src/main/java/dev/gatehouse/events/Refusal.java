package dev.gatehouse.events;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * A no, in words that the caller may read: nothing of other tenants, of causes or of payloads.
 *
 * @param code why
 * @param message the same for people
 * @param retryAfter when to try again, where that is worth it; spread at random, so that those who
 *     were refused together do not come back together
 */
public record Refusal(Code code, String message, Optional<Duration> retryAfter) {
  /** Why something was refused. */
  public enum Code {
    /** The principal acts for no tenant, or the event has none. */
    TENANT_REQUIRED,
    /** The event is of another tenant than its publisher. */
    FOREIGN_TENANT,
    /** The policy says no. */
    FORBIDDEN,
    /** A kill switch is engaged. */
    STOPPED,
    /** The credential's time is over. */
    CREDENTIALS_EXPIRED,
    /** A fresh credential is another principal's. */
    OTHER_PRINCIPAL,
    /** A limit of connections is reached. */
    TOO_MANY_CONNECTIONS,
    /** A limit of subscriptions is reached. */
    TOO_MANY_SUBSCRIPTIONS,
    /** Too many operations a second. */
    RATE_LIMITED,
    /** Too many come at once; come back later. */
    BUSY,
    /** The topic is not declared. */
    UNDECLARED_TOPIC,
    /** The event is too large. */
    TOO_LARGE,
    /** The connection or the hub is closed. */
    CLOSED,
    /** It could not be decided or done. */
    UNAVAILABLE;

    /** The name in lower case, as it is sent and counted. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Refusal of(Code code, String message) {
    return new Refusal(code, message, Optional.empty());
  }

  static Refusal later(Code code, String message, Duration after) {
    return new Refusal(code, message, Optional.of(after));
  }

  /** Whether nothing was decided, rather than decided against. */
  public boolean isBroken() {
    return code == Code.UNAVAILABLE;
  }
}
