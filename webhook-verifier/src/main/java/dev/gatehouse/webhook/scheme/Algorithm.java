package dev.gatehouse.webhook.scheme;

/** How a signature is made. A request chooses only among those that its scheme accepts. */
public enum Algorithm {
  /**
   * HMAC with SHA-1 (RFC 2104); still sound as a MAC, kept for providers that offer nothing else.
   */
  HMAC_SHA1("HmacSHA1", 20, Family.MAC),
  /** HMAC with SHA-256 (RFC 2104, FIPS 180-4). */
  HMAC_SHA256("HmacSHA256", 32, Family.MAC),
  /** HMAC with SHA-384. */
  HMAC_SHA384("HmacSHA384", 48, Family.MAC),
  /** HMAC with SHA-512. */
  HMAC_SHA512("HmacSHA512", 64, Family.MAC),
  /** Ed25519 (RFC 8032). */
  ED25519("Ed25519", 64, Family.PUBLIC_KEY),
  /** ECDSA over P-256 with SHA-256, the signature in ASN.1 DER (RFC 3279). */
  ECDSA_P256_SHA256("SHA256withECDSA", -1, Family.PUBLIC_KEY),
  /** The same, the signature as the two numbers side by side (RFC 7518, section 3.4). */
  ECDSA_P256_SHA256_RAW("SHA256withECDSAinP1363Format", 64, Family.PUBLIC_KEY),
  /** RSA PKCS#1 v1.5 with SHA-256 (RFC 8017). */
  RSA_SHA256("SHA256withRSA", -1, Family.PUBLIC_KEY),
  /** RSA PKCS#1 v1.5 with SHA-512 (RFC 8017). */
  RSA_SHA512("SHA512withRSA", -1, Family.PUBLIC_KEY),
  /** No signature: the request carries the secret itself, and nothing is protected from change. */
  TOKEN("", -1, Family.TOKEN);

  private enum Family {
    MAC,
    PUBLIC_KEY,
    TOKEN
  }

  private final String jcaName;
  private final int signatureLength;
  private final Family family;

  Algorithm(String jcaName, int signatureLength, Family family) {
    this.jcaName = jcaName;
    this.signatureLength = signatureLength;
    this.family = family;
  }

  /** The name that the JDK knows it by; empty for {@link #TOKEN}. */
  public String jcaName() {
    return jcaName;
  }

  /** Whether a signature can have that many bytes. */
  public boolean fits(int length) {
    return signatureLength < 0 ? length > 0 : length == signatureLength;
  }

  /** Whether both sides hold the same secret, and the signature is a MAC. */
  public boolean isMac() {
    return family == Family.MAC;
  }

  /** Whether the receiver holds a public key only. */
  public boolean isPublicKey() {
    return family == Family.PUBLIC_KEY;
  }

  /** Whether a signature covers the content at all. */
  public boolean protectsIntegrity() {
    return family != Family.TOKEN;
  }
}
