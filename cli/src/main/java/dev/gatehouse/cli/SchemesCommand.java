package dev.gatehouse.cli;

import dev.gatehouse.webhook.scheme.Scheme;
import dev.gatehouse.webhook.scheme.Schemes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "schemes",
    sortOptions = false,
    description = {
      "Lists the schemes by which senders sign their webhooks; with NAME, everything that is known"
          + " of one, what is uncertain and where it was found included.",
      ""
    },
    parameterListHeading = "Parameters:%n",
    optionListHeading = "Options:%n",
    footer = {"", "Example:", "  ./gatehouse schemes stripe"})
final class SchemesCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The scheme to tell about.")
  private @Nullable String name;

  @Option(names = "--json", description = "Print JSON: an array, or with NAME an object.")
  private boolean json;

  SchemesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (name == null) {
      list();
    } else {
      String asked = name;
      Scheme scheme =
          Schemes.find(asked)
              .orElseThrow(() -> Refusal.wrongUse("NAME", KeyOptions.unknownScheme(asked)));
      show(scheme);
    }
    return 0;
  }

  private void list() {
    List<Scheme> all = Schemes.all();
    if (json) {
      terminal.print(Json.line(all.stream().map(SchemesCommand::summary).toList()));
      return;
    }
    Table table = new Table().row("NAME", "TITLE", "SIGNATURE", "TIME", "CONFIDENCE");
    for (Scheme scheme : all) {
      SchemeSheet sheet = new SchemeSheet(scheme);
      table.row(scheme.name(), scheme.title(), sheet.signature(), sheet.time(), sheet.confidence());
    }
    table.lines().forEach(terminal::print);
  }

  private static Map<String, Object> summary(Scheme scheme) {
    SchemeSheet sheet = new SchemeSheet(scheme);
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("name", scheme.name());
    summary.put("title", scheme.title());
    summary.put("aliases", scheme.aliases());
    summary.put("signature", sheet.signature());
    summary.put("signs_time", scheme.signsTime());
    summary.put("window_seconds", scheme.window().map(w -> (Object) w.toSeconds()).orElse(""));
    if (scheme.window().isEmpty()) {
      summary.remove("window_seconds");
    }
    summary.put("signs_url", scheme.signsUrl());
    summary.put("public_keys", scheme.hasPublicKeys());
    summary.put("protects_integrity", scheme.protectsIntegrity());
    summary.put("confidence", sheet.confidence());
    return summary;
  }

  private void show(Scheme scheme) {
    SchemeSheet sheet = new SchemeSheet(scheme);
    if (json) {
      Map<String, Object> all = summary(scheme);
      sheet.sections().forEach((title, lines) -> all.put(key(title), lines));
      terminal.print(Json.line(all));
      return;
    }
    List<String> facts = new ArrayList<>();
    facts.add("confidence " + sheet.confidence());
    if (!scheme.aliases().isEmpty()) {
      facts.add("also found as " + String.join(", ", scheme.aliases()));
    }
    terminal.print(scheme.title() + " (" + scheme.name() + ")");
    terminal.print(String.join("; ", facts));
    sheet
        .sections()
        .forEach(
            (title, lines) -> {
              terminal.print("");
              terminal.print(title);
              lines.forEach(line -> terminal.print("  " + line));
            });
  }

  private static String key(String title) {
    String key = title.toLowerCase(java.util.Locale.ROOT).replace(' ', '_');
    return key.equals("signature") ? "signature_details" : key;
  }
}
