package dev.gatehouse.receiver;

import dev.gatehouse.core.Problems;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what a configuration leaves weak although it is valid: what {@link ConfigReader} refuses is
 * not among it.
 *
 * <p>It reads the configuration and what it names, changes nothing and asks nothing of the network.
 *
 * <pre>{@code
 * for (Finding finding : Checklist.examine(reader, Path.of("gatehouse.yaml"), Instant.now())) …
 * }</pre>
 */
public final class Checklist {
  private static final Logger LOG = LoggerFactory.getLogger(Checklist.class);

  private Checklist() {}

  /**
   * What is weak in a configuration file and in what it says, warnings first.
   *
   * @throws Problems.InvalidException if the configuration is refused
   */
  public static List<Finding> examine(ConfigReader reader, Path file, Instant now) {
    ConfigReader.Loaded loaded = reader.load(file);
    List<Finding> findings = new ArrayList<>(of(loaded.config(), now));
    findings.addAll(FileChecks.of(file, loaded));
    return sorted(findings);
  }

  /** What is weak in what a configuration says, warnings first. */
  public static List<Finding> of(ReceiverConfig config, Instant now) {
    List<Finding> findings = new ArrayList<>(ServerChecks.of(config));
    findings.addAll(SecretChecks.of(config, now));
    config.sources().forEach(source -> findings.addAll(SourceChecks.of(source)));
    return sorted(findings);
  }

  /** Logs what of it is a warning. */
  static void warn(ReceiverConfig config, Instant now) {
    of(config, now).stream().filter(Finding::isWarning).forEach(finding -> LOG.warn("{}", finding));
  }

  // Stable: findings of one level stay in the order of the file.
  private static List<Finding> sorted(List<Finding> findings) {
    return findings.stream().sorted(Comparator.comparing(Finding::level)).toList();
  }
}
