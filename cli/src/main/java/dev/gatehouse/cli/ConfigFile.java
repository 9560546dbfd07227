package dev.gatehouse.cli;

import dev.gatehouse.core.Problems;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a configuration is looked for, and what is said when it cannot be read or is refused. */
final class ConfigFile {
  private static final String USUAL = "gatehouse.yaml";

  private ConfigFile() {}

  /** Where a configuration is that nobody named. */
  static Path usual(Terminal terminal) {
    return terminal.path(USUAL);
  }

  /** The file that {@code --config} names. */
  static Path named(Terminal terminal, String config) {
    Path named = terminal.path(config);
    if (!Files.isReadable(named) || Files.isDirectory(named)) {
      throw Refusal.wrongUse(
          "--config", "the file cannot be read: check that it exists and its permissions");
    }
    return named;
  }

  /** A configuration that is refused: a line a mistake. */
  static Refusal refused(Problems.InvalidException invalid) {
    return Refusal.wrongUse(
        invalid.problems().stream()
            .map(p -> p.path().isEmpty() ? "--config: " + p.message() : p.toString())
            .toList());
  }
}
