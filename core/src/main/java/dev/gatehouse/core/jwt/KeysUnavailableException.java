package dev.gatehouse.core.jwt;

/** The keys of an issuer cannot be had: nothing can be decided, so nobody gets in. */
public final class KeysUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  KeysUnavailableException(String why) {
    super(why);
  }
}
