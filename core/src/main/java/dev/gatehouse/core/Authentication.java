package dev.gatehouse.core;

/**
 * The answer to "who is this?": a value, never an exception.
 *
 * <p>What could not be decided (keys cannot be fetched, an introspection endpoint is down) is a
 * failed future instead.
 */
public sealed interface Authentication {
  /**
   * The credential was verified.
   *
   * @param principal whose it is
   */
  record Proven(Principal principal) implements Authentication {}

  /**
   * The credential proves nothing.
   *
   * @param reason why, in a code for the audit and words that the caller may read
   */
  record Refused(Decision.Deny reason) implements Authentication {}

  /** The credential is this principal's. */
  static Authentication proven(Principal principal) {
    return new Proven(principal);
  }

  /** The credential proves nothing, for the reason that the code names. */
  static Authentication refused(String code, String publicMessage) {
    return new Refused(new Decision.Deny(code, publicMessage));
  }
}
