package dev.gatehouse.webhook.scheme;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a public key from PEM (RFC 7468): one block, and nothing but base64 and line ends in it.
 */
public final class PemText {
  private static final Pattern BLOCK =
      Pattern.compile(
          "-----BEGIN PUBLIC KEY-----\\r?\\n([A-Za-z0-9+/=\\r\\n]+)-----END PUBLIC KEY-----");

  private PemText() {}

  /**
   * The key.
   *
   * @throws IllegalArgumentException if there is none, or one that protects nothing
   */
  public static PublicKey publicKey(byte[] document) {
    Matcher block = BLOCK.matcher(new String(document, StandardCharsets.ISO_8859_1).strip());
    byte[] bytes =
        block.matches() ? Encoding.BASE64.decode(block.group(1).replaceAll("[\r\n]", "")) : null;
    if (bytes == null) {
      throw new IllegalArgumentException("is not a public key in PEM");
    }
    for (String kind : List.of("RSA", "EC", "Ed25519")) {
      Optional<PublicKey> key = ofKind(kind, bytes);
      if (key.isPresent()) {
        return PublicKeys.checked(key.get());
      }
    }
    throw new IllegalArgumentException("is not an RSA, EC or Ed25519 key");
  }

  private static Optional<PublicKey> ofKind(String kind, byte[] spki) {
    try {
      return Optional.of(KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(spki)));
    } catch (GeneralSecurityException ofAnotherKind) {
      return Optional.empty();
    }
  }
}
