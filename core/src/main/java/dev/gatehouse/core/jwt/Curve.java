package dev.gatehouse.core.jwt;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;

/** An elliptic curve that keys for ECDSA may be on (RFC 7518 §3.4). */
final class Curve {
  static final Curve P_256 = new Curve("secp256r1");
  static final Curve P_384 = new Curve("secp384r1");

  private final ECParameterSpec parameters;

  private Curve(String name) {
    try {
      AlgorithmParameters known = AlgorithmParameters.getInstance("EC");
      known.init(new ECGenParameterSpec(name));
      this.parameters = known.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + name, e);
    }
  }

  ECParameterSpec parameters() {
    return parameters;
  }

  /** How long a coordinate is. */
  int bytes() {
    return parameters.getCurve().getField().getFieldSize() / Byte.SIZE;
  }

  /**
   * Whether these are its parameters, however they are called: there are other curves over fields
   * of its size, such as secp256k1.
   */
  boolean has(ECParameterSpec others) {
    return parameters.getCurve().getField().equals(others.getCurve().getField())
        && parameters.getCurve().getA().equals(others.getCurve().getA())
        && parameters.getCurve().getB().equals(others.getCurve().getB())
        && parameters.getGenerator().equals(others.getGenerator())
        && parameters.getOrder().equals(others.getOrder())
        && parameters.getCofactor() == others.getCofactor();
  }
}
