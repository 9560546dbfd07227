package dev.gatehouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.jwt.DevelopmentTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TokenTest {
  private static final String NOW = "2026-11-27T12:00:00Z";

  @TempDir Path home;

  private CommandRun.Ended token(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "token";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return new CommandRun().env("GATEHOUSE_HOME", home.toString()).at(NOW).run(all);
  }

  @Test
  void token_isThePrincipalThatWasAskedFor_whereTheSamplesLook() throws IOException {
    CommandRun.Ended ended =
        token("--subject", "acme-c1", "--tenant", "acme", "--scope", "a b", "--ttl", "30s");
    assertThat(ended.status()).isZero();
    assertThat(ended.lines()).hasSize(1);
    assertThat(ended.err()).isEmpty();
    Authentication answer =
        DevelopmentTokens.in(home.resolve("gatehouse-data"))
            .authenticator(InstantSource.fixed(Instant.parse(NOW)))
            .authenticate(ended.lines().get(0))
            .result();
    Principal principal = ((Authentication.Proven) answer).principal();
    assertThat(principal.id()).isEqualTo("acme-c1");
    assertThat(principal.scopes()).containsExactlyInAnyOrder("a", "b");
    assertThat(principal.expiry()).contains(Instant.parse(NOW).plusSeconds(35));
  }

  @ParameterizedTest
  @CsvSource({
    "--tenant, 'acme.x'",
    "--tenant, ''",
    "--tenant, '*'",
    "--subject, ' '",
    "--ttl, '0s'",
    "--ttl, '2d'",
    "--ttl, 'soon'",
    "--scope, 'a\"b'"
  })
  void mistake_isNamedByItsOption_andNothingIsMade(String option, String value) {
    String subject = option.equals("--subject") ? value : "acme-c1";
    String tenant = option.equals("--tenant") ? value : "acme";
    String lifetime = option.equals("--ttl") ? value : "10m";
    String scope = option.equals("--scope") ? value : "";
    CommandRun.Ended ended =
        token("--subject", subject, "--tenant", tenant, "--ttl", lifetime, "--scope", scope);
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.errors()).singleElement().asString().startsWith(option + ": ");
    assertThat(home.resolve("gatehouse-data")).doesNotExist();
  }

  @Test
  void missingTenant_isNamed() {
    CommandRun.Ended ended = token("--subject", "acme-c1");
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).contains("--tenant");
  }

  @Test
  void keyThatCannotBeRead_isToldWithTheRemedy() throws IOException {
    Files.writeString(home.resolve("gatehouse-data"), "a file where the folder should be");
    CommandRun.Ended ended = token("--subject", "acme-c1", "--tenant", "acme");
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.err()).startsWith("GATEHOUSE_HOME: ").contains("check that folder");
  }
}
