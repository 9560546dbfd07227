package dev.gatehouse.webhook.scheme;

import dev.gatehouse.core.Secret;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/**
 * A certificate that an operator configured instead of letting one be fetched: it is believed
 * because it was configured, and only for as long as it is valid.
 */
public final class Certificates {
  private Certificates() {}

  /**
   * A certificate as a secret that is valid for as long as the certificate is.
   *
   * @param id the secret's id
   * @param pem the certificate, in PEM (RFC 7468)
   * @throws IllegalArgumentException if it is none; the message ends a sentence that names it
   */
  public static Secret secret(String id, String pem) {
    X509Certificate certificate = read(pem);
    return Secret.of(id, pem)
        .validBetween(
            certificate.getNotBefore().toInstant(),
            certificate.getNotAfter().toInstant().plusSeconds(1));
  }

  static X509Certificate read(String pem) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(pem.strip().getBytes(StandardCharsets.US_ASCII)));
    } catch (CertificateException e) {
      throw new IllegalArgumentException("is not an X.509 certificate in PEM: copy it again", e);
    }
  }
}
