package dev.gatehouse.webhook.keys;

/**
 * Keys could not be fetched, so nothing was decided. The message is ours, and names no address and
 * nothing that came over the wire.
 */
public final class KeysUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean untried;

  /** Says why. */
  public KeysUnavailableException(String message) {
    this(message, false);
  }

  private KeysUnavailableException(String message, boolean untried) {
    super(message, null, false, false);
    this.untried = untried;
  }

  /** Says why a place was not even asked, so that it need not be left alone for a while. */
  static KeysUnavailableException untried(String message) {
    return new KeysUnavailableException(message, true);
  }

  boolean isUntried() {
    return untried;
  }
}
