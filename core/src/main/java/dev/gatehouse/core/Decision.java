package dev.gatehouse.core;

import java.util.regex.Pattern;

/**
 * The answer to "may they?": a value, never an exception.
 *
 * <p>What could not be decided (a store is down, a policy threw) is a failure instead, and {@link
 * FailureMode} says what follows from it.
 */
public sealed interface Decision {
  /** The call may go on. */
  record Allow() implements Decision {}

  /**
   * The call must not go on.
   *
   * @param code a stable lower-case code, such as {@code too_old}
   * @param publicMessage what the caller may read; never a cause, a secret or a payload
   */
  record Deny(String code, String publicMessage) implements Decision {
    private static final Pattern CODE = Pattern.compile("[a-z][a-z0-9_]{0,63}");

    /**
     * Checks the code.
     *
     * @throws IllegalArgumentException if the code is not lower-case snake case
     */
    public Deny {
      if (!CODE.matcher(code).matches()) {
        throw new IllegalArgumentException("a decision's code is lower-case snake case");
      }
    }
  }

  /** This rule has nothing to say; where all abstain, the answer is no. */
  record Abstain() implements Decision {}

  /** Lets the call go on. */
  static Decision allow() {
    return new Allow();
  }

  /** Refuses the call. */
  static Decision deny(String code, String publicMessage) {
    return new Deny(code, publicMessage);
  }

  /** Says nothing. */
  static Decision abstain() {
    return new Abstain();
  }

  /** Whether this is an {@link Allow}; an abstention alone allows nothing. */
  default boolean isAllowed() {
    return this instanceof Allow;
  }
}
