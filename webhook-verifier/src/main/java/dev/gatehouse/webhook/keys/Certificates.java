package dev.gatehouse.webhook.keys;

import dev.gatehouse.webhook.scheme.KeyLocation;
import dev.gatehouse.webhook.scheme.PublicKeys;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Takes the key out of an X.509 certificate (RFC 5280) only if it was issued for the right name, is
 * for signatures, and comes from somebody who is trusted. Blocks: not for an event loop.
 *
 * <p>The dates are not judged here but travel with the key, so that a request under a certificate
 * that has expired is told from one under a key that never was.
 */
final class Certificates {
  private static final Pattern PEM =
      Pattern.compile(
          "-----BEGIN CERTIFICATE-----\\r?\\n[A-Za-z0-9+/=\\r\\n]+-----END CERTIFICATE-----");
  private static final int MAX_CHAIN = 6;
  private static final int DNS_NAME = 2;

  private final List<String> subjects;
  private final boolean loneLeaf;
  private final List<X509Certificate> authorities;

  /**
   * Rules.
   *
   * @param authorities who may issue them; empty for whom this JVM trusts
   */
  Certificates(KeyLocation.Certificate location, List<X509Certificate> authorities) {
    this.subjects = location.subjects();
    this.loneLeaf = location.loneLeaf() && authorities.isEmpty();
    this.authorities = authorities;
  }

  /**
   * The key of a document's first certificate; the others are its issuers.
   *
   * @throws IllegalArgumentException if it is refused
   */
  PublishedKey keyOf(byte[] document, Instant now) {
    List<X509Certificate> chain = parse(document);
    X509Certificate leaf = chain.get(0);
    require(namesOf(leaf).stream().anyMatch(subjects::contains), "is of another subject");
    boolean[] usage = leaf.getKeyUsage();
    require(usage == null || usage[0], "is not for signatures");
    require(leaf.getBasicConstraints() < 0, "is that of an authority");
    if (!(loneLeaf && chain.size() == 1)) {
      checkChain(chain, now);
    }
    return published(leaf);
  }

  /** The key of a certificate that an operator configured, who vouches for it. */
  static PublishedKey configured(String pem) {
    PublishedKey key = published(parse(pem.getBytes(StandardCharsets.UTF_8)).get(0));
    return new PublishedKey("certificate", key.key(), "", key.notBefore(), key.notAfter());
  }

  static PublishedKey published(X509Certificate certificate) {
    return new PublishedKey(
        "x509:" + fingerprint(certificate),
        PublicKeys.checked(certificate.getPublicKey()),
        "",
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant());
  }

  static List<X509Certificate> parse(byte[] document) {
    Matcher blocks = PEM.matcher(new String(document, StandardCharsets.ISO_8859_1));
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      while (blocks.find() && chain.size() < MAX_CHAIN) {
        byte[] block = blocks.group().getBytes(StandardCharsets.ISO_8859_1);
        chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block)));
      }
    } catch (CertificateException e) {
      throw new IllegalArgumentException("is not a certificate", e);
    }
    require(!chain.isEmpty(), "is not a certificate in PEM");
    return chain;
  }

  private static Set<String> namesOf(X509Certificate leaf) {
    Set<String> names = new HashSet<>();
    try {
      new LdapName(leaf.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
              .forEach(rdn -> names.add(String.valueOf(rdn.getValue()).toLowerCase(Locale.ROOT)));
      Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
      for (List<?> name : alternatives == null ? List.<List<?>>of() : alternatives) {
        if (name.get(0) instanceof Integer kind && kind == DNS_NAME) {
          names.add(String.valueOf(name.get(1)).toLowerCase(Locale.ROOT));
        }
      }
      return names;
    } catch (InvalidNameException | CertificateException e) {
      throw new IllegalArgumentException("has a subject that cannot be read", e);
    }
  }

  // The dates of the leaf are told to the caller; the chain is judged at a moment within them.
  private void checkChain(List<X509Certificate> chain, Instant now) {
    X509Certificate leaf = chain.get(0);
    Instant from = leaf.getNotBefore().toInstant();
    Instant until = leaf.getNotAfter().toInstant();
    Instant at = now.isBefore(from) ? from : now.isAfter(until) ? until : now;
    Set<TrustAnchor> anchors = anchors();
    List<X509Certificate> path = new ArrayList<>(chain);
    path.removeIf(c -> path.size() > 1 && isAnchor(c, anchors));
    try {
      PKIXParameters parameters = new PKIXParameters(anchors);
      // Asking for revocation would call out to addresses that the certificate names.
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(at));
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    } catch (CertPathValidatorException e) {
      throw new IllegalArgumentException("comes from nobody who is trusted", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("has a chain that cannot be checked", e);
    }
  }

  private static boolean isAnchor(X509Certificate certificate, Set<TrustAnchor> anchors) {
    return anchors.stream().anyMatch(a -> certificate.equals(a.getTrustedCert()));
  }

  private Set<TrustAnchor> anchors() {
    List<X509Certificate> trusted = authorities.isEmpty() ? ofThisJvm() : authorities;
    Set<TrustAnchor> anchors = new HashSet<>();
    trusted.forEach(authority -> anchors.add(new TrustAnchor(authority, null)));
    return anchors;
  }

  private static List<X509Certificate> ofThisJvm() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((@Nullable KeyStore) null);
      List<X509Certificate> issuers = new ArrayList<>();
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager x509) {
          issuers.addAll(Arrays.asList(x509.getAcceptedIssuers()));
        }
      }
      return issuers;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM's trust store cannot be read", e);
    }
  }

  private static String fingerprint(X509Certificate certificate) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("is not a certificate", e);
    }
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
