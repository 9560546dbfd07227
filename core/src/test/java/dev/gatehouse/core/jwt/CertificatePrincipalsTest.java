package dev.gatehouse.core.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificatePrincipalsTest {
  private static final Instant NOW = InstantSource.system().instant();
  private static final String PREFIX = "spiffe://example.org/";

  @TempDir private Path folder;
  private int made;

  private final CertificatePrincipals principals =
      CertificatePrincipals.create(
          PREFIX,
          name ->
              name.equals("billing")
                  ? Optional.of(
                      new CertificatePrincipals.Service(Set.of("order:read"), TenantId.of("acme")))
                  : Optional.empty(),
          InstantSource.fixed(NOW));

  /** As the JDK's keytool makes one. */
  private X509Certificate certificate(String... more) {
    try {
      Path store = folder.resolve(made++ + ".p12");
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "a",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=spiffe://example.org/billing",
                  "-storepass",
                  "changeit",
                  "-keystore",
                  store.toString()));
      command.addAll(List.of(more));
      if (!command.contains("-startdate")) {
        command.addAll(List.of("-startdate", "-1d"));
      }
      Process made = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(made.waitFor()).as(said).isZero();
      KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
      return (X509Certificate) keys.getCertificate("a");
    } catch (IOException | GeneralSecurityException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String code(X509Certificate certificate) {
    return ((Authentication.Refused) principals.judge(certificate)).reason().code();
  }

  @Test
  void certificate_thatNamesAKnownService_isItsPrincipal() {
    X509Certificate certificate = certificate("-ext", "san=uri:" + PREFIX + "billing");
    Principal principal = ((Authentication.Proven) principals.judge(certificate)).principal();
    assertThat(principal.toString()).isEqualTo("Principal[SERVICE billing of acme]");
    assertThat(principal.scopes()).containsExactly("order:read");
    assertThat(principal.expiry()).contains(certificate.getNotAfter().toInstant());
  }

  @Test
  void certificate_thatNamesAnybodyElse_isRefused() {
    // the common name says the right thing, and counts for nothing
    assertThat(code(certificate())).isEqualTo("wrong_certificate_name");
    assertThat(code(certificate("-ext", "san=dns:billing"))).isEqualTo("wrong_certificate_name");
    assertThat(code(certificate("-ext", "san=uri:spiffe://example.org.evil/billing")))
        .isEqualTo("wrong_certificate_name");
    String two = "san=uri:" + PREFIX + "billing,uri:" + PREFIX + "other";
    assertThat(code(certificate("-ext", two))).isEqualTo("wrong_certificate_name");
    assertThat(code(certificate("-ext", "san=uri:" + PREFIX + "unknown")))
        .isEqualTo("unknown_service");
    assertThat(code(certificate("-ext", "san=uri:" + PREFIX))).isEqualTo("unknown_service");
  }

  @Test
  void certificate_outOfItsTimeOrForServers_isRefused() {
    String name = "san=uri:" + PREFIX + "billing";
    assertThat(code(certificate("-ext", name, "-startdate", "-10d", "-validity", "5")))
        .isEqualTo("certificate_out_of_time");
    assertThat(code(certificate("-ext", name, "-startdate", "+2d", "-validity", "5")))
        .isEqualTo("certificate_out_of_time");
    assertThat(code(certificate("-ext", name, "-ext", "eku=serverAuth")))
        .isEqualTo("certificate_not_for_clients");
    assertThat(principals.judge(certificate("-ext", name, "-ext", "eku=clientAuth")))
        .isInstanceOf(Authentication.Proven.class);
  }

  @Test
  void session_withoutACertificate_saysNothing() {
    assertThat(principals.authenticate(null)).isEmpty();
  }

  @Test
  void prefix_withoutItsSlash_isRefused() {
    assertThatThrownBy(
            () ->
                CertificatePrincipals.create(
                    "spiffe://example.org", name -> Optional.empty(), InstantSource.fixed(NOW)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
