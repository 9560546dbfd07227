package dev.gatehouse.webhook.scheme;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;

/**
 * Makes public keys of their numbers, and refuses those that protect nothing: points that are not
 * on their curve or of small order, RSA keys that are short or have no usable exponent.
 */
public final class PublicKeys {
  private static final int RSA_LEAST_BITS = 2048;
  // One check under a larger key would cost more than a whole request may.
  private static final int RSA_MOST_BITS = 8192;
  private static final int RSA_EXPONENT_BITS = 32;

  private PublicKeys() {}

  /**
   * An RSA key.
   *
   * @throws IllegalArgumentException if it is too short, too long or has a bad exponent
   */
  public static PublicKey rsa(BigInteger modulus, BigInteger exponent) {
    return accepted("RSA", new RSAPublicKeySpec(modulus, exponent));
  }

  /**
   * A key on one of the curves of FIPS 186.
   *
   * @param curve {@code secp256r1} or {@code secp384r1}
   * @throws IllegalArgumentException if the point is not on the curve
   */
  public static PublicKey ec(String curve, BigInteger x, BigInteger y) {
    return accepted("EC", new ECPublicKeySpec(new ECPoint(x, y), curve(curve)));
  }

  /**
   * An Ed25519 key (RFC 8032).
   *
   * @param raw its 32 bytes
   * @throws IllegalArgumentException if it is no usable point
   */
  public static PublicKey ed25519(byte[] raw) {
    byte[] checked = SchemeKey.Ed25519Keys.rawPublicKey(raw);
    return accepted("Ed25519", new X509EncodedKeySpec(SchemeKey.Ed25519Keys.spki(checked)));
  }

  /**
   * The same key, if it is usable.
   *
   * @throws IllegalArgumentException if it protects nothing; the message ends a sentence that names
   *     the key
   */
  public static PublicKey checked(PublicKey key) {
    if (key instanceof RSAPublicKey rsa) {
      checkRsa(rsa);
    } else if (key instanceof ECPublicKey ec) {
      boolean known = isOn("secp256r1", ec) || isOn("secp384r1", ec);
      require(known, "is not a point on the curve P-256 or P-384");
    } else if (key instanceof EdECPublicKey) {
      SchemeKey.Ed25519Keys.rawPublicKey(key.getEncoded());
    } else {
      throw new IllegalArgumentException("is not an RSA, EC or Ed25519 key");
    }
    return key;
  }

  /** Whether signatures of that algorithm are checked with such a key. */
  public static boolean fits(Algorithm algorithm, PublicKey key) {
    return switch (algorithm) {
      case ED25519 -> key instanceof EdECPublicKey;
      case ECDSA_P256_SHA256, ECDSA_P256_SHA256_RAW ->
          key instanceof ECPublicKey ec && isOn("secp256r1", ec);
      case RSA_SHA256, RSA_SHA512 -> key instanceof RSAPublicKey;
      default -> false;
    };
  }

  private static PublicKey accepted(String kind, java.security.spec.KeySpec spec) {
    try {
      return checked(KeyFactory.getInstance(kind).generatePublic(spec));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("is not a usable " + kind + " key", e);
    }
  }

  private static void checkRsa(RSAPublicKey key) {
    int bits = key.getModulus().bitLength();
    require(
        bits >= RSA_LEAST_BITS && bits <= RSA_MOST_BITS,
        "has " + bits + " bits; an RSA key has 2048 to 8192");
    BigInteger e = key.getPublicExponent();
    require(
        e.testBit(0) && e.bitLength() > 1 && e.bitLength() <= RSA_EXPONENT_BITS,
        "has an exponent that no RSA key should have");
  }

  // SP 800-186, 3.2.1.3; the JDK takes a point that is not on the curve.
  private static boolean isOn(String name, ECPublicKey key) {
    ECParameterSpec curve = curve(name);
    ECParameterSpec own = key.getParams();
    if (!own.getCurve().equals(curve.getCurve()) || !own.getOrder().equals(curve.getOrder())) {
      return false;
    }
    BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
    BigInteger x = key.getW().getAffineX();
    BigInteger y = key.getW().getAffineY();
    BigInteger right =
        x.pow(3).add(curve.getCurve().getA().multiply(x)).add(curve.getCurve().getB());
    return x.signum() >= 0
        && y.signum() >= 0
        && x.compareTo(p) < 0
        && y.compareTo(p) < 0
        && y.pow(2).subtract(right).mod(p).signum() == 0;
  }

  private static ECParameterSpec curve(String name) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(name));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK knows the curve " + name, e);
    }
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
