package dev.gatehouse.core.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DevelopmentTokensTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static final TenantId ACME = TenantId.of("acme");

  @TempDir Path folder;

  private static Authentication asked(DevelopmentTokens by, String token, Instant now) {
    return by.authenticator(InstantSource.fixed(now)).authenticate(token).result();
  }

  private static String issued(DevelopmentTokens by) {
    return by.issue("acme-c1", ACME, List.of("order:write"), Duration.ofMinutes(10), NOW);
  }

  private static String issuedIn(Path folder) {
    try {
      return issued(DevelopmentTokens.in(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void token_ofTheFolder_isThePrincipalThatItNames() throws IOException {
    String token = issued(DevelopmentTokens.in(folder));
    Authentication answer = asked(DevelopmentTokens.in(folder), token, NOW);
    assertThat(answer).isInstanceOf(Authentication.Proven.class);
    Principal principal = ((Authentication.Proven) answer).principal();
    assertThat(principal.id()).isEqualTo("acme-c1");
    assertThat(principal.tenant()).contains(ACME);
    assertThat(principal.scopes()).containsExactly("order:write");
    assertThat(principal.expiry()).contains(NOW.plusSeconds(605)); // five seconds of leeway
  }

  @Test
  void token_ofAnotherFolder_isRefused() throws IOException {
    String token = issued(DevelopmentTokens.in(folder.resolve("one")));
    DevelopmentTokens other = DevelopmentTokens.in(folder.resolve("other"));
    assertThat(asked(other, token, NOW)).isInstanceOf(Authentication.Refused.class);
  }

  @Test
  void token_pastItsLifetime_isRefused() throws IOException {
    DevelopmentTokens tokens = DevelopmentTokens.in(folder);
    String token = issued(tokens);
    assertThat(asked(tokens, token, NOW.plusSeconds(604)))
        .isInstanceOf(Authentication.Proven.class);
    assertThat(asked(tokens, token, NOW.plusSeconds(605)))
        .isInstanceOf(Authentication.Refused.class);
  }

  @Test
  void key_isReadByItsOwnerAlone_andNothingIsLeftBesideIt() throws IOException {
    DevelopmentTokens.in(folder);
    Path key = folder.resolve(DevelopmentTokens.FILE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    assertThat(folder.toFile().list()).containsExactly(DevelopmentTokens.FILE);
  }

  @Test
  void key_madeByManyAtOnce_isOne() {
    List<CompletableFuture<String>> made =
        IntStream.range(0, 32)
            .mapToObj(n -> CompletableFuture.supplyAsync(() -> issuedIn(folder)))
            .toList();
    assertThat(made.stream().map(CompletableFuture::join).distinct()).hasSize(1);
  }

  @Test
  void key_thatIsNoKey_isRefusedWithTheRemedy() throws IOException {
    Files.writeString(folder.resolve(DevelopmentTokens.FILE), "short");
    assertThatThrownBy(() -> DevelopmentTokens.in(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("remove it");
  }

  @Test
  void token_thatWouldSayWhatWasNotMeant_isNotIssued() throws IOException {
    DevelopmentTokens tokens = DevelopmentTokens.in(folder);
    Duration hour = Duration.ofHours(1);
    assertThatThrownBy(() -> tokens.issue(" ", ACME, List.of(), hour, NOW))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tokens.issue("a", ACME, List.of("two words"), hour, NOW))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tokens.issue("a", ACME, List.of(), Duration.ofDays(2), NOW))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
