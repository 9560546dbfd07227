package dev.gatehouse.receiver;

import dev.gatehouse.core.Problems;
import dev.gatehouse.receiver.ReceiverConfig.Source;
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
    return examine(file, reader.load(file), now);
  }

  /**
   * What is weak in the configuration file of a receiver with a Vert.x of its own, such as {@code
   * gatehouse serve} starts, warnings first.
   *
   * @throws Problems.InvalidException if such a receiver refuses the configuration: it has no event
   *     bus that somebody else consumes
   */
  public static List<Finding> examineAlone(ConfigReader reader, Path file, Instant now) {
    ConfigReader.Loaded loaded = reader.load(file);
    Problems problems = new Problems();
    for (Source source : loaded.config().sources()) {
      Dispatcher.deliver(source).ifPresent(to -> Sinks.checkAlone(source, to, problems));
    }
    problems.throwIfAny();
    return examine(file, loaded, now);
  }

  private static List<Finding> examine(Path file, ConfigReader.Loaded loaded, Instant now) {
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
