package dev.gatehouse.webhook;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An HMAC that begins where both blocks of the key are hashed already.
 *
 * <p>The JDK hashes those blocks anew for each message, and clears its digest twice; copies of the
 * digest's states cost less. Of 1 kB it hashes 18 blocks instead of 20 (SHA-256).
 */
final class MidstateHmac extends Hmac {
  private static final byte INNER_PAD = 0x36;
  private static final byte OUTER_PAD = 0x5c;

  // Each fed with its block, and never with anything else, so that threads may share them: what
  // follows is hashed by copies.
  private final MessageDigest inner;
  private final MessageDigest outer;
  private final byte[] mac;
  private @Nullable MessageDigest running;

  private MidstateHmac(MessageDigest inner, MessageDigest outer) {
    this.inner = inner;
    this.outer = outer;
    this.mac = new byte[outer.getDigestLength()];
  }

  /**
   * The HMAC over that digest.
   *
   * @param digest to which nothing was fed; it is the HMAC's own from now on
   */
  static MidstateHmac of(MessageDigest digest, byte[] key) throws CloneNotSupportedException {
    int blockLength = digest.getDigestLength() > 32 ? 128 : 64;
    byte[] block = Arrays.copyOf(key.length > blockLength ? digest.digest(key) : key, blockLength);
    MessageDigest outer = (MessageDigest) digest.clone();
    digest.update(padded(block, INNER_PAD));
    outer.update(padded(block, OUTER_PAD));
    Arrays.fill(block, (byte) 0);
    return new MidstateHmac(digest, outer);
  }

  /**
   * The digest behind an HMAC.
   *
   * @param hmac as the JDK names it
   */
  static MessageDigest digestFor(String hmac) throws NoSuchAlgorithmException {
    return MessageDigest.getInstance(
        switch (hmac) {
          case "HmacMD5" -> "MD5";
          case "HmacSHA1" -> "SHA-1";
          case "HmacSHA256" -> "SHA-256";
          case "HmacSHA384" -> "SHA-384";
          case "HmacSHA512" -> "SHA-512";
          default -> throw new NoSuchAlgorithmException(hmac);
        });
  }

  private static byte[] padded(byte[] block, byte pad) {
    byte[] padded = new byte[block.length];
    for (int i = 0; i < block.length; i++) {
      padded[i] = (byte) (block[i] ^ pad);
    }
    return padded;
  }

  private MessageDigest running() {
    MessageDigest now = running;
    if (now == null) {
      now = copy(inner);
      running = now;
    }
    return now;
  }

  @Override
  void update(byte[] bytes, int from, int length) {
    running().update(bytes, from, length);
  }

  @Override
  byte[] finish() {
    MessageDigest content = running();
    running = null;
    finish(content, mac);
    return mac;
  }

  /**
   * The MAC of content that is at hand, in two parts. Threads may share this HMAC for it.
   *
   * @param first the first part
   * @param length how much of that array it is
   * @param then the second part
   * @param into takes the MAC at its beginning
   * @return the length of the MAC
   */
  int of(byte[] first, int length, byte[] then, byte[] into) {
    MessageDigest content = copy(inner);
    content.update(first, 0, length);
    content.update(then);
    return finish(content, into);
  }

  private int finish(MessageDigest content, byte[] into) {
    try {
      int length = content.digest(into, 0, mac.length);
      MessageDigest end = copy(outer);
      end.update(into, 0, length);
      return end.digest(into, 0, length);
    } catch (DigestException e) {
      throw new IllegalStateException("a digest is as long as its algorithm says", e);
    }
  }

  @Override
  void reset() {
    running = null;
  }

  @Override
  MidstateHmac copy() {
    return new MidstateHmac(inner, outer);
  }
}
