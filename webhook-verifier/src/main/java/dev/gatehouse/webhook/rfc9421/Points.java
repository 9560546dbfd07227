package dev.gatehouse.webhook.rfc9421;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.List;

/** Checks of public points that the JDK leaves out. */
final class Points {
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  // The y coordinates of the points of order 1, 2, 4 and 8. Under such a key one signature fits
  // many messages.
  private static final List<BigInteger> SMALL_ORDER =
      List.of(
          BigInteger.ZERO,
          BigInteger.ONE,
          P.subtract(BigInteger.ONE),
          new BigInteger("5fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16),
          new BigInteger("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7", 16));

  private Points() {}

  /**
   * Refuses an Ed25519 key that protects nothing.
   *
   * @param raw the 32 bytes of RFC 8032, section 5.1.2
   */
  static void refuseSmallOrder(byte[] raw) {
    byte[] bigEndian = new byte[32];
    for (int i = 0; i < 32; i++) {
      bigEndian[i] = raw[31 - i];
    }
    bigEndian[0] &= 0x7F;
    BigInteger y = new BigInteger(1, bigEndian);
    if (y.compareTo(P) >= 0 || SMALL_ORDER.contains(y)) {
      throw new IllegalArgumentException(
          "is a point of small order or not in canonical form: it protects nothing");
    }
  }

  /** Whether the key is a point of that curve (SP 800-186, 3.2.1); the JDK takes others too. */
  static boolean isOnCurve(ECPublicKey key, String curveName) {
    ECParameterSpec curve = curve(curveName);
    ECParameterSpec own = key.getParams();
    if (!own.getCurve().equals(curve.getCurve())
        || !own.getOrder().equals(curve.getOrder())
        || !own.getGenerator().equals(curve.getGenerator())) {
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
      throw new IllegalStateException("every JDK has the curve " + name, e);
    }
  }
}
