package dev.gatehouse.testkit;

import dev.gatehouse.webhook.scheme.KeyRule;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/** Key pairs made for one run, in the texts in which schemes take them. */
final class KeyPairs {
  private KeyPairs() {}

  /** The two halves as texts. */
  record Texts(String privateKey, String publicKey) {}

  /** RSA with 2048 bits, in PEM. */
  static Texts rsa() {
    return pem(pair("RSA"));
  }

  /** ECDSA on P-256, in PEM. */
  static Texts p256() {
    return pem(pair("EC"));
  }

  /** Ed25519 as the rule writes it: the seed and the 32 bytes of the public key. */
  static Texts ed25519(KeyRule rule) {
    KeyPair pair = pair("Ed25519");
    return new Texts(
        rule.signingPrefix() + rule.form().encode(last32(pair.getPrivate().getEncoded())),
        rule.prefix() + rule.form().encode(last32(pair.getPublic().getEncoded())));
  }

  private static byte[] last32(byte[] der) {
    return Arrays.copyOfRange(der, der.length - 32, der.length);
  }

  private static KeyPair pair(String kind) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      if (kind.equals("RSA")) {
        generator.initialize(2048);
      } else if (kind.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Texts pem(KeyPair pair) {
    return new Texts(
        pem("PRIVATE KEY", pair.getPrivate().getEncoded()),
        pem("PUBLIC KEY", pair.getPublic().getEncoded()));
  }

  private static String pem(String label, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
  }
}
