package dev.gatehouse.webhook.keys;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.security.auth.x500.X500Principal;

/** A certificate authority for tests: the JDK reads certificates, and makes none. */
public final class LocalAuthority {
  private static final byte[] SHA256_WITH_RSA =
      sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b), tlv(0x05));
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** A key and its certificate. */
  public record Issued(KeyPair pair, X509Certificate certificate) {
    /** The certificate in PEM. */
    public String pem() {
      return LocalAuthority.pem("CERTIFICATE", encoded(certificate));
    }

    /** The private key in PEM. */
    public String keyPem() {
      return LocalAuthority.pem("PRIVATE KEY", pair.getPrivate().getEncoded());
    }
  }

  private final Issued own;

  /** An authority of that name, valid from 2020 to 2049. */
  public LocalAuthority(String name) {
    KeyPair pair = rsa();
    this.own =
        new Issued(
            pair,
            make(pair, name, pair.getPrivate(), name, List.of(), time(2020), time(2049), true));
  }

  private static Instant time(int year) {
    return Instant.parse(year + "-01-01T00:00:00Z");
  }

  /** Its own certificate. */
  public X509Certificate certificate() {
    return own.certificate();
  }

  /** Its own certificate in PEM. */
  public String pem() {
    return own.pem();
  }

  /** A certificate for names, valid from 2020 to 2049; the first is the common name. */
  public Issued issue(String... names) {
    return issue(time(2020), time(2049), names);
  }

  /** A certificate for names, valid in that time; the first is the common name. */
  public Issued issue(Instant from, Instant until, String... names) {
    KeyPair pair = rsa();
    X509Certificate certificate =
        make(
            pair,
            names[0],
            own.pair().getPrivate(),
            issuerName(),
            List.of(names),
            from,
            until,
            false);
    return new Issued(pair, certificate);
  }

  private String issuerName() {
    return own.certificate().getSubjectX500Principal().getName().substring(3);
  }

  /** A new RSA key of 2048 bits. */
  public static KeyPair rsa() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A PEM block. */
  public static String pem(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate make(
      KeyPair pair,
      String name,
      PrivateKey issuerKey,
      String issuer,
      List<String> alternatives,
      Instant from,
      Instant until,
      boolean authority) {
    byte[] tbs =
        sequence(
            tlv(0xa0, integer(BigInteger.TWO)),
            integer(new BigInteger(1, pair.getPublic().getEncoded()).mod(BigInteger.TEN.pow(18))),
            SHA256_WITH_RSA,
            new X500Principal("CN=" + issuer).getEncoded(),
            sequence(generalized(from), generalized(until)),
            new X500Principal("CN=" + name).getEncoded(),
            pair.getPublic().getEncoded(),
            tlv(0xa3, extensions(alternatives, authority)));
    try {
      Signature signer = Signature.getInstance("SHA256withRSA");
      signer.initSign(issuerKey);
      signer.update(tbs);
      byte[] der = sequence(tbs, SHA256_WITH_RSA, bits(signer.sign()));
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] extensions(List<String> alternatives, boolean authority) {
    byte[] constraints = authority ? sequence(tlv(0x01, new byte[] {-1})) : sequence();
    byte[] basic = sequence(oid(0x55, 0x1d, 0x13), tlv(0x01, new byte[] {-1}), octets(constraints));
    byte[] usage =
        sequence(
            oid(0x55, 0x1d, 0x0f),
            octets(tlv(0x03, authority ? new byte[] {1, 0x06} : new byte[] {7, (byte) 0x80})));
    if (alternatives.isEmpty()) {
      return sequence(basic, usage);
    }
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    for (String alternative : alternatives) {
      names.writeBytes(tlv(0x82, alternative.getBytes(StandardCharsets.US_ASCII)));
    }
    byte[] san = sequence(oid(0x55, 0x1d, 0x11), octets(tlv(0x30, names.toByteArray())));
    return sequence(basic, usage, san);
  }

  // --- DER (X.690)

  private static byte[] tlv(int tag, byte[]... contents) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] content : contents) {
      all.writeBytes(content);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = all.size();
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) {
      out.write(0x81);
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    }
    out.writeBytes(all.toByteArray());
    return out.toByteArray();
  }

  private static byte[] sequence(byte[]... contents) {
    return tlv(0x30, contents);
  }

  private static byte[] integer(BigInteger value) {
    return tlv(0x02, value.toByteArray());
  }

  private static byte[] octets(byte[] content) {
    return tlv(0x04, content);
  }

  private static byte[] bits(byte[] content) {
    return tlv(0x03, new byte[] {0}, content);
  }

  private static byte[] generalized(Instant time) {
    return tlv(0x18, TIME.format(time).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] oid(int... bytes) {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return tlv(0x06, content);
  }
}
