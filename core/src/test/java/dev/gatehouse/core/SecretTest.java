package dev.gatehouse.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {
  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " \t",
        "${X}",
        "a${X}b",
        "changeme",
        "ChangeMe",
        "secret",
        "PASSWORD",
        "your-secret",
        "your_key_here",
        "\ufeffvalue-1",
        "\u0000\u0000"
      })
  void secret_thatIsNone_isRefusedNamingItsIdOnly(String text) {
    assertThatThrownBy(() -> Secret.of("2026-11", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("secret '2026-11' (is|holds) .*");
  }

  @Test
  void secret_matches_onlyItself() {
    Secret secret = Secret.of("id", "topsecret-value");
    assertThat(secret.matches("topsecret-value".getBytes(StandardCharsets.UTF_8))).isTrue();
    assertThat(secret.matches("topsecret-valu".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(secret.matches(new byte[0])).isFalse();
    assertThat(secret + "").doesNotContain("topsecret");
    secret.revealBytes()[0] = 0;
    assertThat(secret.revealText()).isEqualTo("topsecret-value");
  }

  @Test
  void window_thatEndsBeforeItBegins_isRefused() {
    assertThatThrownBy(() -> Secret.of("id", "value-1").validBetween(NOW, NOW))
        .hasMessageContaining("notBefore must be earlier");
  }

  @Test
  void env_unset_isRefusedWithTheVariablesName() {
    assertThatThrownBy(() -> SecretSource.env("NOPE", name -> null).load())
        .hasMessage("environment variable NOPE is not set: set it before the start");
    assertThat(SecretSource.env("HOOK", Map.of("HOOK", "value-1")::get).load())
        .singleElement()
        .extracting(Secret::id)
        .isEqualTo("HOOK");
  }

  @ParameterizedTest
  @ValueSource(strings = {"value-1", "value-1\n", "value-1\r\n"})
  void file_withOneLineEnd_isReadWithoutIt(String content) throws IOException {
    Path file = Files.writeString(dir.resolve("hook"), content);
    assertThat(SecretSource.file(file).load().get(0).revealText()).isEqualTo("value-1");
  }

  @Test
  void file_withTwoLineEnds_keepsWhatIsNotTheEditors() throws IOException {
    Path file = Files.writeString(dir.resolve("hook"), "value-1\n\n");
    assertThat(SecretSource.file(file).load().get(0).revealText()).isEqualTo("value-1\n");
  }

  @Test
  void file_missingTooLargeOrBinary_isRefusedWithItsPath() throws IOException {
    Path large = Files.write(dir.resolve("large"), new byte[SecretSource.MAX_FILE_BYTES + 1]);
    Path binary = Files.write(dir.resolve("binary"), new byte[] {(byte) 0xC3, (byte) 0x28});
    for (Path path : List.of(dir.resolve("missing"), large, binary)) {
      assertThatThrownBy(() -> SecretSource.file(path).load())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(path.toString());
    }
  }

  @Test
  void ring_reloaded_isReplacedAsAWholeOrNotAtAll() {
    AtomicReference<List<Secret>> secrets =
        new AtomicReference<>(List.of(Secret.of("a", "value-1")));
    KeyRing<String> ring = KeyRing.load(secrets::get, (s, index) -> s.revealText());
    secrets.set(List.of(Secret.of("b", "value-2"), Secret.of("b", "value-3")));
    assertThatThrownBy(ring::reload).hasMessageContaining("two secrets are named 'b'");
    assertThat(ring.entries()).extracting(KeyRing.Entry::key).containsExactly("value-1");

    secrets.set(List.of(Secret.of("b", "value-2").validBetween(NOW, NOW.plusSeconds(1))));
    ring.reload();
    KeyRing.Entry<String> entry = ring.entries().get(0);
    assertThat(entry.isValidAt(NOW.minusNanos(1))).isFalse();
    assertThat(entry.isValidAt(NOW)).isTrue();
    assertThat(entry.isValidAt(NOW.plusSeconds(1))).isFalse();
  }
}
