package dev.gatehouse.webhook;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Tells contents apart within this process, where a second SHA-256 would be dear: a keyed universal
 * hash, NH (J. Black et al., "UMAC", CRYPTO 1999, section 4) over words of 64 bits, done twice with
 * keys that are two words apart (the Toeplitz construction, section 4.3 there).
 *
 * <p>Two contents have the same hash with a probability of less than 2^-120, whoever chose them, as
 * long as they were chosen without knowledge of the key or of any hash. So neither must leave the
 * process; whoever needs a digest that means the same elsewhere needs SHA-256.
 *
 * <p>Products are signed and their halves summed apart, which is what Java does fast. Where a word
 * differs, at most three values of the key of the other word of its pair then fit each of the at
 * most two differences that equal sums allow: 6 in 2^64, each of both times.
 */
final class ContentHash {
  /** The longest content, in bytes. */
  static final int MAX_LENGTH = 16 * 1024;

  // what is hashed: contents of different kinds are different
  private static final long BODY = 0;
  private static final long DIGEST = 1;

  private static final int PAIR = 2 * Long.BYTES;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long[] key;

  ContentHash(SecureRandom random) {
    // a pair for length and kind, and one more for the second time
    byte[] drawn = new byte[PAIR + MAX_LENGTH + PAIR];
    random.nextBytes(drawn);
    this.key = new long[drawn.length / Long.BYTES];
    Arrays.setAll(key, i -> (long) LONGS.get(drawn, i * Long.BYTES));
  }

  /** The hash of one content: four words. */
  record Value(long first, long second, long third, long fourth) {}

  /** The hash of a body of at most {@link #MAX_LENGTH} bytes. */
  Value ofBody(byte[] body) {
    return of(BODY, body);
  }

  /** The hash of a digest, which is that of no body. */
  Value ofDigest(byte[] digest) {
    return of(DIGEST, digest);
  }

  private Value of(long kind, byte[] content) {
    Sums sums = new Sums(key);
    sums.add(content.length, kind);
    int whole = content.length / PAIR * PAIR;
    for (int at = 0; at < whole; at += PAIR) {
      sums.add((long) LONGS.get(content, at), (long) LONGS.get(content, at + Long.BYTES));
    }
    if (whole < content.length) {
      byte[] rest = new byte[PAIR];
      System.arraycopy(content, whole, rest, 0, content.length - whole);
      sums.add((long) LONGS.get(rest, 0), (long) LONGS.get(rest, Long.BYTES));
    }
    return sums.value();
  }

  private static final class Sums {
    private final long[] key;
    private int at;
    private long high;
    private long low;
    private long highAgain;
    private long lowAgain;

    private Sums(long[] key) {
      this.key = key;
    }

    private void add(long one, long other) {
      long x = one + key[at];
      long y = other + key[at + 1];
      high += Math.multiplyHigh(x, y);
      low += x * y;
      at += 2;
      long u = one + key[at];
      long v = other + key[at + 1];
      highAgain += Math.multiplyHigh(u, v);
      lowAgain += u * v;
    }

    private Value value() {
      return new Value(high, low, highAgain, lowAgain);
    }
  }
}
