package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gatehouse.core.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadConfigTest {
  private static final String GOOD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String SHORT_SECRET = "c2hvcnQtYnV0LXBsYXVzaWJsZQ==";

  @TempDir Path folder;

  private List<Problems.Problem> problems(String yaml) {
    ConfigReader reader =
        ConfigReader.withEnvironment(
            Map.of("GOOD", GOOD_SECRET, "BLANK", " ", "NESTED", "${env:X}", "DOLLAR", "$"));
    Problems.InvalidException refused =
        catchThrowableOfType(Problems.InvalidException.class, () -> reader.read(yaml, folder));
    assertThat(refused).as("accepted:%n%s", yaml).isNotNull();
    return refused.problems();
  }

  private static String source(String more) {
    return """
        sources:
          hook:
            owner: me
        """
        + more.indent(4);
  }

  private static final String SECRETS = "secrets: [{value: \"${env:GOOD}\"}]\n";

  private static String standard(String more) {
    return source("scheme: standard-webhooks\n" + SECRETS + more);
  }

  private static String github(String more) {
    return source("scheme: github\n" + SECRETS + more);
  }

  private static final String KEY = "q83vEjRWeJq83vESNFZ4kKvN7xI0Vniau83vEjRWeJo=";

  private static String postgres(String url, String more) {
    return "store: {kind: postgres, url: '" + url + "', user: me" + more + "}\n" + github("");
  }

  private static String encryption(String keys) {
    return "store: {encryption: {keys: [" + keys + "]}}\n" + github("");
  }

  private static Arguments mistake(String yaml, String path, String remedy) {
    return arguments(yaml, path, remedy);
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("", "", "the file is empty: run 'gatehouse init'"),
        mistake("- a list", "", "must be an object, not a list"),
        mistake("server: {port: 80", "", "is not YAML"),
        mistake("sources: {}", "sources", "name at least one sender"),
        mistake("a: 1\na: 2\n" + github(""), "a", "stands here twice"),
        mistake("a: &x 1\nb: *x\n" + github(""), "b", "write the value out"),
        mistake(github("") + "---\nb: 1\n", "", "holds a second document"),
        mistake("servr: {}\n" + github(""), "servr", "did you mean server?"),
        mistake("server: {prt: 1}\n" + github(""), "server.prt", "did you mean port?"),
        mistake(github("secrts: []"), "sources.hook.secrts", "is not a known key"),
        mistake(
            "store: {path: \"a\\0b\"}\n" + github(""),
            "store.path",
            "holds a character that no file's name can have"),
        mistake(
            source("scheme: github\nsecrets: [{value: \"${file:a\\0b}\"}]"),
            "sources.hook.secrets[0].value",
            "holds a character that no file's name can have"),
        mistake("server: {port: many}\n" + github(""), "server.port", "must be a whole number"),
        mistake("server: {port: 70000}\n" + github(""), "server.port", "between 0 and 65535"),
        mistake(
            "server: {bodyTimeout: soon}\n" + github(""), "server.bodyTimeout", "such as 250ms"),
        mistake(
            "server: {maxBodyBytes: 1MB}\n" + github(""), "server.maxBodyBytes", "such as 65536"),
        mistake(
            "server: {maxBodyBytes: 65MiB}\n" + github(""),
            "server.maxBodyBytes",
            "is more than server.maxBodiesInFlight"),
        mistake(
            "server: {maxBodiesInFlight: 512KiB}\n" + github(""),
            "server.maxBodiesInFlight",
            "raise it, or lower that"),
        mistake(
            github("maxBodyBytes: 100MiB"),
            "sources.hook.maxBodyBytes",
            "is more than server.maxBodiesInFlight"),
        mistake("server: {host: ''}\n" + github(""), "server.host", "127.0.0.1 for this machine"),
        mistake(
            "server: {trustedProxies: [10.0.0.0/40]}\n" + github(""),
            "server.trustedProxies[0]",
            "write a number from 1 to 32"),
        mistake(
            "server: {management: {host: 0.0.0.0}}\n" + github(""),
            "server.management.token",
            "set a token, or host: 127.0.0.1"),
        mistake(
            "server: {management: {token: changeme}}\n" + github(""),
            "server.management.token",
            "put the real value in its place"),
        mistake(
            "server: {management: {token: ${env:NOPE}}}\n" + github(""),
            "server.management.token",
            "NOPE is not set: set it before the start"),
        mistake(
            "server: {management: {host: 0.0.0.0, token: ${env:NESTED}}}\n" + github(""),
            "server.management.token",
            "environment variable NESTED holds an unresolved ${…}"),
        mistake(
            "server: {management: {token: '${env:DOLLAR}{env:X}'}}\n" + github(""),
            "server.management.token",
            "holds an unresolved ${…}"),
        mistake(
            encryption("{id: a, value: ${env:NESTED}}"),
            "store.encryption.keys[0].value",
            "NESTED holds an unresolved"),
        mistake(
            postgres("jdbc:postgresql://db/x", ", password: ${env:NESTED}"),
            "store.password",
            "NESTED holds an unresolved"),
        mistake(postgres("${env:NESTED}", ""), "store.url", "NESTED holds an unresolved"),
        mistake(
            "shared: {kind: redis, url: ${env:NESTED}}\n" + github(""),
            "shared.url",
            "NESTED holds an unresolved"),
        mistake(
            github("deliver: {redis: {url: ${env:NESTED}, stream: s}}"),
            "sources.hook.deliver.redis.url",
            "NESTED holds an unresolved"),
        mistake(
            github(
                "deliver: {kafka: {bootstrap: 'a:1', topic: t, user: u, password:"
                    + " ${env:NESTED}}}"),
            "sources.hook.deliver.kafka.password",
            "NESTED holds an unresolved"),
        mistake("store: {kind: postgres, user: me}\n" + github(""), "store.url", "is missing"),
        mistake(postgres("jdbc:mysql://db/x", ""), "store.url", "must begin with jdbc:postgresql:"),
        mistake(
            postgres("jdbc:postgresql://db/x?password=hunter2", ""),
            "store.url",
            "must not hold credentials: give user and password beside it"),
        mistake(
            postgres("jdbc:postgresql://db/x?sslpassword=hunter2", ""),
            "store.url",
            "must not hold sslpassword"),
        mistake(
            postgres("jdbc:postgresql://db/x?ssl=true&sslPassword=hunter2", ""),
            "store.url",
            "must not hold sslpassword"),
        mistake(
            postgres("jdbc:postgresql://db/x?Password=hunter2", ""),
            "store.url",
            "must not hold credentials"),
        mistake(
            postgres("jdbc:postgresql://db/x", ", path: here.db"),
            "store.path",
            "is for kind: sqlite"),
        mistake(
            postgres("jdbc:postgresql://db/x", ", password: changeme"),
            "store.password",
            "put the real value in its place"),
        mistake("store: {maxBytes: 1KiB}\n" + github(""), "store.maxBytes", "between"),
        mistake("store: {encryption: {}}\n" + github(""), "store.encryption.keys", "is missing"),
        mistake(
            encryption("{id: a, value: c2hvcnQtYnV0LXBsYXVzaWJsZQ==}"),
            "store.encryption.keys[0].value",
            "openssl rand -base64 32"),
        mistake(
            encryption("{id: a, value: '" + "ab".repeat(32) + "'}"),
            "store.encryption.keys[0].value",
            "is no random key"),
        mistake(encryption("{value: " + KEY + "}"), "store.encryption.keys[0].id", "is missing"),
        mistake(
            encryption("{id: a, value: " + KEY + "}, {id: a, value: " + KEY + "}"),
            "store.encryption.keys[1].id",
            "is the id of another key too"),
        mistake(
            "store: {quarantine: {}}\n" + github(""),
            "store.quarantine.allowUnencrypted",
            "better give store.encryption.keys"),
        mistake(
            "store: {quarantine: {allowUnencrypted: true, maxCount: 0}}\n" + github(""),
            "store.quarantine.maxCount",
            "between 1 and 100000"),
        mistake(
            "store: {quarantine: {allowUnencrypted: true, sources: [nobody]}}\n" + github(""),
            "store.quarantine.sources",
            "names a source that is not under sources"),
        mistake("store: {kind: mysql}\n" + github(""), "store.kind", "one of sqlite, postgres"),
        mistake("store: {url: 'jdbc:x'}\n" + github(""), "store", "are for kind: postgres"),
        mistake("shared: {kind: redis}\n" + github(""), "shared.url", "is missing"),
        mistake("shared: {kind: redis, url: http://x}\n" + github(""), "shared.url", "redis://"),
        mistake("shared: {url: x}\n" + github(""), "shared.url", "is for kind: redis"),
        mistake(
            "sources: {Git Hub: {scheme: github, owner: me, " + SECRETS.strip() + "}}",
            "sources.Git Hub",
            "lower-case letters"),
        mistake(
            "sources: {a: {scheme: github, " + SECRETS.strip() + "}}",
            "sources.a.owner",
            "is missing"),
        mistake(source(SECRETS), "sources.hook.scheme", "is missing"),
        mistake(source("scheme: githb\n" + SECRETS), "sources.hook.scheme", "did you mean github?"),
        mistake(
            source("scheme: {name: x}\n" + SECRETS),
            "sources.hook.scheme.signature.in",
            "is missing"),
        mistake(github("path: hooks"), "sources.hook.path", "must be a plain path"),
        mistake(github("path: /hooks/*"), "sources.hook.path", "must be a plain path"),
        mistake(github("tenant: a.b"), "sources.hook.tenant", "or {pointer: /into/the/body}"),
        mistake(
            github("tenant: {pointer: org}"),
            "sources.hook.tenant.pointer",
            "must be a JSON pointer"),
        mistake(
            source("scheme: github\n"), "sources.hook.secrets", "is missing: give at least one"),
        mistake(
            source("scheme: github\nsecrets: []"),
            "sources.hook.secrets",
            "is empty: give at least"),
        mistake(
            source("scheme: github\nsecrets: [{}]"), "sources.hook.secrets[0].value", "is missing"),
        mistake(
            source("scheme: github\nsecrets: [{value: ''}]"),
            "sources.hook.secrets[0].value",
            "is empty: give the value that the sender shows"),
        mistake(
            source("scheme: github\nsecrets: [{value: '${env:BLANK}'}]"),
            "sources.hook.secrets[0].value",
            "is empty: give the value that the sender shows"),
        mistake(
            source("scheme: github\nsecrets: [{value: your-secret}]"),
            "sources.hook.secrets[0].value",
            "put the real value in its place"),
        mistake(
            source("scheme: github\nsecrets: [{value: 12345}]"),
            "sources.hook.secrets[0].value",
            "put it in quotes"),
        mistake(
            source("scheme: github\nsecrets: [{value: ${env:NOPE}}]"),
            "sources.hook.secrets[0].value",
            "NOPE is not set: set it before the start"),
        mistake(
            source("scheme: github\nsecrets: [{value: ${env:NESTED}}]"),
            "sources.hook.secrets[0].value",
            "unresolved"),
        mistake(
            source("scheme: github\nsecrets: [{value: ${NOPE}}]"),
            "sources.hook.secrets[0].value",
            "only ${env:NAME} and ${file:PATH} are known"),
        mistake(
            source("scheme: github\nsecrets: [{value: '${env:GOOD'}]"),
            "sources.hook.secrets[0].value",
            "with its closing brace"),
        mistake(
            source("scheme: github\nsecrets: [{value: ${file:/nowhere/x}}]"),
            "sources.hook.secrets[0].value",
            "check that it exists and its permissions"),
        mistake(
            source("scheme: standard-webhooks\nsecrets: [{value: whsec_" + SHORT_SECRET + "}]"),
            "sources.hook.secrets[0].value",
            "let the sender make a new one"),
        mistake(
            source("scheme: standard-webhooks\nsecrets: [{value: whsec_%%%}]"),
            "sources.hook.secrets[0].value",
            "copy it again from the sender"),
        mistake(
            github("").replace("[{value", "[{notAfter: tomorrow, value"),
            "sources.hook.secrets[0].notAfter",
            "must be a time in RFC 3339"),
        mistake(
            github("")
                .replace(
                    "[{value",
                    "[{notBefore: 2026-02-01T00:00:00Z, notAfter: 2026-01-01T00:00:00Z, value"),
            "sources.hook.secrets[0].notAfter",
            "must be later than notBefore"),
        mistake(
            source("scheme: github\nsecrets: [{id: a, value: xyzzy1}, {id: a, value: xyzzy2}]"),
            "sources.hook.secrets[1].id",
            "give each its own"),
        mistake(
            github("keys: [{value: abc}]"), "sources.hook.keys", "give its secret under secrets"),
        mistake(
            source("scheme: plaid\nkeys: {jwks: 'http://127.0.0.1:1/keys'}"),
            "sources.hook.keys.jwks",
            "allowInsecureKeyUrl"),
        mistake(
            source(
                "scheme: plaid\n"
                    + "keys: {jwks: 'http://keys.example/', allowInsecureKeyUrl: true}"),
            "sources.hook.keys.jwks",
            "must be https"),
        mistake(
            source("scheme: plaid\nkeys: {jwks: 'https://me@keys.example/set'}"),
            "sources.hook.keys.jwks",
            "no user"),
        mistake(
            source("scheme: plaid\nkeys: {jwks: 'ftp://keys.example/set'}"),
            "sources.hook.keys.jwks",
            "must be an https URL"),
        mistake(
            source("scheme: plaid\nkeys: {jwks: 'https://keys.example/set', x: 1}"),
            "sources.hook.keys.x",
            "is not a known key"),
        mistake(source("scheme: plaid\nkeys: {}"), "sources.hook.keys.jwks", "is missing"),
        mistake(
            source("scheme: github\nkeys: {jwks: 'https://keys.example/set'}"),
            "sources.hook.keys",
            "has no public keys"),
        mistake(source("scheme: plaid"), "sources.hook.secrets", "is missing"),
        mistake(source("scheme: plaid\nparams: {jwks: '{}'}"), "sources.hook", "is not a key set"),
        mistake(github("params: {x: y}"), "sources.hook.params.x", "is not a known key"),
        mistake(standard("replayWindow: 2d"), "sources.hook.replayWindow", "between"),
        mistake(
            standard("replayWindow: 1h\ndedupe: {lifetime: 30m}"),
            "sources.hook.dedupe.lifetime",
            "a shorter one lets a repetition in"),
        mistake(github("mode: watch"), "sources.hook.mode", "must be one of enforce, observe"),
        mistake(
            github("limits: {burst: 5}"), "sources.hook.limits.burst", "needs requestsPerSecond"),
        mistake(github("ack: 302"), "sources.hook.ack", "must be between 200 and 299"),
        mistake(github("enabled: 'no'"), "sources.hook.enabled", "must be true or false"),
        mistake(github("hideSources: true"), "sources.hook.hideSources", "put it under server"),
        mistake(github("responses: {reason: true}"), "sources.hook.responses.reason", "reasons?"),
        mistake(
            github("confirmSubscriptions: true"),
            "sources.hook.confirmSubscriptions",
            "no subscription to confirm"),
        mistake(github("deliver: {}"), "sources.hook.deliver.to", "is missing"),
        mistake(
            github("deliver: {to: 'ftp://x/'}"),
            "sources.hook.deliver.to",
            "must be a URL such as"),
        mistake(
            github("deliver: {to: 'http://169.254.169.254/latest'}"),
            "sources.hook.deliver.to",
            "link-local"),
        mistake(
            github("deliver: {to: 'http://[fe80::1]/'}"), "sources.hook.deliver.to", "link-local"),
        mistake(
            github("deliver: {to: 'http://u:p@example.com/'}"),
            "sources.hook.deliver.to",
            "sign deliveries instead"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', sign: {scheme: standard-webhooks}}"),
            "sources.hook.deliver.sign.secret",
            "is missing"),
        mistake(
            github(
                "deliver: {to: 'http://127.0.0.1/', sign: {scheme: standard-webhooks, secret:"
                    + " \"${env:NOPE}\"}}"),
            "sources.hook.deliver.sign.secret",
            "NOPE is not set"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', retry: {attempts: 0}}"),
            "sources.hook.deliver.retry.attempts",
            "must be between 1 and 100"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', retry: {firstDelay: 2h, maxDelay: 1h}}"),
            "sources.hook.deliver.retry.maxDelay",
            "must be at least firstDelay"),
        mistake(github("deliver: {}"), "sources.hook.deliver.to", "is missing"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', kafka: {bootstrap: 'a:1', topic: t}}"),
            "sources.hook.deliver.kafka",
            "stands beside to"),
        mistake(
            github("deliver: {eventBus: x, redis: {url: 'redis://a', stream: s}}"),
            "sources.hook.deliver.eventBus",
            "stands beside redis"),
        mistake(
            github("deliver: {eventBus: ''}"),
            "sources.hook.deliver.eventBus",
            "must not be empty"),
        mistake(
            github("deliver: {eventBus: x, allowPrivate: true}"),
            "sources.hook.deliver.allowPrivate",
            "is for deliver.to"),
        mistake(
            github("deliver: {to: 'http://0177.0.0.1/'}"),
            "sources.hook.deliver.to",
            "has a number for its host"),
        mistake(
            github("deliver: {kafka: {bootstrap: broker, topic: t}}"),
            "sources.hook.deliver.kafka.bootstrap",
            "must be host:port"),
        mistake(
            github("deliver: {kafka: {bootstrap: 'a:1', topic: 'a b'}}"),
            "sources.hook.deliver.kafka.topic",
            "must be a topic's name"),
        mistake(
            github("deliver: {kafka: {bootstrap: 'a:1', topic: t, key: id}}"),
            "sources.hook.deliver.kafka.key",
            "one of order, tenant, delivery, none"),
        mistake(
            github("deliver: {kafka: {bootstrap: 'a:1', topic: t, user: u}}"),
            "sources.hook.deliver.kafka.password",
            "is missing"),
        mistake(
            github("deliver: {kafka: {bootstrap: 'a:1', topic: t, user: u, password: changeme}}"),
            "sources.hook.deliver.kafka.password",
            "put the real value in its place"),
        mistake(
            github(
                "deliver: {kafka: {bootstrap: 'a:1', topic: t, user: u, password: 'x1y2',"
                    + " mechanism: plain}}"),
            "sources.hook.deliver.kafka.mechanism",
            "set tls: true"),
        mistake(
            github("deliver: {kafka: {bootstrap: 'a:1', topic: t, acks: 1}}"),
            "sources.hook.deliver.kafka.acks",
            "is not a known key"),
        mistake(
            github("deliver: {redis: {url: 'http://a', stream: s}}"),
            "sources.hook.deliver.redis.url",
            "must be such as redis://"),
        mistake(
            github("deliver: {redis: {url: 'redis://a'}}"),
            "sources.hook.deliver.redis.stream",
            "is missing"),
        mistake(
            github("deliver: {redis: {url: 'redis://a', stream: s, maxLength: 0}}"),
            "sources.hook.deliver.redis.maxLength",
            "must be between 1 and"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', rate: 50}"),
            "sources.hook.deliver.rate",
            "must be a text"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', rate: 0 per second}"),
            "sources.hook.deliver.rate",
            "such as 50 per second"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', rate: 5 per day}"),
            "sources.hook.deliver.rate",
            "such as 50 per second"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', order: always}"),
            "sources.hook.deliver.order",
            "must be source, tenant, or {pointer"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', order: {pointer: id}}"),
            "sources.hook.deliver.order.pointer",
            "must be a JSON pointer"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', circuit: {failures: 0}}"),
            "sources.hook.deliver.circuit.failures",
            "must be between 1 and 1000"),
        mistake(
            github("deliver: {to: 'http://127.0.0.1/', circuit: {openFor: 2m, maxOpenFor: 1m}}"),
            "sources.hook.deliver.circuit.maxOpenFor",
            "must be at least openFor"),
        mistake(
            github("")
                + """
                  twin:
                    scheme: github
                    owner: me
                    path: /hooks/hook
                    secrets: [{value: "${env:GOOD}"}]
                """
                    .indent(0),
            "sources.twin.path",
            "is the path of sources.hook too"));
  }

  @ParameterizedTest(name = "{1}: {2}")
  @MethodSource("mistakes")
  void mistake_anywhere_isReportedWithPathAndRemedy(String yaml, String path, String remedy) {
    assertThat(problems(yaml))
        .anySatisfy(
            problem -> {
              assertThat(problem.path()).isEqualTo(path);
              assertThat(problem.message()).contains(remedy);
            });
  }

  @ParameterizedTest(name = "{1}: {2}")
  @MethodSource("mistakes")
  void mistake_anywhere_neverShowsASecret(String yaml, String path, String remedy) {
    assertThat(problems(yaml).toString())
        .doesNotContain(GOOD_SECRET, SHORT_SECRET, "your-secret", "changeme", "12345", "hunter2");
  }

  @Test
  void sources_thatAreNoObject_areReportedOnce() {
    assertThat(problems("sources:\n"))
        .extracting(Problems.Problem::toString)
        .containsExactly("sources: is missing: name at least one sender");
    assertThat(problems("sources: many\n"))
        .extracting(Problems.Problem::toString)
        .containsExactly("sources: must be an object, not a text");
  }

  @Test
  void mistakes_many_areReportedAtOnce() {
    String yaml =
        """
        server: { port: -1, hidesources: true }
        store: { kind: postgres }
        sources:
          a: { scheme: github, owner: me, secrets: [{ value: changeme }] }
          b: { scheme: nope, secrets: [{ value: "${env:NOPE}" }], mode: maybe }
        """;

    assertThat(problems(yaml))
        .extracting(Problems.Problem::path)
        .contains(
            "server.port",
            "server.hidesources",
            "store.url",
            "sources.a.secrets[0].value",
            "sources.b.scheme",
            "sources.b.owner",
            "sources.b.secrets[0].value",
            "sources.b.mode");
  }

  @Test
  void file_thatIsTooLarge_isRefusedUnread() throws Exception {
    Path file = folder.resolve("gatehouse.yaml");
    java.nio.file.Files.write(file, new byte[(1 << 20) + 1]);

    assertThat(
            catchThrowableOfType(
                Problems.InvalidException.class, () -> ConfigReader.create().read(file)))
        .hasMessageContaining("larger than 1 MiB");
  }

  @Test
  void file_thatIsMissing_isNamed() {
    assertThat(
            catchThrowableOfType(
                Problems.InvalidException.class,
                () -> ConfigReader.create().read(folder.resolve("none.yaml"))))
        .hasMessageContaining("none.yaml cannot be read");
  }

  @Test
  void yaml_deeplyNested_isRefused() {
    assertThat(problems("a: " + "[".repeat(5000) + "]".repeat(5000)))
        .anySatisfy(problem -> assertThat(problem.message()).contains("is not YAML"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secrets: [{value: changeme}]",
        "secrets: [{value: \"${env:NOT_SET}\"}]",
        "secrets: [{value: whsec_AAAA}]",
        "secrets: []",
      })
  void dedupeLifetime_besideASecretThatIsRefused_isReportedWithIt(String secrets) {
    String more = secrets + "\ndedupe: {lifetime: 1m}\nreplayWindow: 2m";
    assertThat(problems(source("scheme: standard-webhooks\n" + more)))
        .extracting(Problems.Problem::path)
        .anyMatch(path -> path.startsWith("sources.hook.secrets"))
        .contains("sources.hook.dedupe.lifetime");
  }

  @Test
  void minimumRetention_withoutAVerifier_isTheVerifiers() {
    for (String scheme : List.of("standard-webhooks", "slack\nreplayWindow: 1d", "github")) {
      ReceiverConfig.Source source =
          ConfigReader.withEnvironment(Map.of("GOOD", GOOD_SECRET))
              .read(source("scheme: " + scheme + "\n" + SECRETS), folder)
              .sources()
              .get(0);
      assertThat(Verifiers.minimumRetention(source))
          .isEqualTo(Verifiers.tried(source).minimumRetention());
    }
  }
}
