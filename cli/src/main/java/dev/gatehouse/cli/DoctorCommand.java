package dev.gatehouse.cli;

import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.receiver.Checklist;
import dev.gatehouse.receiver.ConfigReader;
import dev.gatehouse.receiver.Finding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    sortOptions = false,
    description = {
      "Checks a configuration against the checklist: one line a finding, with its fix.",
      "",
      "A warning is something that somebody could make use of today, advice is practice that is not"
          + " followed. It reads the configuration and the files that it names, changes nothing, and"
          + " asks nothing of the network. Exit status: 0 no warning, 1 a warning, 2 a configuration"
          + " that 'serve' would refuse.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {"", "Example:", "  ./gatehouse doctor --config gatehouse.yaml"})
final class DoctorCommand implements Callable<Integer> {
  private static final int WARNED = 1;

  private final Terminal terminal;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration; ./gatehouse.yaml if not given.")
  private @Nullable String config;

  @Option(names = "--json", description = "Print JSON: an array of findings.")
  private boolean json;

  DoctorCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Path file = file();
    List<Finding> findings;
    try {
      ConfigReader reader = ConfigReader.withEnvironment(terminal.environment());
      findings = Checklist.examineAlone(reader, file, terminal.clock().instant());
    } catch (Problems.InvalidException e) {
      throw ConfigFile.refused(e);
    }
    if (json) {
      terminal.print(Json.line(findings.stream().map(DoctorCommand::object).toList()));
    } else {
      print(findings);
    }
    return findings.stream().anyMatch(Finding::isWarning) ? WARNED : 0;
  }

  private Path file() {
    if (config != null) {
      return ConfigFile.named(terminal, config);
    }
    Path usual = ConfigFile.usual(terminal);
    if (!Files.exists(usual)) {
      throw Refusal.wrongUse(
          "--config",
          "is missing, and there is no ./gatehouse.yaml: name one, or run 'gatehouse init'");
    }
    return usual;
  }

  private void print(List<Finding> findings) {
    if (findings.isEmpty()) {
      terminal.print("nothing found");
      return;
    }
    for (Finding finding : findings) {
      terminal.print(level(finding) + "  " + Table.printable(finding.toString()));
    }
  }

  private static String level(Finding finding) {
    return finding.isWarning() ? "warning" : "advice ";
  }

  private static Map<String, Object> object(Finding finding) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("level", StrictJson.nameOf(finding.level()));
    object.put("path", finding.path());
    object.put("problem", finding.problem());
    object.put("fix", finding.fix());
    return object;
  }
}
