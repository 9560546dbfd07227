package dev.gatehouse.cli;

import dev.gatehouse.core.StrictJson;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.core.jwt.DevelopmentTokens;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "token",
    sortOptions = false,
    description = {
      "Prints a token (JWT) that the samples accept and nothing else does: its key is made for this"
          + " folder.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example:",
      "  ./gatehouse token --subject acme-c1 --tenant acme --scope 'order:write customer:pii'"
    })
final class TokenCommand implements Callable<Integer> {
  /** Where the launcher says it lies. */
  static final String HOME = "GATEHOUSE_HOME";

  private static final String FOLDER = "gatehouse-data";

  private final Terminal terminal;

  @Option(
      names = "--subject",
      required = true,
      paramLabel = "S",
      description = "Whose token it is; in the shop a customer, such as acme-c1.")
  private String subject = "";

  @Option(
      names = "--tenant",
      required = true,
      paramLabel = "T",
      description = "The tenant on whose behalf; in the shop acme or globex.")
  private String tenant = "";

  @Option(
      names = "--scope",
      paramLabel = "SCOPES",
      description = "What it grants, separated by spaces; nothing if not given.")
  private String scope = "";

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      description = "How long it is good for, such as 30s or 2h; at most 24h, 10m if not given.")
  private String lifetime = "10m";

  TokenCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (!TenantId.isValid(tenant)) {
      throw Refusal.wrongUse(
          "--tenant", "takes 1 to 64 letters, digits, '_' or '-', the first a letter or digit");
    }
    if (subject.isBlank() || subject.length() > 256) {
      throw Refusal.wrongUse("--subject", "takes 1 to 256 characters that are not all blank");
    }
    Duration time =
        StrictJson.parseDuration(lifetime)
            .filter(t -> !t.isZero() && !t.isNegative() && t.compareTo(Duration.ofDays(1)) <= 0)
            .orElseThrow(
                () -> Refusal.wrongUse("--ttl", "takes a time from 1s to 24h, such as 10m"));
    List<String> scopes =
        Arrays.stream(scope.split(" ")).filter(word -> !word.isBlank()).distinct().toList();
    if (!scopes.stream().allMatch(TokenCommand::isScope)) {
      throw Refusal.wrongUse("--scope", "takes words of visible ASCII without quotes");
    }
    terminal.print(
        tokens().issue(subject, TenantId.of(tenant), scopes, time, terminal.clock().instant()));
    return 0;
  }

  // RFC 6749, section 3.3
  private static boolean isScope(String word) {
    return word.length() <= 256
        && word.chars().allMatch(c -> c > ' ' && c <= '~' && c != '"' && c != '\\');
  }

  private DevelopmentTokens tokens() {
    Path folder = terminal.path(terminal.environment().getOrDefault(HOME, "")).resolve(FOLDER);
    try {
      return DevelopmentTokens.in(folder);
    } catch (IOException e) {
      throw Refusal.wrongUse(
          HOME, "the key in " + folder + " can be neither read nor written: check that folder");
    }
  }
}
