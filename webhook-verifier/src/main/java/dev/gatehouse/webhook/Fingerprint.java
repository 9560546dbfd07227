package dev.gatehouse.webhook;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * SHA-256 over everything that a delivery's signature covers except its time: equal for a retry
 * that was signed anew, different for other content under the same id.
 */
public final class Fingerprint {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final MessageDigest FRESH = fresh();
  // Only for what is hashed in one go: nobody finds another's beginning in it.
  private static final ThreadLocal<MessageDigest> OWN =
      ThreadLocal.withInitial(Fingerprint::sha256);

  private final byte[] digest;

  private Fingerprint(byte[] digest) {
    this.digest = digest;
  }

  /**
   * A fingerprint that was stored.
   *
   * @param digest 32 bytes, copied
   */
  public static Fingerprint of(byte[] digest) {
    if (digest.length != 32) {
      throw new IllegalArgumentException("a fingerprint has 32 bytes");
    }
    return new Fingerprint(digest.clone());
  }

  /** A digest that nobody else holds. */
  static Fingerprint owning(byte[] digest) {
    return new Fingerprint(digest);
  }

  /** The 32 bytes, copied. */
  public byte[] toBytes() {
    return digest.clone();
  }

  /** Eight bytes of the digest: 0 names the first, 3 the last. */
  long word(int at) {
    return word(digest, at);
  }

  static long word(byte[] digest, int at) {
    return (long) LONGS.get(digest, at * Long.BYTES);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fingerprint that && MessageDigest.isEqual(digest, that.digest);
  }

  @Override
  public int hashCode() {
    return ByteBuffer.wrap(digest).getInt();
  }

  @Override
  public String toString() {
    return "Fingerprint[" + HexFormat.of().formatHex(Arrays.copyOf(digest, 8)) + "…]";
  }

  static byte[] sha256(byte[] bytes) {
    return sha256(bytes, 0, bytes);
  }

  /**
   * Of two parts, of which both are at hand.
   *
   * @param first the first part
   * @param length how much of that array it is
   * @param then the second part
   */
  static byte[] sha256(byte[] first, int length, byte[] then) {
    MessageDigest digest = OWN.get();
    // whatever an error may have left in it
    digest.reset();
    digest.update(first, 0, length);
    return digest.digest(then);
  }

  // A copy saves the search through the JDK's providers.
  static MessageDigest sha256() {
    try {
      return (MessageDigest) FRESH.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be copied", e);
    }
  }

  private static MessageDigest fresh() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
