package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.gatehouse.core.Problems;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Any text as a configuration: read the same each time, or refused without showing a secret. */
class ConfigFuzzTest {
  private static final String SECRET = "own-secret-that-nobody-may-see";
  private static final Path FOLDER = Path.of("src/test/resources").toAbsolutePath();

  @FuzzTest(maxDuration = "10m")
  void configuration_anyText_isReadOrRefusedWithoutASecret(byte[] input) {
    String yaml = new String(input, StandardCharsets.UTF_8);
    try {
      ReceiverConfig config = read(yaml);
      assertThat(config.sources()).hasSameSizeAs(read(yaml).sources());
      assertThat(config.toString()).doesNotContain(SECRET);
      for (Source source : config.sources()) {
        assertThat(source.secrets().load()).isNotEmpty();
      }
    } catch (Problems.InvalidException refused) {
      assertThat(refused.getMessage()).isNotBlank().doesNotContain(SECRET);
    }
  }

  private static ReceiverConfig read(String yaml) {
    return ConfigReader.withEnvironment(Map.of("S", SECRET)).read(yaml, FOLDER);
  }
}
