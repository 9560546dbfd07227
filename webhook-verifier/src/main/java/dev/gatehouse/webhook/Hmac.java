package dev.gatehouse.webhook;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * An HMAC (RFC 2104) under one key, over content that comes in parts. It is used by one thread at a
 * time, and over and over.
 */
abstract sealed class Hmac permits MidstateHmac, ProviderHmac {
  private static final byte[] ANY_CONTENT = {1, 2, 3};

  /**
   * The quickest HMAC that this JDK's providers allow.
   *
   * @param algorithm as the JDK names it, such as {@code HmacSHA256}
   */
  static Hmac of(String algorithm, byte[] key) {
    Hmac plain = provider(algorithm, key);
    try {
      MessageDigest digest = MidstateHmac.digestFor(algorithm);
      return isOfTheJdk(digest) ? preferred(digest, key, plain) : plain;
    } catch (NoSuchAlgorithmException unknownHere) {
      return plain;
    }
  }

  // Threads copy one digest at the same time, which no test of an unknown provider could assure.
  private static boolean isOfTheJdk(MessageDigest digest) {
    return digest.getProvider().getName().equals("SUN");
  }

  /** The HMAC over that digest if it can be copied and the plain one agrees, else the plain one. */
  static Hmac preferred(MessageDigest digest, byte[] key, Hmac plain) {
    try {
      Hmac quick = MidstateHmac.of(digest, key);
      return agree(quick, plain) ? quick : plain;
    } catch (CloneNotSupportedException cannotBeCopied) {
      return plain;
    }
  }

  private static Hmac provider(String algorithm, byte[] key) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      return new ProviderHmac(mac);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no usable " + algorithm, e);
    }
  }

  // A digest whose copies share their state with it would be found here and not by a webhook that
  // is refused. Twice, since the first use is the one that would spoil it.
  private static boolean agree(Hmac one, Hmac other) {
    return one.isSameOver(other, ANY_CONTENT)
        && one.isSameOver(other, new byte[0])
        && one.copy().isSameOver(other, ANY_CONTENT);
  }

  private boolean isSameOver(Hmac other, byte[] content) {
    update(content, 0, content.length);
    other.update(content, 0, content.length);
    return Arrays.equals(finish(), other.finish());
  }

  /** Takes the next bytes. */
  abstract void update(byte[] bytes, int from, int length);

  /** The MAC, which the next one may overwrite; what comes next begins another. */
  abstract byte[] finish();

  /** Forgets what came since the last MAC. */
  abstract void reset();

  /** Another one under the same key, to which nothing was fed. */
  abstract Hmac copy();

  static MessageDigest copy(MessageDigest digest) {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a digest that was copied before", e);
    }
  }
}
