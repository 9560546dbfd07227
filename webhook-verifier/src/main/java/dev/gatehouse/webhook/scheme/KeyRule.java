package dev.gatehouse.webhook.scheme;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a scheme's keys are written.
 *
 * @param form how the bytes are written behind the prefix
 * @param prefix a prefix that is not part of the key; empty if there is none
 * @param prefixRequired whether a text without the prefix is not such a key
 * @param signingPrefix the prefix of the private key that belongs to it; empty if there is none
 * @param minBytes the least number of bytes
 * @param maxBytes the largest number of bytes
 * @param digest what is done to the bytes before they are the key
 * @param minBits the least length of an RSA modulus
 */
public record KeyRule(
    Encoding form,
    String prefix,
    boolean prefixRequired,
    String signingPrefix,
    int minBytes,
    int maxBytes,
    Digest digest,
    int minBits) {
  /** What is done to a secret's bytes before they are a MAC's key. */
  public enum Digest {
    /** Nothing. */
    NONE,
    /** The key is their SHA-1. */
    SHA1
  }

  // RFC 7468, strict: one block, and nothing in it but base64 and line ends.
  private static final Pattern PEM =
      Pattern.compile(
          "-----BEGIN ([A-Z ]+)-----\\r?\\n([A-Za-z0-9+/=\\r\\n]+)-----END ([A-Z ]+)-----");

  /** Whether the text is marked as such a key by its prefix. */
  public boolean claims(String text) {
    return !prefix.isEmpty() && text.startsWith(prefix);
  }

  /** Whether the text is marked as the private key that belongs to such a key. */
  public boolean claimsForSigning(String text) {
    return !signingPrefix.isEmpty() && text.startsWith(signingPrefix);
  }

  /**
   * The key's bytes.
   *
   * @throws IllegalArgumentException if they are not written so; the message ends a sentence that
   *     names the key
   */
  byte[] decode(String text, String usedPrefix) {
    String bare = text.startsWith(usedPrefix) ? text.substring(usedPrefix.length()) : text;
    byte[] bytes = form != Encoding.TEXT && isPem(bare) ? pem(bare) : bytes(bare);
    if (bytes == null) {
      throw new IllegalArgumentException(
          "is not " + describe() + ": copy it again from the sender");
    }
    if (isAllZero(bytes)) {
      throw new IllegalArgumentException("is empty or all zero bytes: it protects nothing");
    }
    return digest == Digest.SHA1 ? sha1(bytes) : bytes;
  }

  private static byte[] sha1(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  // Strictness keeps a signature to one spelling; of a key it would ask that its owner rewrite what
  // the sender shows, and some show upper-case hex.
  private byte @Nullable [] bytes(String text) {
    return form == Encoding.HEX ? form.decode(text.toLowerCase(Locale.ROOT)) : form.decode(text);
  }

  void checkLength(byte[] bytes) {
    if (bytes.length < minBytes || bytes.length > maxBytes) {
      throw new IllegalArgumentException(
          "has "
              + bytes.length
              + " bytes; the scheme demands "
              + minBytes
              + " to "
              + maxBytes
              + ": let the sender make a new one");
    }
  }

  private String describe() {
    String written =
        switch (form) {
          case HEX, HEX_ANY_CASE -> "hex";
          case BASE64 -> "base64 with padding";
          case BASE64URL -> "base64url without padding";
          case TEXT -> "text";
        };
    return prefix.isEmpty() ? written : written + " after " + prefix;
  }

  private static boolean isPem(String text) {
    return text.startsWith("-----BEGIN ");
  }

  private static byte @Nullable [] pem(String text) {
    Matcher pem = PEM.matcher(text.strip());
    if (!pem.matches() || !pem.group(1).equals(pem.group(3))) {
      return null;
    }
    if (pem.group(1).equals("CERTIFICATE")) {
      return Certificates.read(text).getPublicKey().getEncoded();
    }
    return Encoding.BASE64.decode(pem.group(2).replaceAll("[\r\n]", ""));
  }

  private static boolean isAllZero(byte[] bytes) {
    int all = 0;
    for (byte b : bytes) {
      all |= b;
    }
    return all == 0;
  }
}
