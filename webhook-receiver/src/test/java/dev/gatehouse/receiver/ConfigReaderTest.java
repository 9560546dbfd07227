package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.ReceiverConfig.Tenant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "GATEHOUSE_ADMIN_TOKEN", "admin-token-of-the-test",
          "GITHUB_WEBHOOK_SECRET", "a-secret-of-the-test",
          "FORWARD_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

  @TempDir Path folder;

  private ReceiverConfig read(String yaml) {
    return ConfigReader.withEnvironment(ENVIRONMENT).read(yaml, folder);
  }

  @Test
  void contract_asItStandsThere_isRead() throws Exception {
    Files.writeString(folder.resolve("github-old"), "an-older-secret\n");

    ReceiverConfig config = read(Samples.contract());

    assertThat(config.server().maxBodiesInFlight()).isEqualTo(64L << 20);
    assertThat(config.management().token()).isPresent();
    assertThat(config.store().place())
        .isEqualTo(new ReceiverConfig.Place.Sqlite(folder.resolve("gatehouse-data/inbox.db")));
    Source github = config.sources().get(0);
    assertThat(github.scheme().name()).isEqualTo("github");
    assertThat(github.path()).isEqualTo("/hooks/github");
    assertThat(github.tenant()).isEqualTo(new Tenant.Fixed(TenantId.of("acme")));
    assertThat(github.owner()).contains("platform-team");
    assertThat(github.secrets().load())
        .extracting(Secret::id)
        .containsExactly("2026-11", "2026-05");
    assertThat(github.mode()).isEqualTo(Mode.ENFORCE);
    assertThat(github.limits().burst()).isEqualTo(400);
    Deliver deliver = github.deliver().orElseThrow();
    assertThat(deliver.retry())
        .isEqualTo(new RetrySchedule(12, Duration.ofSeconds(1), Duration.ofHours(6)));
    assertThat(deliver.sign()).isPresent();
    assertThat(deliver.concurrency()).isEqualTo(16);
  }

  @Test
  void secret_inAFile_isReadAnewAtEachLoad() throws Exception {
    Path secret = folder.resolve("secret");
    Files.writeString(secret, "first\n");
    ReceiverConfig config =
        read(
            """
            sources:
              a: { scheme: github, owner: me, secrets: [{ id: k, value: ${file:secret} }] }
            """);

    Files.writeString(secret, "second\n");

    assertThat(config.sources().get(0).secrets().load().get(0).revealText()).isEqualTo("second");
  }

  @Test
  void reference_belowACommentThatHoldsAnOpenOne_isRead() {
    ReceiverConfig config =
        read(
            """
            # values are written as ${env:NAME
            sources:
              a: { scheme: github, owner: me, secrets: [{ value: ${env:GITHUB_WEBHOOK_SECRET} }] }
            """);

    assertThat(config.sources()).extracting(Source::name).containsExactly("a");
  }

  @Test
  void management_forAllWithoutAToken_cannotBeMade() {
    assertThatThrownBy(() -> new ReceiverConfig.Management("0.0.0.0", 9090, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs a token");
  }

  @Test
  void postgres_asText_isItsPlaceWithoutProperties() {
    PostgresAddress address =
        new PostgresAddress(
            "jdbc:postgresql://db:5432/hooks?sslpassword=hunter2", "me", Optional.empty());

    assertThat(address).hasToString("jdbc:postgresql://db:5432/hooks as me");
  }

  @Test
  void template_asInitWritesIt_isRead() {
    ReceiverConfig config = read(ConfigTemplate.yaml());

    assertThat(config.sources()).extracting(Source::name).containsExactly("demo");
  }

  @Test
  void template_withEveryOptionUncommented_isReadAndHasThemAll() {
    String yaml =
        ConfigTemplate.yaml().replaceAll("(?m)^( *)# ( *)(?=(?:[a-zA-Z]+:|- \\{))", "$1$2");
    Map<String, String> environment =
        Map.of(
            "GATEHOUSE_ADMIN_TOKEN", "a-token-of-enough-bytes",
            "GATEHOUSE_STORE_KEY", ConfigTemplate.newSecret(new SecureRandom()).substring(6),
            "GATEHOUSE_REDIS_URL", "redis://127.0.0.1:6379",
            "FORWARD_SECRET", Fixture.FORWARD_SECRET,
            "GITHUB_WEBHOOK_SECRET", "a-secret-of-twenty-eight-bytes",
            "SHOP_WEBHOOK_SECRET", "another-secret-of-some-length");

    ReceiverConfig config = ConfigReader.withEnvironment(environment).read(yaml, folder);

    assertThat(config.store().maxBytes()).isPresent();
    assertThat(config.store().encryption()).hasSize(1);
    assertThat(config.store().quarantine()).isPresent();
    assertThat(config.shared().redis()).isPresent();
    assertThat(config.sources()).extracting(Source::name).containsExactly("demo", "github", "shop");
    assertThat(config.sources())
        .extracting(source -> source.deliver().orElseThrow().target().getClass().getSimpleName())
        .containsExactly("Url", "Topic", "RedisStream");
    Deliver deliver = config.sources().get(0).deliver().orElseThrow();
    assertThat(deliver.rate()).isPresent();
    assertThat(deliver.sign()).isPresent();
    assertThat(deliver.order()).isInstanceOf(Deliver.Order.ByPointer.class);
    assertThat(yaml.lines().filter(line -> line.strip().startsWith("#")))
        .as("what is left is prose")
        .noneMatch(line -> line.contains("{ "));
  }

  @Test
  void dedupe_notGiven_coversTheProvidersRetries() {
    for (String scheme : dev.gatehouse.webhook.scheme.Schemes.names()) {
      Duration retries = dev.gatehouse.webhook.scheme.Schemes.named(scheme).delivery().retrySpan();
      assertThat(Duration.ofDays(60)).isGreaterThanOrEqualTo(retries);
    }
    ReceiverConfig config =
        read("sources: { a: { scheme: github, owner: me, secrets: [{ value: xyzzy }] } }");

    assertThat(config.sources().get(0).dedupeLifetime()).isEqualTo(Duration.ofDays(4));
  }

  @Test
  void demo_startedTwice_keepsItsSecret() {
    DemoConfig first = DemoConfig.in(folder.resolve("data"), new java.security.SecureRandom());
    DemoConfig second = DemoConfig.in(folder.resolve("data"), new java.security.SecureRandom());

    assertThat(first.secret()).startsWith("whsec_").isEqualTo(second.secret());
    assertThat(first.toString()).doesNotContain(first.secret());
    assertThat(folder.resolve("data/demo-secret").toFile())
        .satisfies(
            file ->
                assertThat(
                        java.nio.file.attribute.PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(file.toPath())))
                    .isEqualTo("rw-------"));
  }
}
