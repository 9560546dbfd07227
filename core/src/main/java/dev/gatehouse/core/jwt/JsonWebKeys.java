package dev.gatehouse.core.jwt;

import dev.gatehouse.core.BoundedJson;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads key sets (RFC 7517) so that only public keys for signatures come out: RSA of 2048 to 8192
 * bits, EC on P-256 and P-384, Ed25519 without its points of small order.
 *
 * <p>Keys that can sign are refused wherever they come from, and so are two keys with one {@code
 * kid}: a token could mean either.
 */
final class JsonWebKeys {
  private static final int MAX_KEYS = 100;
  private static final int MAX_ID = 256;
  private static final BoundedJson JSON = BoundedJson.ofDepth(8);
  private static final List<String> SECRET_PARTS =
      List.of("d", "k", "p", "q", "dp", "dq", "qi", "oth");
  private static final BigInteger ED25519_FIELD =
      BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  // one of the two y of the points of order 8; the other is its negative
  private static final BigInteger ORDER_8 =
      new BigInteger("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826", 16);
  // the y of the points of order 1, 2, 4 and 8: under such a key anybody can sign
  private static final List<BigInteger> SMALL_ORDER =
      List.of(
          BigInteger.ZERO,
          BigInteger.ONE,
          ED25519_FIELD.subtract(BigInteger.ONE),
          ORDER_8,
          ED25519_FIELD.subtract(ORDER_8));

  private JsonWebKeys() {}

  /** All keys of a set, or an exception that says which is refused. */
  static List<VerificationKey> configured(byte[] document) {
    List<String> refused = new ArrayList<>();
    List<VerificationKey> keys = read(document, refused);
    if (!refused.isEmpty()) {
      throw new IllegalArgumentException("the key set " + refused.get(0));
    }
    return keys;
  }

  /** Those keys of a fetched set that are for us (RFC 7517 §5 has the others ignored). */
  static List<VerificationKey> published(byte[] document) {
    return read(document, new ArrayList<>());
  }

  private static List<VerificationKey> read(byte[] document, List<String> refused) {
    Map<String, ?> set =
        JSON.object(document)
            .orElseThrow(() -> new IllegalArgumentException("the key set is not a JSON object"));
    if (!(set.get("keys") instanceof List<?> list) || list.size() > MAX_KEYS) {
      throw new IllegalArgumentException(
          "the key set lacks keys, a list of at most " + MAX_KEYS + " of them");
    }
    List<VerificationKey> keys = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      try {
        keys.add(key(list.get(i)));
      } catch (IllegalArgumentException e) {
        refused.add("has keys[" + i + "], which " + e.getMessage());
      }
    }
    return distinct(keys, refused);
  }

  private static List<VerificationKey> distinct(List<VerificationKey> keys, List<String> refused) {
    Map<String, Integer> counts = new HashMap<>();
    keys.forEach(key -> counts.merge(key.id(), 1, Integer::sum));
    boolean twice = counts.entrySet().stream().anyMatch(e -> isTwice(e.getKey(), e.getValue()));
    if (twice) {
      refused.add("has two keys with one kid: give each its own");
    }
    return keys.stream()
        .filter(key -> !isTwice(key.id(), counts.getOrDefault(key.id(), 1)))
        .toList();
  }

  private static boolean isTwice(String id, int count) {
    return !id.isEmpty() && count > 1;
  }

  private static VerificationKey key(@Nullable Object tree) {
    if (!(tree instanceof Map<?, ?> jwk)) {
      throw new IllegalArgumentException("is not an object");
    }
    require(
        SECRET_PARTS.stream().noneMatch(jwk::containsKey),
        "holds a secret: a published key that can sign is no key");
    require(text(jwk, "use").orElse("sig").equals("sig"), "is not for signatures (use)");
    Object operations = jwk.get("key_ops");
    require(
        operations == null || (operations instanceof List<?> list && list.contains("verify")),
        "is not for verifying (key_ops)");
    String id = text(jwk, "kid").orElse("");
    require(id.length() <= MAX_ID, "has a kid of more than " + MAX_ID + " characters");
    Optional<String> named = text(jwk, "alg");
    Optional<JwtAlgorithm> only = named.flatMap(JwtAlgorithm::ofSpelling);
    require(named.isPresent() == only.isPresent(), "has an alg that is not supported");
    VerificationKey key = new VerificationKey(id, publicKey(jwk), only);
    require(only.map(key::fits).orElse(true), "has an alg that is for another kind of key");
    return key;
  }

  private static PublicKey publicKey(Map<?, ?> jwk) {
    String type = text(jwk, "kty").orElse("") + " " + text(jwk, "crv").orElse("");
    try {
      return switch (type) {
        case "RSA " -> rsa(number(jwk, "n"), number(jwk, "e"));
        case "EC P-256" -> ec(Curve.P_256, jwk);
        case "EC P-384" -> ec(Curve.P_384, jwk);
        case "OKP Ed25519" -> ed25519(bytes(jwk, "x"));
        default ->
            throw new IllegalArgumentException(
                "has a kty or crv that is not supported: RSA, EC with P-256 or P-384, OKP with"
                    + " Ed25519");
      };
    } catch (GeneralSecurityException | ArithmeticException e) {
      throw new IllegalArgumentException("is no public key", e);
    }
  }

  private static PublicKey rsa(BigInteger modulus, BigInteger exponent)
      throws GeneralSecurityException {
    int bits = modulus.bitLength();
    require(bits >= 2048 && bits <= 8192, "is an RSA key of less than 2048 or more than 8192 bits");
    require(
        exponent.testBit(0) && exponent.bitLength() >= 2 && exponent.bitLength() <= 33,
        "has an RSA exponent that protects nothing");
    return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
  }

  private static PublicKey ec(Curve curve, Map<?, ?> jwk) throws GeneralSecurityException {
    ECParameterSpec spec = curve.parameters();
    BigInteger x = coordinate(jwk, "x", curve.bytes());
    BigInteger y = coordinate(jwk, "y", curve.bytes());
    require(isOnCurve(spec, x, y), "is a point off its curve");
    return KeyFactory.getInstance("EC")
        .generatePublic(new ECPublicKeySpec(new ECPoint(x, y), spec));
  }

  private static boolean isOnCurve(ECParameterSpec spec, BigInteger x, BigInteger y) {
    BigInteger p = ((java.security.spec.ECFieldFp) spec.getCurve().getField()).getP();
    BigInteger right =
        x.pow(3).add(spec.getCurve().getA().multiply(x)).add(spec.getCurve().getB()).mod(p);
    return x.compareTo(p) < 0 && y.compareTo(p) < 0 && y.pow(2).mod(p).equals(right);
  }

  private static PublicKey ed25519(byte[] encoded) throws GeneralSecurityException {
    require(encoded.length == 32, "has an x of the wrong length");
    boolean odd = (encoded[31] & 0x80) != 0;
    byte[] big = new byte[32];
    for (int i = 0; i < big.length; i++) {
      big[i] = encoded[31 - i];
    }
    big[0] &= 0x7f;
    BigInteger y = new BigInteger(1, big);
    require(
        y.compareTo(ED25519_FIELD) < 0 && !SMALL_ORDER.contains(y),
        "is no point that could be a key");
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, new EdECPoint(odd, y)));
  }

  private static BigInteger number(Map<?, ?> jwk, String name) {
    return new BigInteger(1, bytes(jwk, name));
  }

  // RFC 7518, section 6.2.1.2: exactly the curve's length
  private static BigInteger coordinate(Map<?, ?> jwk, String name, int length) {
    byte[] bytes = bytes(jwk, name);
    require(bytes.length == length, "has a coordinate of the wrong length (" + name + ")");
    return new BigInteger(1, bytes);
  }

  private static byte[] bytes(Map<?, ?> jwk, String name) {
    return text(jwk, name)
        .filter(text -> !text.isEmpty())
        .flatMap(Base64Url::decode)
        .orElseThrow(
            () -> new IllegalArgumentException("lacks " + name + " in base64url without padding"));
  }

  private static Optional<String> text(Map<?, ?> jwk, String name) {
    Object value = jwk.get(name);
    require(value == null || value instanceof String, "has a " + name + " that is no text");
    return Optional.ofNullable((String) value);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
