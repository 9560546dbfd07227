package dev.gatehouse.webhook;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a delivery is claimed by: SHA-256 over the length-framed tenant, source and identity.
 *
 * <p>Framing by length keeps {@code (ab, c)} and {@code (a, bc)} apart, so no tenant or source can
 * reach into another's keys, whatever its ids look like.
 */
public final class ClaimKey {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private static final int LEAD_BYTES = 12;
  private static final byte[] NO_LEAD = {};

  private final String source;
  private final byte[] digest;
  private final byte[] lead;

  private ClaimKey(String source, byte[] digest, byte[] lead) {
    this.source = source;
    this.digest = digest;
    this.lead = lead;
  }

  /**
   * The key of a delivery.
   *
   * @param tenant the tenant's name, empty if there is none
   * @param source the source's name; stores bound their memory by it
   * @param identity what makes the delivery itself: its signed id, or a digest of what is signed
   */
  public static ClaimKey of(String tenant, String source, byte[] identity) {
    return Source.of(tenant, source).keyLedBy(identity, identity);
  }

  /** A source of a tenant: its keys begin alike. */
  static final class Source {
    private final String name;
    private final byte[] framed;

    private Source(String name, byte[] framed) {
      this.name = name;
      this.framed = framed;
    }

    /**
     * The source of that name.
     *
     * @param tenant the tenant's name, empty if there is none
     */
    static Source of(String tenant, String name) {
      byte[] tenantBytes = tenant.getBytes(StandardCharsets.UTF_8);
      byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
      byte[] framed = new byte[2 * Integer.BYTES + tenantBytes.length + nameBytes.length];
      frame(nameBytes, framed, frame(tenantBytes, framed, 0));
      return new Source(name, framed);
    }

    /** The key of a delivery whose identity is these parts, one after the other. */
    ClaimKey key(byte[]... identity) {
      return keyLedBy(NO_LEAD, identity);
    }

    /**
     * The same, of an identity that has an order.
     *
     * @param lead what is the same whenever the identity is
     */
    ClaimKey keyLedBy(byte[] lead, byte[]... identity) {
      int length = 0;
      for (byte[] part : identity) {
        length += part.length;
      }
      int at = framed.length + Integer.BYTES;
      byte[] whole = Arrays.copyOf(framed, at + length);
      INTS.set(whole, framed.length, length);
      for (byte[] part : identity) {
        System.arraycopy(part, 0, whole, at, part.length);
        at += part.length;
      }
      return new ClaimKey(name, Fingerprint.sha256(whole), beginning(lead));
    }
  }

  // An id may be as long as the body that it stands in, and keys wait in queues.
  private static byte[] beginning(byte[] lead) {
    return lead.length == 0 ? NO_LEAD : Arrays.copyOf(lead, Math.min(lead.length, LEAD_BYTES));
  }

  private static int frame(byte[] part, byte[] into, int at) {
    INTS.set(into, at, part.length);
    System.arraycopy(part, 0, into, at + Integer.BYTES, part.length);
    return at + Integer.BYTES + part.length;
  }

  /** The source, by which stores bound their memory. */
  public String source() {
    return source;
  }

  /** The 32 bytes of the digest, copied. */
  public byte[] toBytes() {
    return digest.clone();
  }

  /**
   * The digest's first bytes behind the first 12 of the identity: the key for an index that keeps
   * its keys in order. Ids that rise with time (KSUID, ULID, UUID version 7) then stand beside each
   * other there, and a thousand of them are a few pages to write and not a thousand. Where what is
   * signed is the identity, which has no order, there are the digest's bytes alone.
   *
   * <p>Equal for equal keys, and different for others as far as the digest's bytes are.
   *
   * @param digestBytes how many of the digest's 32 bytes; 16 tell all deliveries of the world apart
   * @throws IllegalArgumentException if that is none or more than there are
   */
  public byte[] toIndexBytes(int digestBytes) {
    if (digestBytes < 1 || digestBytes > digest.length) {
      throw new IllegalArgumentException("a digest has 1 to " + digest.length + " bytes to give");
    }
    byte[] bytes = Arrays.copyOf(lead, lead.length + digestBytes);
    System.arraycopy(digest, 0, bytes, lead.length, digestBytes);
    return bytes;
  }

  /** The digest in lower-case hex. */
  public String toHex() {
    return HexFormat.of().formatHex(digest);
  }

  /** Eight bytes of the digest: 0 names the first, 3 the last. */
  long word(int at) {
    return Fingerprint.word(digest, at);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClaimKey that && Arrays.equals(digest, that.digest);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(word(0));
  }

  @Override
  public String toString() {
    return "ClaimKey[" + source + ", " + toHex() + "]";
  }
}
