package dev.gatehouse.core.jwt;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import java.security.cert.Certificate;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Principals of client certificates (mutual TLS), by the one URI in their subject alternative
 * names, such as {@code spiffe://example.org/billing}.
 *
 * <p>That a certificate's chain is trusted is for TLS to check: ask for client certificates ({@code
 * ClientAuth.REQUIRED} or {@code REQUEST}) with trust options that name your own authority, and
 * never with {@code trustAll}. Here it must be within its time, be for clients, and name exactly
 * one URI below the prefix. What stands in a subject's common name counts for nothing.
 */
public final class CertificatePrincipals {
  private static final String FOR_CLIENTS = "1.3.6.1.5.5.7.3.2";
  private static final int URI_NAME = 6;

  private final String prefix;
  private final Function<String, Optional<Service>> known;
  private final InstantSource clock;

  private CertificatePrincipals(
      String prefix, Function<String, Optional<Service>> known, InstantSource clock) {
    this.prefix = prefix;
    this.known = known;
    this.clock = clock;
  }

  /**
   * What a certificate's holder may do.
   *
   * @param scopes its scopes
   * @param tenant on whose behalf it acts; null for none
   */
  public record Service(Set<String> scopes, @Nullable TenantId tenant) {
    /** Copies the scopes. */
    public Service {
      scopes = Set.copyOf(scopes);
    }
  }

  /**
   * Principals of services.
   *
   * @param prefix what the URI must begin with, up to and with the last slash before the service's
   *     name; the rest is the principal's id
   * @param known which services there are, by their name; empty for one that is not known
   */
  public static CertificatePrincipals create(
      String prefix, Function<String, Optional<Service>> known, InstantSource clock) {
    if (!prefix.endsWith("/") || prefix.length() < 2) {
      throw new IllegalArgumentException("a prefix of names ends with a slash");
    }
    return new CertificatePrincipals(prefix, known, clock);
  }

  /** Whose this session is, or why nobody's; empty if its peer showed no certificate. */
  public Optional<Authentication> authenticate(@Nullable SSLSession session) {
    try {
      Certificate[] chain = session == null ? new Certificate[0] : session.getPeerCertificates();
      return chain.length == 0 ? Optional.empty() : Optional.of(judge(chain[0]));
    } catch (SSLPeerUnverifiedException noCertificate) {
      return Optional.empty();
    }
  }

  /** Whose this certificate is; its chain was verified before. */
  public Authentication judge(Certificate shown) {
    if (!(shown instanceof X509Certificate certificate)) {
      return refused("malformed_certificate");
    }
    try {
      certificate.checkValidity(Date.from(clock.instant()));
      List<String> purposes = certificate.getExtendedKeyUsage();
      if (purposes != null && !purposes.contains(FOR_CLIENTS)) {
        return refused("certificate_not_for_clients");
      }
      return named(certificate);
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      return refused("certificate_out_of_time");
    } catch (CertificateParsingException e) {
      return refused("malformed_certificate");
    }
  }

  private Authentication named(X509Certificate certificate) throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    List<String> uris =
        names == null
            ? List.of()
            : names.stream()
                .filter(name -> Integer.valueOf(URI_NAME).equals(name.get(0)))
                .map(name -> String.valueOf(name.get(1)))
                .toList();
    if (uris.size() != 1 || !uris.get(0).startsWith(prefix)) {
      return refused("wrong_certificate_name");
    }
    String id = uris.get(0).substring(prefix.length());
    Optional<Service> service = id.isBlank() ? Optional.empty() : known.apply(id);
    if (service.isEmpty()) {
      return refused("unknown_service");
    }
    Principal.Builder principal =
        Principal.vouchedBy("certificate", Principal.Kind.SERVICE, id)
            .scopes(service.get().scopes())
            .expiry(certificate.getNotAfter().toInstant());
    TenantId tenant = service.get().tenant();
    return Authentication.proven(
        tenant == null ? principal.build() : principal.tenant(tenant).build());
  }

  private static Authentication refused(String code) {
    return Authentication.refused(code, "the client certificate is not valid here");
  }
}
