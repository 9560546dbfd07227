package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.gatehouse.core.Problems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChecklistTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "LONG", "a-secret-of-twenty-eight-bytes",
          "OTHER", "another-secret-of-some-length",
          "BASE64", "Z2F0ZWhvdXNlIG93biBiYXNlNjQgc2VjcmV0IG9mIHNvbWUgbGVuZ3Ro",
          "SHORT", "abcdefgh");

  /** A source of which nothing is to be said. */
  private static final String CLEAN =
      """
      sources:
        github:
          scheme: github
          owner: platform
          classification: internal
          secrets: [{ id: a, value: "${env:LONG}" }]
          limits: { requestsPerSecond: 100 }
          deliver:
            to: https://orders.example.com/hooks
            sign: { scheme: github, secret: "${env:OTHER}" }
      """;

  @TempDir private Path folder;

  @Test
  void configuration_withNothingWeak_hasNoFinding() throws IOException {
    assertThat(findings(CLEAN)).isEmpty();
  }

  @Test
  void source_whoseProviderSignsForAll_isToNameItsOwn() throws IOException {
    String signs = "secrets: [{ id: a, value: \"${env:LONG}\" }]";
    String all =
        CLEAN.replace("scheme: github\n    owner", "scheme: aws-sns\n    owner").replace(signs, "");
    assertThat(findings(all))
        .extracting(Finding::level, Finding::path)
        .contains(tuple(Finding.Level.WARNING, "sources.github.params.topic_arns"));

    String own =
        all.replace(
            "owner: platform",
            "owner: platform\n    params: { topic_arns: \"arn:aws:sns:eu-west-1:1:orders\" }");
    assertThat(findings(own))
        .singleElement()
        .satisfies(f -> assertThat(f.problem()).contains("does not sign all of the body"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          classification: internal | # none | ADVICE | sources.github.classification
          { requestsPerSecond: 100 } | { failuresPerMinute: 30 } | ADVICE | sources.github.limits.requestsPerSecond
          owner: platform | owner: platform\\n    mode: observe | WARNING | sources.github.mode
          owner: platform | owner: platform\\n    responses: { reasons: true } | WARNING | sources.github.responses.reasons
          owner: platform | owner: platform\\n    replayWindow: 5m | WARNING | sources.github.replayWindow
          scheme: github\\n    owner | scheme: slack\\n    replayWindow: 2h\\n    owner | WARNING | sources.github.replayWindow
          scheme: github\\n    owner | scheme: gitlab\\n    owner | ADVICE | sources.github.scheme
          ${env:LONG} | ${env:SHORT} | WARNING | sources.github.secrets[0].value
          ${env:OTHER} | ${env:SHORT} | WARNING | sources.github.deliver.sign.secret
          ${env:OTHER} | ${env:LONG} | WARNING | sources.github.deliver.sign.secret
          "${env:LONG}" } | "${env:LONG}", notAfter: 2026-12-01T00:00:00Z } | WARNING | sources.github.secrets
          "${env:LONG}" } | "${env:LONG}", notBefore: 2026-12-01T00:00:00Z } | WARNING | sources.github.secrets
          "${env:LONG}" } | "${env:LONG}" }, { id: b, value: "${env:LONG}-b", notAfter: 2025-01-01T00:00:00Z } | ADVICE | sources.github.secrets[1].notAfter
          https://orders | http://orders | WARNING | sources.github.deliver.to
          sign: { scheme: github, secret: "${env:OTHER}" } | timeout: 5s | ADVICE | sources.github.deliver.sign
          sign: { | allowPrivate: true\\n      sign: { | ADVICE | sources.github.deliver.allowPrivate
          sign: { | retry: { attempts: 3 }\\n      sign: { | ADVICE | sources.github.deliver.retry
          sources: | server: { trustedProxies: [64.0.0.0/2] }\\nsources: | WARNING | server.trustedProxies[0]
          sources: | server: { trustedProxies: ["2000::/3"] }\\nsources: | WARNING | server.trustedProxies[0]
          sources: | server: { host: 0.0.0.0 }\\nsources: | ADVICE | server.hideSources
          sources: | server: { management: { token: "${env:SHORT}" } }\\nsources: | WARNING | server.management.token
          sources: | server: { management: { host: 0.0.0.0, token: "${env:LONG}" } }\\nsources: | ADVICE | server.management.host
          sources: | shared: { kind: redis, url: "redis://:in-the-file-for-all@127.0.0.1:6379" }\\nsources: | ADVICE | shared.url
          sources: | store: { kind: postgres, url: "jdbc:postgresql://db.internal/hooks", user: g }\\nsources: | WARNING | store.url
          sources: | store: { kind: postgres, url: "jdbc:postgresql://127.0.0.1,db.internal/hooks?sslmode=disable", user: g }\\nsources: | WARNING | store.url
          sources: | store: { kind: postgres, url: "jdbc:postgresql://db.internal/hooks?sslmode=require", user: g }\\nsources: | ADVICE | store.url
          sources: | store: { retention: 400d }\\nsources: | ADVICE | store.retention
          "${env:LONG}" | in-the-file-for-all-to-see | ADVICE | sources.github.secrets[0].value
          scheme: github\\n    owner | scheme: meta\\n    params: { verify_token: for-all-to-see }\\n    owner | ADVICE | sources.github.params.verify_token
          """)
  void configuration_withOneWeakness_hasThatFindingAlone(
      String text, String weak, Finding.Level level, String path) throws IOException {
    String yaml = CLEAN.replace(lines(text), lines(weak));
    assertThat(yaml).isNotEqualTo(CLEAN);

    List<Finding> findings = findings(yaml);

    assertThat(findings).hasSize(1);
    assertThat(findings.get(0).level()).isEqualTo(level);
    assertThat(findings.get(0).path()).isEqualTo(path);
    assertThat(findings.get(0).fix()).isNotBlank();
  }

  @Test
  void messageSignature_thatMayLeaveTheBodyOpen_isWarnedOf() throws IOException {
    String yaml =
        CLEAN
            .replace("scheme: github\n    owner", "scheme: rfc9421\n    owner")
            .replace("${env:LONG}", "${env:BASE64}");
    String open = "params: { dangerously_allow_unsigned_body: \"true\" }\n    owner: platform";

    assertThat(findings(yaml)).isEmpty();
    assertThat(findings(yaml.replace("owner: platform", open)))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.level()).isEqualTo(Finding.Level.WARNING);
              assertThat(finding.path())
                  .isEqualTo("sources.github.params.dangerously_allow_unsigned_body");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://db.internal/hooks?sslmode=verify-full",
        "jdbc:postgresql://db.internal/hooks?ssl=true",
        "jdbc:postgresql://127.0.0.1:5432/hooks",
        "jdbc:postgresql:hooks",
      })
  void database_overTlsThatIsChecked_orOnThisMachine_isNoFinding(String url) throws IOException {
    assertThat(findings("store: { kind: postgres, url: \"" + url + "\", user: g }\n" + CLEAN))
        .isEmpty();
  }

  @Test
  void secret_ofTwoSources_isAWarningThatNamesBoth() throws IOException {
    String twice = CLEAN + CLEAN.replace("sources:\n", "").replace("github:\n", "shop:\n");

    assertThat(findings(twice))
        .filteredOn(f -> f.path().equals("sources.shop.secrets[0].value"))
        .singleElement()
        .satisfies(f -> assertThat(f.isWarning()).isTrue())
        .satisfies(f -> assertThat(f.problem()).contains("sources.github.secrets[0].value"));
  }

  @Test
  void keys_withASuccessorInPlace_areNoFindingAlthoughOneEndsSoon() throws IOException {
    String rotated =
        CLEAN.replace(
            "\"${env:LONG}\" }",
            "\"${env:LONG}\", notAfter: 2026-12-01T00:00:00Z }, { id: b, value: \"${env:LONG}-b\""
                + " }");

    assertThat(findings(rotated)).isEmpty();
  }

  @Test
  void file_thatOthersCanWriteOrRead_isAWarning() throws IOException {
    Path file = write(CLEAN.replace("${env:LONG}", "in-the-file-for-all-to-see"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--rw-"));

    assertThat(Checklist.examine(reader(), file, NOW))
        .allMatch(Finding::isWarning)
        .extracting(Finding::path)
        .containsExactly(file.toString(), "sources.github.secrets[0].value");
  }

  @Test
  void secretFile_thatOthersCanRead_isAWarning() throws IOException {
    Path secret = Files.writeString(folder.resolve("key"), "a-secret-of-twenty-eight-bytes");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));

    List<Finding> findings = findings(CLEAN.replace("${env:LONG}", "${file:" + secret + "}"));

    assertThat(findings).singleElement().satisfies(f -> assertThat(f.isWarning()).isTrue());
    assertThat(findings.get(0).path()).isEqualTo(secret.toString());
  }

  @Test
  void database_thatOthersCanRead_isAWarning() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path database = Files.createFile(folder.resolve("inbox.db"));
    Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(findings("store: { path: inbox.db }\n" + CLEAN))
        .extracting(Finding::path)
        .containsExactly("store.path");
  }

  @Test
  void finding_ofAnyKind_showsNoSecret() throws IOException {
    String weak = CLEAN.replace("${env:LONG}", "short-one").replace("${env:OTHER}", "short-one");

    assertThat(findings(weak)).isNotEmpty().noneMatch(f -> f.toString().contains("short-one"));
  }

  @Test
  void destination_onTheEventBus_isAMatterOfWhoseVertxItIs() throws IOException {
    Path file = write(CLEAN.replace("to: https://orders.example.com/hooks", "eventBus: orders"));

    assertThat(Checklist.examine(reader(), file, NOW)).isEmpty();
    assertThatExceptionOfType(Problems.InvalidException.class)
        .isThrownBy(() -> Checklist.examineAlone(reader(), file, NOW))
        .extracting(refused -> refused.problems().get(0).path())
        .isEqualTo("sources.github.deliver.eventBus");
  }

  private List<Finding> findings(String yaml) throws IOException {
    return Checklist.examine(reader(), write(yaml), NOW);
  }

  private Path write(String yaml) throws IOException {
    Path file = folder.resolve("gatehouse.yaml");
    Files.writeString(file, yaml, StandardCharsets.UTF_8);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private static ConfigReader reader() {
    return ConfigReader.withEnvironment(ENVIRONMENT);
  }

  private static String lines(String text) {
    return text.replace("\\n", "\n");
  }
}
