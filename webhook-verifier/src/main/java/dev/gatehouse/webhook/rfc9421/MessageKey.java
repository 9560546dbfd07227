package dev.gatehouse.webhook.rfc9421;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A key bound to one algorithm: it makes or verifies signatures of that one only.
 *
 * <p>Its text is PEM ({@code PUBLIC KEY}, {@code RSA PUBLIC KEY}; {@code PRIVATE KEY} to sign),
 * base64 of the same bytes, or a shared secret. Where no algorithm is configured, the key says it:
 * a shared secret is hmac-sha256, a curve's key that curve's algorithm, RSA in SubjectPublicKeyInfo
 * or PKCS #8 rsa-pss-sha512, and RSA in the older {@code RSA PUBLIC KEY} form rsa-v1_5-sha256. A
 * raw key without any form (32 bytes of Ed25519) needs its algorithm configured.
 *
 * <p>Refused are points off their curve, Ed25519 points of small order, RSA below 2048 bits, and a
 * public key in the place of a shared secret.
 */
public final class MessageKey {
  /** How a shared secret is written. */
  public enum SecretForm {
    /** Base64 with padding. */
    BASE64,
    /** The text itself, as UTF-8. */
    TEXT
  }

  private final MessageAlgorithm algorithm;
  private final byte @Nullable [] secret;
  private final @Nullable PublicKey publicKey;
  private final @Nullable PrivateKey privateKey;

  private MessageKey(
      MessageAlgorithm algorithm,
      byte @Nullable [] secret,
      @Nullable PublicKey publicKey,
      @Nullable PrivateKey privateKey) {
    this.algorithm = algorithm;
    this.secret = secret;
    this.publicKey = publicKey;
    this.privateKey = privateKey;
  }

  /**
   * A key to verify with.
   *
   * @param text the key as the sender shows it
   * @param form how it is written if it is a shared secret
   * @param configured the algorithm; null to go by the key's form
   * @throws IllegalArgumentException if it is no such key; the message ends a sentence that names
   *     the key, and does not repeat it
   */
  public static MessageKey forVerifying(
      String text, SecretForm form, @Nullable MessageAlgorithm configured) {
    KeyText key = KeyText.of(text, form == SecretForm.TEXT);
    MessageAlgorithm algorithm = configured == null ? key.algorithm() : configured;
    if (algorithm.isShared()) {
      return shared(key.secret(form == SecretForm.TEXT));
    }
    return new MessageKey(algorithm, null, key.publicKey(algorithm), null);
  }

  /**
   * A key to sign with.
   *
   * @param text the shared secret, or the private key in PKCS #8
   * @param form how it is written if it is a shared secret
   * @param configured the algorithm; null to go by the key's form
   * @throws IllegalArgumentException if it is no such key
   */
  public static MessageKey forSigning(
      String text, SecretForm form, @Nullable MessageAlgorithm configured) {
    KeyText key = KeyText.of(text, form == SecretForm.TEXT);
    MessageAlgorithm algorithm = configured == null ? key.signingAlgorithm() : configured;
    if (algorithm.isShared()) {
      return shared(key.secret(form == SecretForm.TEXT));
    }
    return new MessageKey(algorithm, null, null, key.privateKey(algorithm));
  }

  private static MessageKey shared(byte[] secret) {
    return new MessageKey(MessageAlgorithm.HMAC_SHA256, secret, null, null);
  }

  /** The only algorithm of this key. */
  public MessageAlgorithm algorithm() {
    return algorithm;
  }

  /** Whether this key made the signature over that text. */
  boolean verifies(String base, byte[] signature) {
    if (!algorithm.fits(signature)) {
      return false;
    }
    byte[] content = base.getBytes(StandardCharsets.US_ASCII);
    if (secret != null) {
      return MessageDigest.isEqual(mac(secret, content), signature);
    }
    try {
      Signature verifier = algorithm.signature();
      verifier.initVerify(publicKey);
      verifier.update(content);
      return verifier.verify(signature);
    } catch (GeneralSecurityException malformed) {
      // The JDK throws where a signature is not even of the right length; the answer is no.
      return false;
    }
  }

  byte[] sign(String base) {
    byte[] content = base.getBytes(StandardCharsets.US_ASCII);
    if (secret != null) {
      return mac(secret, content);
    }
    if (privateKey == null) {
      throw new IllegalStateException("a public key does not sign");
    }
    try {
      Signature signer = algorithm.signature();
      signer.initSign(privateKey);
      signer.update(content);
      return signer.sign();
    } catch (InvalidKeyException e) {
      throw new IllegalArgumentException("is too short a key for " + algorithm.label(), e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot sign " + algorithm.label(), e);
    }
  }

  private static byte[] mac(byte[] secret, byte[] content) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  /** Names the algorithm, and nothing of the key. */
  @Override
  public String toString() {
    return "MessageKey[" + algorithm.label() + ", redacted]";
  }
}
