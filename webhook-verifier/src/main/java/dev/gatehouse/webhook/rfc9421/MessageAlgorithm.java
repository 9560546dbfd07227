package dev.gatehouse.webhook.rfc9421;

import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Optional;
import java.util.stream.Stream;

/** The signature algorithms of RFC 9421, section 3.3. A key has one, and no message changes it. */
public enum MessageAlgorithm {
  /** HMAC with SHA-256. */
  HMAC_SHA256("hmac-sha256", "HmacSHA256", "", 32),
  /** Ed25519. */
  ED25519("ed25519", "Ed25519", "Ed25519", 64),
  /** ECDSA over P-256 with SHA-256; the signature is r and s, 32 bytes each. */
  ECDSA_P256_SHA256("ecdsa-p256-sha256", "SHA256withECDSAinP1363Format", "secp256r1", 64),
  /** ECDSA over P-384 with SHA-384; the signature is r and s, 48 bytes each. */
  ECDSA_P384_SHA384("ecdsa-p384-sha384", "SHA384withECDSAinP1363Format", "secp384r1", 96),
  /** RSASSA-PSS with SHA-512, and a salt of 64 bytes. */
  RSA_PSS_SHA512("rsa-pss-sha512", "RSASSA-PSS", "RSA", -1),
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  RSA_V1_5_SHA256("rsa-v1_5-sha256", "SHA256withRSA", "RSA", -1);

  private static final PSSParameterSpec PSS =
      new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1);

  private final String label;
  private final String jcaName;
  private final String keyKind;
  private final int signatureLength;

  MessageAlgorithm(String label, String jcaName, String keyKind, int signatureLength) {
    this.label = label;
    this.jcaName = jcaName;
    this.keyKind = keyKind;
    this.signatureLength = signatureLength;
  }

  /** The one of that name in the registry of RFC 9421; empty if there is none. */
  public static Optional<MessageAlgorithm> named(String name) {
    return Stream.of(values()).filter(a -> a.label.equals(name)).findFirst();
  }

  /** The name in the registry, such as {@code rsa-pss-sha512}. */
  public String label() {
    return label;
  }

  /** Whether both sides hold one secret. */
  public boolean isShared() {
    return this == HMAC_SHA256;
  }

  /** The name of the curve, {@code RSA}, or empty for a shared secret. */
  String keyKind() {
    return keyKind;
  }

  String jcaName() {
    return jcaName;
  }

  boolean fits(byte[] signature) {
    return signatureLength < 0 || signature.length == signatureLength;
  }

  Signature signature() throws GeneralSecurityException {
    Signature signature = Signature.getInstance(jcaName);
    if (this == RSA_PSS_SHA512) {
      signature.setParameter(PSS);
    }
    return signature;
  }
}
