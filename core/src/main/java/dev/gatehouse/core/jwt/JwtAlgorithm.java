package dev.gatehouse.core.jwt;

import dev.gatehouse.core.Secret;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * How a token may be signed (RFC 7518, RFC 8037). There is no {@code none}, and a key fits only the
 * algorithms of its own kind, so that a public key never verifies an HMAC.
 */
public enum JwtAlgorithm {
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  RS256(Family.RSA, "SHA256withRSA", 0),
  /** RSASSA-PKCS1-v1_5 with SHA-384. */
  RS384(Family.RSA, "SHA384withRSA", 0),
  /** RSASSA-PKCS1-v1_5 with SHA-512. */
  RS512(Family.RSA, "SHA512withRSA", 0),
  /** RSASSA-PSS with SHA-256. */
  PS256(Family.PSS, "SHA-256", 32),
  /** RSASSA-PSS with SHA-384. */
  PS384(Family.PSS, "SHA-384", 48),
  /** RSASSA-PSS with SHA-512. */
  PS512(Family.PSS, "SHA-512", 64),
  /** ECDSA on P-256 with SHA-256. */
  ES256(Family.EC, "SHA256withECDSAinP1363Format", 256),
  /** ECDSA on P-384 with SHA-384. */
  ES384(Family.EC, "SHA384withECDSAinP1363Format", 384),
  /** Ed25519. */
  EDDSA(Family.ED25519, "Ed25519", 0),
  /** HMAC with SHA-256: for keys that issuer and verifier share. */
  HS256(Family.HMAC, "HmacSHA256", 32),
  /** HMAC with SHA-512: for keys that issuer and verifier share. */
  HS512(Family.HMAC, "HmacSHA512", 64);

  private enum Family {
    RSA,
    PSS,
    EC,
    ED25519,
    HMAC
  }

  private static final int LEAST_RSA_BITS = 2048;

  private final Family family;
  private final String name;
  private final int size;

  JwtAlgorithm(Family family, String name, int size) {
    this.family = family;
    this.name = name;
    this.size = size;
  }

  /** As a token's header spells it. */
  public String spelling() {
    return this == EDDSA ? "EdDSA" : name();
  }

  static Optional<JwtAlgorithm> ofSpelling(@Nullable Object text) {
    for (JwtAlgorithm each : values()) {
      if (each.spelling().equals(text)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  boolean isShared() {
    return family == Family.HMAC;
  }

  /** The fewest bytes that a shared key may have (RFC 7518 §3.2); 0 for other algorithms. */
  int leastKeyBytes() {
    return isShared() ? size : 0;
  }

  private Curve curve() {
    return this == ES256 ? Curve.P_256 : Curve.P_384;
  }

  /**
   * Whether the key is of this kind and as RFC 7518 §3.2 to §3.4 want it: long enough, on its
   * curve.
   */
  boolean fits(Key key) {
    return switch (family) {
      case RSA, PSS ->
          key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= LEAST_RSA_BITS;
      case EC -> key instanceof ECPublicKey ec && curve().has(ec.getParams());
      case ED25519 -> key instanceof EdECPublicKey;
      case HMAC -> "HMAC".equals(key.getAlgorithm()) && isLongEnough(key.getEncoded());
    };
  }

  // one that does not leave its device tells no length
  private boolean isLongEnough(byte @Nullable [] shared) {
    return shared == null || shared.length >= leastKeyBytes();
  }

  /** Whether the signature is the key's over these bytes; a key of another kind signs nothing. */
  boolean verifies(Key key, byte[] signed, byte[] signature) {
    if (!fits(key) || (family == Family.EC && !isOfTwoNumbers(signature))) {
      return false;
    }
    try {
      if (family == Family.HMAC) {
        Mac mac = Mac.getInstance(name);
        mac.init(key);
        return MessageDigest.isEqual(mac.doFinal(signed), signature);
      }
      Signature verifier = Signature.getInstance(family == Family.PSS ? "RSASSA-PSS" : name);
      AlgorithmParameterSpec parameters = parameters();
      if (parameters != null) {
        verifier.setParameter(parameters);
      }
      verifier.initVerify((PublicKey) key);
      verifier.update(signed);
      return verifier.verify(signature);
    } catch (GeneralSecurityException malformed) {
      return false;
    }
  }

  // RFC 7518 §3.4: each of its full length, without which there are two spellings of one token
  private boolean isOfTwoNumbers(byte[] signature) {
    return signature.length == 2 * (size / Byte.SIZE) && !isZeroInAHalf(signature);
  }

  // JDKs before 17.0.3 take a signature of zeros for anybody's
  private static boolean isZeroInAHalf(byte[] signature) {
    int half = signature.length / 2;
    return IntStream.range(0, half).allMatch(i -> signature[i] == 0)
        || IntStream.range(half, signature.length).allMatch(i -> signature[i] == 0);
  }

  private @Nullable AlgorithmParameterSpec parameters() {
    return family == Family.PSS
        ? new PSSParameterSpec(name, "MGF1", new MGF1ParameterSpec(name), size, 1)
        : null;
  }

  /** A shared key of this algorithm. */
  Key shared(Secret secret) {
    byte[] bytes = secret.revealBytes();
    if (!isShared() || bytes.length < leastKeyBytes()) {
      throw new IllegalArgumentException(
          spelling() + " needs a shared key of at least " + leastKeyBytes() + " bytes");
    }
    return new javax.crypto.spec.SecretKeySpec(bytes, "HMAC");
  }
}
