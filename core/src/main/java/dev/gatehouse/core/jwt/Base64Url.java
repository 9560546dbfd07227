package dev.gatehouse.core.jwt;

import java.util.Base64;
import java.util.Optional;

/** Base64url without padding, in its one spelling (RFC 7515 §2): two spellings are two tokens. */
final class Base64Url {
  private Base64Url() {}

  static Optional<byte[]> decode(String text) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      boolean canonical =
          Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(text);
      return canonical ? Optional.of(bytes) : Optional.empty();
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }
}
