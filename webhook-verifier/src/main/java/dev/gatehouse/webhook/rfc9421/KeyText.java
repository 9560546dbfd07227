package dev.gatehouse.webhook.rfc9421;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A key's text taken apart: what it is by its form, before anything is believed of it. */
final class KeyText {
  // RFC 7468, strict: one block, and nothing in it but base64 and line ends.
  private static final Pattern PEM =
      Pattern.compile(
          "-----BEGIN ([A-Z ]+)-----\\r?\\n([A-Za-z0-9+/=\\r\\n]+)-----END ([A-Z ]+)-----");
  private static final List<String> KINDS = List.of("Ed25519", "EC", "RSA", "RSASSA-PSS");
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] RAW_ED25519 = HEX.parseHex("302a300506032b6570032100");
  private static final byte[] RAW_ED25519_PRIVATE =
      HEX.parseHex("302e020100300506032b657004220420");
  private static final byte[] RSA_OID = HEX.parseHex("300d06092a864886f70d0101010500");
  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;

  private final String text;
  private final String pemLabel;
  private final byte @Nullable [] bytes;
  private final @Nullable PublicKey publicKey;

  private KeyText(String text, String pemLabel, byte @Nullable [] bytes) {
    this.text = text;
    this.pemLabel = pemLabel;
    this.bytes = bytes;
    this.publicKey = bytes == null ? null : anyPublicKey(bytes);
  }

  static KeyText of(String text, boolean textSecret) {
    if (!text.startsWith("-----BEGIN ")) {
      return new KeyText(text, "", StrictBase64.decode(textSecret ? text.strip() : text));
    }
    Matcher pem = PEM.matcher(text.strip());
    if (!pem.matches() || !pem.group(1).equals(pem.group(3))) {
      throw new IllegalArgumentException("is not one whole PEM block: copy it again");
    }
    byte[] bytes = StrictBase64.decode(pem.group(2).replaceAll("[\r\n]", ""));
    if (bytes == null) {
      throw new IllegalArgumentException("is PEM whose base64 is broken: copy it again");
    }
    boolean pkcs1 = pem.group(1).equals("RSA PUBLIC KEY");
    return new KeyText(text, pem.group(1), pkcs1 ? inSpki(bytes) : bytes);
  }

  // PKCS #1 inside of SubjectPublicKeyInfo (RFC 3279, section 2.3.1), which is all the JDK reads.
  private static byte[] inSpki(byte[] pkcs1) {
    byte[] bits = tagged(0x03, ByteBuffer.allocate(pkcs1.length + 1).put(1, pkcs1).array());
    byte[] both = Arrays.copyOf(RSA_OID, RSA_OID.length + bits.length);
    System.arraycopy(bits, 0, both, RSA_OID.length, bits.length);
    return tagged(0x30, both);
  }

  private static byte[] tagged(int tag, byte[] content) {
    int length = content.length;
    byte[] head =
        length < 0x80
            ? new byte[] {(byte) tag, (byte) length}
            : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    byte[] all = Arrays.copyOf(head, head.length + length);
    System.arraycopy(content, 0, all, head.length, length);
    return all;
  }

  private static @Nullable PublicKey anyPublicKey(byte[] spki) {
    for (String kind : KINDS) {
      PublicKey key = publicKeyOf(kind, spki);
      if (key != null) {
        return key;
      }
    }
    return null;
  }

  private static @Nullable PublicKey publicKeyOf(String kind, byte[] spki) {
    try {
      return KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(spki));
    } catch (GeneralSecurityException notOfThisKind) {
      return null;
    }
  }

  /** The algorithm that the form says, for verifying. */
  MessageAlgorithm algorithm() {
    refusePrivate();
    if (publicKey == null && pemLabel.isEmpty()) {
      return MessageAlgorithm.HMAC_SHA256;
    }
    if (publicKey == null) {
      throw new IllegalArgumentException("is PEM but no public key: give the public key");
    }
    if (pemLabel.equals("RSA PUBLIC KEY")) {
      return MessageAlgorithm.RSA_V1_5_SHA256;
    }
    int fieldSize = publicKey instanceof ECPublicKey ec ? fieldSize(ec) : 0;
    return algorithmOf(publicKey.getAlgorithm(), fieldSize);
  }

  private static int fieldSize(java.security.interfaces.ECKey key) {
    return key.getParams().getCurve().getField().getFieldSize();
  }

  private static MessageAlgorithm algorithmOf(String kind, int fieldSize) {
    return switch (kind) {
      case "RSA", "RSASSA-PSS" -> MessageAlgorithm.RSA_PSS_SHA512;
      case "EC" ->
          fieldSize == 384
              ? MessageAlgorithm.ECDSA_P384_SHA384
              : MessageAlgorithm.ECDSA_P256_SHA256;
      default -> MessageAlgorithm.ED25519;
    };
  }

  private void refusePrivate() {
    if (pemLabel.endsWith("PRIVATE KEY")) {
      throw new IllegalArgumentException(
          "is a private key: give the public key that belongs to it");
    }
  }

  /** The shared secret. */
  byte[] secret(boolean asText) {
    if (publicKey != null || !pemLabel.isEmpty()) {
      throw new IllegalArgumentException(
          "is a public or private key, and hmac-sha256 wants a secret that both sides hold:"
              + " everybody could sign with a public key");
    }
    byte[] secret = asText ? text.getBytes(StandardCharsets.UTF_8) : bytes;
    if (secret == null) {
      throw new IllegalArgumentException(
          "is neither PEM nor base64 with padding: copy it again from the sender");
    }
    int all = 0;
    for (byte b : secret) {
      all |= b;
    }
    if (all == 0) {
      throw new IllegalArgumentException("is empty or all zero bytes: it protects nothing");
    }
    return secret;
  }

  /** The public key, fit for that algorithm. */
  PublicKey publicKey(MessageAlgorithm algorithm) {
    refusePrivate();
    PublicKey key = publicKey;
    byte[] raw = algorithm == MessageAlgorithm.ED25519 ? rawEd25519() : null;
    if (raw != null) {
      key = anyPublicKey(joined(RAW_ED25519, raw));
    }
    if (key == null || !isOfKind(key, algorithm)) {
      throw new IllegalArgumentException(
          "is no public key for " + algorithm.label() + ": give one, or configure its algorithm");
    }
    return key;
  }

  private byte @Nullable [] rawEd25519() {
    return bytes != null && bytes.length == 32 && pemLabel.isEmpty() ? bytes : null;
  }

  private static boolean isOfKind(PublicKey key, MessageAlgorithm algorithm) {
    if (key instanceof RSAKey rsa) {
      checkRsa(rsa);
      // A key whose own form says PSS is for nothing else (RFC 4055, section 1.2).
      return algorithm == MessageAlgorithm.RSA_PSS_SHA512
          || (algorithm == MessageAlgorithm.RSA_V1_5_SHA256 && key.getAlgorithm().equals("RSA"));
    }
    if (key instanceof ECPublicKey ec) {
      return algorithm.keyKind().startsWith("secp") && Points.isOnCurve(ec, algorithm.keyKind());
    }
    return algorithm == MessageAlgorithm.ED25519 && isSafeEd25519(key);
  }

  private static void checkRsa(RSAKey key) {
    int bits = key.getModulus().bitLength();
    if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
      throw new IllegalArgumentException(
          "has " + bits + " bits; RSA needs " + MIN_RSA_BITS + " to " + MAX_RSA_BITS);
    }
    if (key instanceof java.security.interfaces.RSAPublicKey open
        && (open.getPublicExponent().compareTo(BigInteger.valueOf(3)) < 0
            || !open.getPublicExponent().testBit(0))) {
      throw new IllegalArgumentException("has an exponent with which anybody could sign");
    }
  }

  private static boolean isSafeEd25519(PublicKey key) {
    byte[] spki = key.getEncoded();
    Points.refuseSmallOrder(Arrays.copyOfRange(spki, spki.length - 32, spki.length));
    try {
      // The JDK looks only here whether the point is on the curve.
      Signature.getInstance("Ed25519").initVerify(key);
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** The algorithm that the form says, for signing. */
  MessageAlgorithm signingAlgorithm() {
    PrivateKey key = anyPrivateKey();
    if (key == null) {
      return MessageAlgorithm.HMAC_SHA256;
    }
    return algorithmOf(kind(key), key instanceof ECPrivateKey ec ? fieldSize(ec) : 0);
  }

  private static String kind(PrivateKey key) {
    return key.getAlgorithm();
  }

  /** The private key, fit for that algorithm. */
  PrivateKey privateKey(MessageAlgorithm algorithm) {
    PrivateKey key = anyPrivateKey();
    byte[] raw = algorithm == MessageAlgorithm.ED25519 ? rawEd25519() : null;
    if (raw != null) {
      key = privateKeyOf(joined(RAW_ED25519_PRIVATE, raw));
    }
    MessageAlgorithm own =
        key == null
            ? null
            : algorithmOf(kind(key), key instanceof ECPrivateKey ec ? fieldSize(ec) : 0);
    boolean rsa = own == MessageAlgorithm.RSA_PSS_SHA512 && algorithm.keyKind().equals("RSA");
    if (key == null || (own != algorithm && !rsa)) {
      throw new IllegalArgumentException(
          "is no private key for " + algorithm.label() + ": to sign, give it in PKCS #8");
    }
    return key;
  }

  private @Nullable PrivateKey anyPrivateKey() {
    return bytes == null ? null : privateKeyOf(bytes);
  }

  private static @Nullable PrivateKey privateKeyOf(byte[] pkcs8) {
    for (String kind : KINDS) {
      PrivateKey key = privateKeyOf(kind, pkcs8);
      if (key != null) {
        return key;
      }
    }
    return null;
  }

  private static @Nullable PrivateKey privateKeyOf(String kind, byte[] pkcs8) {
    try {
      return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (GeneralSecurityException notOfThisKind) {
      return null;
    }
  }

  private static byte[] joined(byte[] head, byte[] tail) {
    byte[] joined = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, joined, head.length, tail.length);
    return joined;
  }
}
