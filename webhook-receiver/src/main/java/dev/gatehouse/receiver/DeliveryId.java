package dev.gatehouse.receiver;

import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * A delivery's id: 63 bits ordered by time, shown as {@code dlv_} and 13 characters of Crockford's
 * base 32, so that the texts sort as the numbers do.
 */
final class DeliveryId {
  private static final String PREFIX = "dlv_";
  private static final int LENGTH = 13;
  private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();

  // 43 bits of milliseconds last until the year 2248; 20 bits keep ids of one millisecond apart.
  private static final int SEQUENCE_BITS = 20;
  private static final long LAST_MILLIS = Long.MAX_VALUE >>> SEQUENCE_BITS;

  private DeliveryId() {}

  /**
   * The first id of that millisecond, or of the last one that has ids; the one after {@code last}
   * if the clock went back.
   */
  static long next(long last, long epochMillis) {
    return Math.max(last + 1, Math.min(epochMillis, LAST_MILLIS) << SEQUENCE_BITS);
  }

  /** When that id was given, unless the clock had gone back. */
  static Instant time(long id) {
    return Instant.ofEpochMilli(id >>> SEQUENCE_BITS);
  }

  static String format(long id) {
    char[] text = new char[LENGTH];
    long rest = id;
    for (int i = LENGTH - 1; i >= 0; i--) {
      text[i] = DIGITS[(int) (rest & 31)];
      rest >>>= 5;
    }
    return PREFIX + new String(text);
  }

  /** The id that was shown so, or nothing if none is. */
  static OptionalLong parse(String text) {
    if (!text.startsWith(PREFIX) || text.length() != PREFIX.length() + LENGTH) {
      return OptionalLong.empty();
    }
    String digits = text.substring(PREFIX.length()).toLowerCase(Locale.ROOT);
    if (digits.charAt(0) > '7') {
      return OptionalLong.empty();
    }
    long id = 0;
    for (int i = 0; i < LENGTH; i++) {
      int digit = valueOf(digits.charAt(i));
      if (digit < 0) {
        return OptionalLong.empty();
      }
      id = id << 5 | digit;
    }
    return OptionalLong.of(id);
  }

  private static int valueOf(char c) {
    for (int i = 0; i < DIGITS.length; i++) {
      if (DIGITS[i] == c) {
        return i;
      }
    }
    return -1;
  }
}
