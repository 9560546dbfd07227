package dev.gatehouse.receiver;

import dev.gatehouse.core.Secret;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** Reads keys of AES-256 from texts: 64 hex digits, or the base64 of 32 bytes. */
final class EncryptionKeys {
  private static final int BYTES = 32;
  private static final int MIN_DIFFERENT = 8;

  private EncryptionKeys() {}

  /** Why this text is no key, as the end of a sentence; empty if it is one. */
  static Optional<String> refusal(String text) {
    Optional<String> secret = Secret.refusal(text);
    if (secret.isPresent()) {
      return secret;
    }
    byte[] key;
    try {
      key = decode(text);
    } catch (IllegalArgumentException e) {
      return Optional.of(
          "is no key: give 32 random bytes as 64 hex digits or in base64, such as those of"
              + " 'openssl rand -base64 32'");
    }
    // 32 random bytes with fewer than 8 different ones do not happen
    boolean random =
        new String(key, java.nio.charset.StandardCharsets.ISO_8859_1).chars().distinct().count()
            >= MIN_DIFFERENT;
    return random
        ? Optional.empty()
        : Optional.of("is no random key: make one with 'openssl rand -base64 32'");
  }

  /** The bytes of a key whose text was not refused. */
  static byte[] bytes(Secret key) {
    return decode(key.revealText());
  }

  private static byte[] decode(String text) {
    byte[] key =
        text.length() == 2 * BYTES
            ? HexFormat.of().parseHex(text)
            : Base64.getDecoder().decode(text);
    if (key.length != BYTES) {
      throw new IllegalArgumentException("not 32 bytes");
    }
    return key;
  }
}
