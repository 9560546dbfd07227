package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** In which order the ids of deliveries come. */
enum IdOrder {
  /** Each begins later than those before, as KSUIDs do. */
  RISING {
    @Override
    long mixed(long number) {
      return LATER + number;
    }
  },
  /** As random UUIDs do. */
  RANDOM {
    @Override
    long mixed(long number) {
      return number * FAR % NUMBERS;
    }
  };

  static final String BEGINNING = "msg_";
  static final int DIGITS = 10;
  static final String END = "_2KWPBgLlAfxdpx2AI5";

  private static final long NUMBERS = 10_000_000_000L;
  // has no divisor in common with it, so that no number comes twice
  private static final long FAR = 6_180_339_887L;
  private static final long LATER = 2_000_000_000L;
  // as much of an id as a receiver's index begins with
  private static final int LEAD_BYTES = 12;

  abstract long mixed(long number);

  /**
   * The digits in the middle of an id.
   *
   * @param number below 2^30 + 2^28
   */
  byte[] digits(long number) {
    byte[] digits = new byte[DIGITS];
    long rest = mixed(number);
    for (int i = DIGITS - 1; i >= 0; i--) {
      digits[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return digits;
  }

  /** What a receiver's table has for a delivery with that id, of anybody's. */
  byte[] claim(long number, Random random) {
    byte[] claim = Arrays.copyOf(BEGINNING.getBytes(US_ASCII), LEAD_BYTES + 2 * Long.BYTES);
    int from = BEGINNING.length();
    System.arraycopy(digits(number), 0, claim, from, LEAD_BYTES - from);
    ByteBuffer.wrap(claim, LEAD_BYTES, 2 * Long.BYTES)
        .putLong(random.nextLong())
        .putLong(random.nextLong());
    return claim;
  }
}
