package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.Secret;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** A secret in the form in which an acceptance of a scheme uses it. */
public sealed interface SchemeKey {
  /** Bytes that both sides hold: a MAC's key or a token. */
  final class Shared implements SchemeKey {
    private final byte[] bytes;

    private Shared(byte[] bytes) {
      this.bytes = bytes;
    }

    /** A copy of the bytes. */
    public byte[] revealBytes() {
      return bytes.clone();
    }

    @Override
    public String toString() {
      return "SchemeKey[redacted]";
    }
  }

  /** A public key. */
  record Public(PublicKey key) implements SchemeKey {}

  /** A private key, for signing. */
  final class Private implements SchemeKey {
    private final PrivateKey key;

    private Private(PrivateKey key) {
      this.key = key;
    }

    /** The key. */
    public PrivateKey reveal() {
      return key;
    }

    @Override
    public String toString() {
      return "SchemeKey[redacted]";
    }
  }

  /**
   * The positions of the acceptances that use a secret: those whose prefix marks it, else those
   * that need no mark.
   *
   * @throws IllegalArgumentException if none can use it
   */
  static List<Integer> acceptancesFor(Scheme scheme, Secret secret) {
    String text = secret.revealText();
    List<Integer> marked = new ArrayList<>();
    List<Integer> unmarked = new ArrayList<>();
    for (int i = 0; i < scheme.accepts().size(); i++) {
      KeyRule rule = scheme.accepts().get(i).key();
      if (rule.claims(text)) {
        marked.add(i);
      } else if (!rule.prefixRequired()) {
        unmarked.add(i);
      }
      if (rule.claimsForSigning(text)) {
        throw refused(secret, scheme, "is a private key: give the public key, " + rule.prefix());
      }
    }
    if (marked.isEmpty() && unmarked.isEmpty()) {
      throw refused(secret, scheme, "lacks its prefix: give the key as the sender shows it");
    }
    return marked.isEmpty() ? unmarked : marked;
  }

  /**
   * The key with which an acceptance verifies.
   *
   * @throws IllegalArgumentException if the secret is not in the scheme's key form; the message
   *     names its id
   */
  static SchemeKey forVerifying(Scheme scheme, Acceptance acceptance, Secret secret) {
    KeyRule rule = acceptance.key();
    try {
      byte[] bytes = rule.decode(secret.revealText(), rule.prefix());
      if (acceptance.algorithm().isPublicKey()) {
        return new Public(publicKey(acceptance.algorithm(), bytes));
      }
      rule.checkLength(bytes);
      if (isPublicKey(secret.revealText(), bytes)) {
        throw new IllegalArgumentException(
            "is a public key, and everybody could sign with it: give the secret that only the"
                + " sender knows, or the public key with its prefix");
      }
      return new Shared(bytes);
    } catch (IllegalArgumentException e) {
      throw refused(secret, scheme, String.valueOf(e.getMessage()));
    }
  }

  /**
   * The key with which an acceptance signs.
   *
   * @throws IllegalArgumentException if the secret is not such a key
   */
  static SchemeKey forSigning(Scheme scheme, Acceptance acceptance, Secret secret) {
    if (!acceptance.algorithm().isPublicKey()) {
      return forVerifying(scheme, acceptance, secret);
    }
    KeyRule rule = acceptance.key();
    try {
      byte[] bytes = rule.decode(secret.revealText(), rule.signingPrefix());
      return new Private(privateKey(acceptance.algorithm(), bytes));
    } catch (IllegalArgumentException e) {
      throw refused(secret, scheme, String.valueOf(e.getMessage()));
    }
  }

  private static IllegalArgumentException refused(Secret secret, Scheme scheme, String why) {
    return new IllegalArgumentException(
        "secret '" + secret.id() + "' of scheme " + scheme.name() + " " + why);
  }

  // What is known to all must not be what makes a MAC: the mix-up of RFC 8725, section 3.1.
  private static boolean isPublicKey(String text, byte[] bytes) {
    return text.contains("PUBLIC KEY-----")
        || text.contains("-----BEGIN CERTIFICATE-----")
        || Stream.of("Ed25519", "EC", "RSA").anyMatch(kind -> isPublicKeyOf(kind, bytes));
  }

  private static boolean isPublicKeyOf(String kind, byte[] bytes) {
    try {
      KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(bytes));
      return true;
    } catch (GeneralSecurityException notOfThisKind) {
      return false;
    }
  }

  private static PublicKey publicKey(Algorithm algorithm, byte[] bytes) {
    try {
      if (algorithm == Algorithm.ED25519) {
        byte[] raw = Ed25519Keys.rawPublicKey(bytes);
        PublicKey key =
            KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(Ed25519Keys.spki(raw)));
        // The JDK looks only here whether the point is on the curve.
        Signature.getInstance("Ed25519").initVerify(key);
        return key;
      }
      if (algorithm == Algorithm.RSA_SHA256 || algorithm == Algorithm.RSA_SHA512) {
        return PublicKeys.checked(
            KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(bytes)));
      }
      PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(bytes));
      if (!(key instanceof ECPublicKey ec) || !isOnP256(ec)) {
        throw new IllegalArgumentException("is not a key on the curve P-256");
      }
      return key;
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("is not a public key of the kind the scheme uses", e);
    }
  }

  // SP 800-186, 3.2.1.3; the JDK takes a point that is not on the curve.
  private static boolean isOnP256(ECPublicKey key) throws GeneralSecurityException {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec("secp256r1"));
    ECParameterSpec p256 = parameters.getParameterSpec(ECParameterSpec.class);
    ECParameterSpec own = key.getParams();
    if (!own.getCurve().equals(p256.getCurve()) || !own.getOrder().equals(p256.getOrder())) {
      return false;
    }
    BigInteger p = ((ECFieldFp) p256.getCurve().getField()).getP();
    BigInteger x = key.getW().getAffineX();
    BigInteger y = key.getW().getAffineY();
    BigInteger right = x.pow(3).add(p256.getCurve().getA().multiply(x)).add(p256.getCurve().getB());
    return x.signum() >= 0
        && y.signum() >= 0
        && x.compareTo(p) < 0
        && y.compareTo(p) < 0
        && y.pow(2).subtract(right).mod(p).signum() == 0;
  }

  private static PrivateKey privateKey(Algorithm algorithm, byte[] bytes) {
    try {
      if (algorithm == Algorithm.ED25519) {
        return KeyFactory.getInstance("Ed25519")
            .generatePrivate(new PKCS8EncodedKeySpec(Ed25519Keys.pkcs8(bytes)));
      }
      boolean rsa = algorithm == Algorithm.RSA_SHA256 || algorithm == Algorithm.RSA_SHA512;
      return KeyFactory.getInstance(rsa ? "RSA" : "EC")
          .generatePrivate(new PKCS8EncodedKeySpec(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "is not a private key of the kind the scheme uses: to sign, give the private key", e);
    }
  }

  /** The byte forms of Ed25519 keys (RFC 8032, RFC 8410). */
  final class Ed25519Keys {
    private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");
    private static final byte[] PKCS8 = HexFormat.of().parseHex("302e020100300506032b657004220420");
    private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    // The y coordinates of the points of order 1, 2, 4 and 8. Under such a key one signature fits
    // many messages, so whoever configures it has no protection at all.
    private static final List<BigInteger> SMALL_ORDER =
        List.of(
            BigInteger.ZERO,
            BigInteger.ONE,
            P.subtract(BigInteger.ONE),
            littleEndian("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            littleEndian("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));

    private Ed25519Keys() {}

    private static BigInteger littleEndian(String hex) {
      return y(HexFormat.of().parseHex(hex));
    }

    private static BigInteger y(byte[] littleEndian) {
      byte[] bigEndian = new byte[32];
      for (int i = 0; i < 32; i++) {
        bigEndian[i] = littleEndian[31 - i];
      }
      bigEndian[0] &= 0x7F;
      return new BigInteger(1, bigEndian);
    }

    static byte[] rawPublicKey(byte[] bytes) {
      byte[] raw = bytes;
      if (bytes.length == 44 && Arrays.equals(SPKI, Arrays.copyOf(bytes, SPKI.length))) {
        raw = Arrays.copyOfRange(bytes, SPKI.length, 44);
      }
      if (raw.length != 32) {
        throw new IllegalArgumentException(
            "has " + raw.length + " bytes; an Ed25519 public key has 32, or 44 as SPKI");
      }
      BigInteger y = y(raw);
      if (y.compareTo(P) >= 0 || SMALL_ORDER.contains(y)) {
        throw new IllegalArgumentException(
            "is a point of small order or not in canonical form: it protects nothing");
      }
      return raw;
    }

    static byte[] spki(byte[] raw) {
      return join(SPKI, raw);
    }

    // A seed, a seed followed by its public key (as whsk_ has it), or PKCS #8.
    static byte[] pkcs8(byte[] bytes) {
      return switch (bytes.length) {
        case 32, 64 -> join(PKCS8, Arrays.copyOf(bytes, 32));
        default -> bytes;
      };
    }

    private static byte[] join(byte[] head, byte[] tail) {
      byte[] joined = Arrays.copyOf(head, head.length + tail.length);
      System.arraycopy(tail, 0, joined, head.length, tail.length);
      return joined;
    }
  }
}
