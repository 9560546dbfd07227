package dev.gatehouse.webhook;

import java.nio.ByteBuffer;
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
  private final String source;
  private final byte[] digest;

  private ClaimKey(String source, byte[] digest) {
    this.source = source;
    this.digest = digest;
  }

  /**
   * The key of a delivery.
   *
   * @param tenant the tenant's name, empty if there is none
   * @param source the source's name; stores bound their memory by it
   * @param identity what makes the delivery itself: its signed id, or a digest of what is signed
   */
  public static ClaimKey of(String tenant, String source, byte[] identity) {
    byte[] tenantBytes = tenant.getBytes(StandardCharsets.UTF_8);
    byte[] sourceBytes = source.getBytes(StandardCharsets.UTF_8);
    ByteBuffer framed =
        ByteBuffer.allocate(12 + tenantBytes.length + sourceBytes.length + identity.length);
    for (byte[] part : new byte[][] {tenantBytes, sourceBytes, identity}) {
      framed.putInt(part.length).put(part);
    }
    return new ClaimKey(source, Fingerprint.sha256(framed.array()));
  }

  /** The source, by which stores bound their memory. */
  public String source() {
    return source;
  }

  /** The 32 bytes of the digest, copied. */
  public byte[] toBytes() {
    return digest.clone();
  }

  /** The digest in lower-case hex. */
  public String toHex() {
    return HexFormat.of().formatHex(digest);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClaimKey that && Arrays.equals(digest, that.digest);
  }

  @Override
  public int hashCode() {
    return (digest[0] << 24)
        | ((digest[1] & 0xFF) << 16)
        | ((digest[2] & 0xFF) << 8)
        | (digest[3] & 0xFF);
  }

  @Override
  public String toString() {
    return "ClaimKey[" + source + ", " + toHex() + "]";
  }
}
