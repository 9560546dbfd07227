package dev.gatehouse.webhook;

/**
 * A comparison whose time tells nothing of the bytes: it depends on their number alone.
 *
 * <p>It does what {@link java.security.MessageDigest#isEqual} does, without that one's care for
 * lengths that differ.
 */
final class ConstantTime {
  private ConstantTime() {}

  /** Whether they are equal; how many there are is no secret. */
  static boolean isEqual(byte[] one, byte[] other) {
    return one.length == other.length && isEqual(one, other, one.length);
  }

  /** Whether their first bytes are equal, of which each has that many. */
  static boolean isEqual(byte[] one, byte[] other, int length) {
    int different = 0;
    for (int i = 0; i < length; i++) {
      different |= one[i] ^ other[i];
    }
    return different == 0;
  }
}
