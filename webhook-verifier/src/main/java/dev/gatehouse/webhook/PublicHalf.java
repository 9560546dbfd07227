package dev.gatehouse.webhook;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;

/**
 * Finds the public key to a private one, for a signer that checks what it made.
 *
 * <p>It takes a time that depends on the private key, so it is for keys of tests only.
 */
final class PublicHalf {
  private PublicHalf() {}

  /**
   * The public key.
   *
   * @throws IllegalArgumentException if it cannot be told from this private key
   */
  static PublicKey of(PrivateKey key) {
    try {
      if (key instanceof RSAPrivateCrtKey rsa) {
        return KeyFactory.getInstance("RSA")
            .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
      }
      if (key instanceof EdECPrivateKey edwards && edwards.getBytes().isPresent()) {
        return ofSeed(edwards.getBytes().get());
      }
      if (key instanceof ECPrivateKey ec) {
        ECPoint point = multiple(ec.getS(), ec.getParams());
        return KeyFactory.getInstance("EC")
            .generatePublic(new ECPublicKeySpec(point, ec.getParams()));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("the private key has no public key that could be told", e);
    }
    throw new IllegalArgumentException("the private key's public key cannot be told from it");
  }

  // The JDK has no other way from a seed (RFC 8032) to its public key than to draw that seed.
  private static PublicKey ofSeed(byte[] seed) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
    generator.initialize(NamedParameterSpec.ED25519, new Drawn(seed));
    return generator.generateKeyPair().getPublic();
  }

  private static final class Drawn extends SecureRandom {
    private static final long serialVersionUID = 1L;
    private final byte[] seed;

    private Drawn(byte[] seed) {
      this.seed = seed.clone();
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, bytes.length);
    }
  }

  // SP 800-186, appendix A.1: double and add,.
  private static ECPoint multiple(BigInteger times, ECParameterSpec curve) {
    BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
    BigInteger a = curve.getCurve().getA();
    ECPoint sum = ECPoint.POINT_INFINITY;
    for (int bit = times.bitLength() - 1; bit >= 0; bit--) {
      sum = add(sum, sum, a, p);
      if (times.testBit(bit)) {
        sum = add(sum, curve.getGenerator(), a, p);
      }
    }
    return sum;
  }

  private static ECPoint add(ECPoint one, ECPoint other, BigInteger a, BigInteger p) {
    if (one.equals(ECPoint.POINT_INFINITY)) {
      return other;
    }
    if (other.equals(ECPoint.POINT_INFINITY)) {
      return one;
    }
    BigInteger x1 = one.getAffineX();
    BigInteger y1 = one.getAffineY();
    BigInteger x2 = other.getAffineX();
    boolean same = one.equals(other);
    if (!same && x1.equals(x2)) {
      return ECPoint.POINT_INFINITY;
    }
    BigInteger rise =
        same ? x1.pow(2).multiply(BigInteger.valueOf(3)).add(a) : other.getAffineY().subtract(y1);
    BigInteger run = same ? y1.shiftLeft(1) : x2.subtract(x1);
    BigInteger slope = rise.multiply(run.modInverse(p)).mod(p);
    BigInteger x = slope.pow(2).subtract(x1).subtract(x2).mod(p);
    return new ECPoint(x, slope.multiply(x1.subtract(x)).subtract(y1).mod(p));
  }
}
