package dev.gatehouse.webhook;

import static dev.gatehouse.webhook.Requests.verifier;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that would protect nothing, or are not what they seem, are refused when they are loaded. */
class KeyDecodingTest {
  @Test
  void publicKey_whereASecretBelongs_isRefused() throws Exception {
    PublicKey key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
    String spki = Base64.getEncoder().encodeToString(key.getEncoded());
    for (String text : new String[] {pem(key), spki, "whsec_" + spki}) {
      assertThatThrownBy(() -> verifier("standard-webhooks", text))
          .hasMessageContaining("is a public key")
          .hasMessageContaining("key-0")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain(spki));
    }
    assertThatThrownBy(() -> verifier("github", pem(key))).hasMessageContaining("is a public key");
  }

  @Test
  void publicKey_asPem_isTakenAndNothingLooserThanThat() throws Exception {
    PublicKey key = p256();
    String pem = pem(key);
    verifier("sendgrid", pem);
    verifier("sendgrid", pem.replace("\n", "\r\n"));
    for (String loose :
        new String[] {
          pem.replace("END PUBLIC", "END OTHER"),
          pem.replace("MFkw", "MF kw"),
          pem.replace("MFkw", "MF!kw"),
          pem.replace("MFkw", "-MFkw"),
          pem + pem,
        }) {
      assertThatThrownBy(() -> verifier("sendgrid", loose))
          .as(loose)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(bytes = {0, 1, 2, 3, 4, 5, 6, 7})
  void ed25519PublicKey_offTheCurve_isRefusedWhenItIsLoaded(byte last) throws Exception {
    byte[] raw = new byte[32];
    raw[0] = 7;
    raw[1] = last;
    String hex = java.util.HexFormat.of().formatHex(raw);
    boolean onCurve = isOnCurve(raw);
    if (onCurve) {
      verifier("discord", hex);
    } else {
      assertThatThrownBy(() -> verifier("discord", hex))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void ecPublicKey_offTheCurveOrOnAnother_isRefused() throws Exception {
    byte[] spki = p256().getEncoded();
    spki[60] ^= 1;
    assertThatThrownBy(() -> verifier("sendgrid", Base64.getEncoder().encodeToString(spki)))
        .isInstanceOf(IllegalArgumentException.class);
    KeyPairGenerator p384 = KeyPairGenerator.getInstance("EC");
    p384.initialize(new ECGenParameterSpec("secp384r1"));
    byte[] other = p384.generateKeyPair().getPublic().getEncoded();
    assertThatThrownBy(() -> verifier("sendgrid", Base64.getEncoder().encodeToString(other)))
        .hasMessageContaining("P-256");
  }

  // RFC 8032, 5.1.3: there is an x if (y^2 - 1) / (d y^2 + 1) is a square.
  private static boolean isOnCurve(byte[] littleEndian) {
    var p = java.math.BigInteger.TWO.pow(255).subtract(java.math.BigInteger.valueOf(19));
    byte[] bigEndian = new byte[32];
    for (int i = 0; i < 32; i++) {
      bigEndian[i] = littleEndian[31 - i];
    }
    var one = java.math.BigInteger.ONE;
    var y2 = new java.math.BigInteger(1, bigEndian).pow(2).mod(p);
    var d =
        java.math.BigInteger.valueOf(-121665)
            .multiply(java.math.BigInteger.valueOf(121666).modInverse(p));
    var x2 = y2.subtract(one).multiply(d.multiply(y2).add(one).modInverse(p)).mod(p);
    return x2.signum() == 0 || x2.modPow(p.subtract(one).shiftRight(1), p).equals(one);
  }

  private static PublicKey p256() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair().getPublic();
  }

  private static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }
}
