package dev.gatehouse.webhook;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 over everything that a delivery's signature covers except its time: equal for a retry
 * that was signed anew, different for other content under the same id.
 *
 * <p>One that a verifier gave is worked out when somebody first asks for its bytes. It holds on to
 * the request until then, and to the body as long as it lives; whoever keeps many, keeps them by
 * {@link #toBytes}.
 */
public final class Fingerprint {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final MessageDigest FRESH = fresh();
  // Only for what is hashed in one go: nobody finds another's beginning in it.
  private static final ThreadLocal<MessageDigest> OWN =
      ThreadLocal.withInitial(Fingerprint::sha256);

  private final byte @Nullable [] body;
  // what works the digest out, until it is known; two threads that race there find the same
  private volatile @Nullable Supplier<byte[]> source;
  private volatile byte @Nullable [] digest;

  private Fingerprint(
      byte @Nullable [] digest, byte @Nullable [] body, @Nullable Supplier<byte[]> source) {
    this.digest = digest;
    this.body = body;
    this.source = source;
  }

  /**
   * A fingerprint that was stored.
   *
   * <p>It equals the delivery's own. Only claims in memory, which know some contents by another
   * hash, do not find a delivery by it that was claimed with its own: they call that a conflict,
   * and let nothing through.
   *
   * @param digest 32 bytes, copied
   */
  public static Fingerprint of(byte[] digest) {
    if (digest.length != 32) {
      throw new IllegalArgumentException("a fingerprint has 32 bytes");
    }
    return owning(digest.clone());
  }

  /** A digest that nobody else holds. */
  static Fingerprint owning(byte[] digest) {
    return new Fingerprint(digest, null, null);
  }

  /**
   * One of a delivery of which its claim's key says all but the body, so that claims in this
   * process need no digest of it.
   *
   * @param body at most {@link ContentHash#MAX_LENGTH} bytes, which nobody changes
   * @param digest works it out for whoever asks
   */
  static Fingerprint ofBody(byte[] body, Supplier<byte[]> digest) {
    return new Fingerprint(null, body, digest);
  }

  /** What tells it from others of its key, as soon as it is known. */
  ContentHash.Value hash(ContentHash hash) {
    return body == null ? digestHash(hash) : hash.ofBody(body);
  }

  /** Whether its {@link #hash} is not that of its digest. */
  boolean isOfBody() {
    return body != null;
  }

  /** The hash of its digest. */
  ContentHash.Value digestHash(ContentHash hash) {
    return hash.ofDigest(digest());
  }

  private byte[] digest() {
    // looked at first: when it is gone, the digest is there
    Supplier<byte[]> work = source;
    byte[] known = digest;
    if (known == null) {
      known = Objects.requireNonNull(work, "there is what works it out, or the digest").get();
      digest = known;
      source = null;
    }
    return known;
  }

  /** The 32 bytes, copied. */
  public byte[] toBytes() {
    return digest().clone();
  }

  static long word(byte[] digest, int at) {
    return (long) LONGS.get(digest, at * Long.BYTES);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fingerprint that && MessageDigest.isEqual(digest(), that.digest());
  }

  @Override
  public int hashCode() {
    return ByteBuffer.wrap(digest()).getInt();
  }

  @Override
  public String toString() {
    return "Fingerprint[" + HexFormat.of().formatHex(Arrays.copyOf(digest(), 8)) + "…]";
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
