package dev.gatehouse.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The folder of conformance data that stands beside the project, or where {@code
 * GATEHOUSE_CONFORMANCE} says. Without it a test is skipped, with the reason.
 */
public final class ConformanceFolder {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final YAMLMapper YAML = YAMLMapper.builder().build();
  private static final String VARIABLE = "GATEHOUSE_CONFORMANCE";

  private final Path root;

  private ConformanceFolder(Path root) {
    this.root = root;
  }

  /** The folder; where there is none, the test that asks is skipped. */
  public static ConformanceFolder orSkip() {
    String named = System.getenv(VARIABLE);
    Path root =
        named == null ? project().resolve("../shared/conformance").normalize() : Path.of(named);
    Assumptions.assumeTrue(
        Files.isDirectory(root),
        "no conformance data: " + root + " is not there; " + VARIABLE + " names another folder");
    return new ConformanceFolder(root);
  }

  private static Path project() {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.exists(at.resolve("mvnw"))) {
      at = at.getParent();
    }
    return at == null ? Path.of("").toAbsolutePath() : at;
  }

  /** A file of the folder, read as YAML. */
  public JsonNode yaml(String path) {
    return readYaml(root.resolve(path));
  }

  /** All YAML files in a folder of the folder, in the order of their names. */
  public List<JsonNode> yamlsUnder(String path) {
    try (Stream<Path> files = Files.walk(root.resolve(path))) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .map(ConformanceFolder::readYaml)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode readYaml(Path file) {
    try {
      return YAML.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of the folder, read as JSON. */
  public JsonNode json(String path) {
    try {
      return JSON.readTree(root.resolve(path).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
