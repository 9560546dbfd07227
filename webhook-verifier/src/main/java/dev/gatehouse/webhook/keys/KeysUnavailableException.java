package dev.gatehouse.webhook.keys;

/**
 * Keys could not be fetched, so nothing was decided. The message is ours, and names no address and
 * nothing that came over the wire.
 */
public final class KeysUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Says why. */
  public KeysUnavailableException(String message) {
    super(message, null, false, false);
  }
}
