package dev.gatehouse.core.jwt;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens, right ones and wrong ones. */
final class Token {
  private final Map<String, String> header = new LinkedHashMap<>();
  private final Map<String, String> claims = new LinkedHashMap<>();

  Token() {
    header.put("typ", "\"JWT\"");
    claims.put("iss", "\"https://id.example\"");
    claims.put("aud", "\"orders\"");
    claims.put("sub", "\"ada\"");
    claims.put("exp", "1000100");
    claims.put("tenant", "\"acme\"");
  }

  /** A member of the header, its value as JSON; null for none. */
  Token header(String name, String json) {
    header.put(name, json);
    return this;
  }

  /** A claim, its value as JSON; null for none. */
  Token claim(String name, String json) {
    claims.put(name, json);
    return this;
  }

  private static String json(Map<String, String> members) {
    StringBuilder text = new StringBuilder("{");
    members.forEach(
        (name, value) -> {
          if (value != null) {
            text.append(text.length() == 1 ? "" : ",")
                .append('"')
                .append(name)
                .append("\":")
                .append(value);
          }
        });
    return text.append('}').toString();
  }

  static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  String unsigned() {
    return encode(json(header)) + "." + encode(json(claims));
  }

  String sign(JwtAlgorithm algorithm, PrivateKey key) {
    header.putIfAbsent("alg", "\"" + algorithm.spelling() + "\"");
    String signed = unsigned();
    try {
      Signature signer =
          switch (algorithm) {
            case RS256 -> Signature.getInstance("SHA256withRSA");
            case PS256 -> Signature.getInstance("RSASSA-PSS");
            case ES256 -> Signature.getInstance("SHA256withECDSAinP1363Format");
            case ES384 -> Signature.getInstance("SHA384withECDSAinP1363Format");
            default -> Signature.getInstance("Ed25519");
          };
      if (algorithm == JwtAlgorithm.PS256) {
        signer.setParameter(
            new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
      }
      signer.initSign(key);
      signer.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + encode(signer.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  String hmac(byte[] key) {
    header.putIfAbsent("alg", "\"HS256\"");
    String signed = unsigned();
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HMAC"));
      return signed + "." + encode(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static KeyPair pair(JwtAlgorithm algorithm) {
    try {
      KeyPairGenerator generator =
          switch (algorithm) {
            case RS256, PS256 -> KeyPairGenerator.getInstance("RSA");
            case ES256, ES384 -> KeyPairGenerator.getInstance("EC");
            default -> KeyPairGenerator.getInstance("Ed25519");
          };
      if (algorithm == JwtAlgorithm.ES256) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      } else if (algorithm == JwtAlgorithm.ES384) {
        generator.initialize(new ECGenParameterSpec("secp384r1"));
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** The public half as a JSON Web Key, with further members. */
  static String jwk(String kid, KeyPair pair, String more) {
    String parts;
    if (pair.getPublic() instanceof RSAPublicKey rsa) {
      parts =
          "\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\""
              .replace("%s", encode(positive(rsa.getModulus().toByteArray(), 256)));
    } else if (pair.getPublic() instanceof ECPublicKey ec) {
      int length = ec.getParams().getCurve().getField().getFieldSize() / 8;
      parts =
          "\"kty\":\"EC\",\"crv\":\"P-"
              + length * 8
              + "\",\"x\":\""
              + encode(positive(ec.getW().getAffineX().toByteArray(), length))
              + "\",\"y\":\""
              + encode(positive(ec.getW().getAffineY().toByteArray(), length))
              + "\"";
    } else {
      byte[] encoded = ((EdECPublicKey) pair.getPublic()).getEncoded();
      byte[] raw = java.util.Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
      parts = "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + encode(raw) + "\"";
    }
    return "{\"kid\":\"" + kid + "\"," + parts + more + "}";
  }

  static String set(String... keys) {
    return "{\"keys\":[" + String.join(",", keys) + "]}";
  }

  private static byte[] positive(byte[] number, int length) {
    byte[] exact = new byte[length];
    int from = Math.max(0, number.length - length);
    int count = number.length - from;
    System.arraycopy(number, from, exact, length - count, count);
    return exact;
  }
}
