package dev.gatehouse.cli;

import dev.gatehouse.core.Problems;
import dev.gatehouse.graphql.Analysis;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.OperationAnalysis;
import dev.gatehouse.graphql.SchemaAudit;
import dev.gatehouse.graphql.Violation;
import dev.gatehouse.graphql.access.AccessAudit;
import dev.gatehouse.graphql.access.AccessRules;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.plan.PlanCompiler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "graphql",
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    description = {"Tells what GraphQL operations cost, and what a schema leaves open.", ""},
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Example (with a schema and a query of yours):",
      "  ./gatehouse graphql cost --schema schema.graphqls --query query.graphql"
    })
final class GraphqlCommand implements Callable<Integer> {
  private final Terminal terminal;

  GraphqlCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    throw Refusal.wrongUse(
        "graphql", "say what to do: cost or audit; see gatehouse graphql --help");
  }

  @Command(
      name = "cost",
      sortOptions = false,
      description = {
        "Prints what one operation costs by the IBM cost specification, how large it is, and which"
            + " limits it exceeds. Nothing is executed.",
        "",
        "Exit status 0: within the limits; 1: over a limit, or no operation that could run. With"
            + " --batch it is 0 when every line was answered.",
        ""
      },
      optionListHeading = "Options:%n",
      footer = {
        "",
        "Example (with a schema and a query of yours):",
        "  ./gatehouse graphql cost --schema schema.graphqls --query query.graphql --json"
      })
  int cost(
      @Mixin SchemaOptions schema,
      @Option(
              names = "--query",
              paramLabel = "FILE|-",
              description = "The document: a file, or - for standard input.")
          @Nullable String query,
      @Option(
              names = "--variables",
              paramLabel = "FILE",
              description = {
                "The variables, a JSON object. Without them, the most that any values of the"
                    + " variables in @skip and @include can make of it."
              })
          @Nullable String variables,
      @Option(
              names = "--operation-name",
              paramLabel = "N",
              description = "Which operation, where the document has several.")
          @Nullable String operationName,
      @Option(names = "--json", description = "Print the analysis as one line of JSON.")
          boolean json,
      @Option(
              names = "--batch",
              paramLabel = "FILE|-",
              description = {
                "In place of all other options: cases, one JSON object a line, answered with one"
                    + " analysis a line in the same order. A case: {\"case\":\"a\", \"sdl\":\"…\","
                    + " \"operation\":\"…\", \"variables\":{}}, and where needed operationName,"
                    + " defaultListSize, limits."
              })
          @Nullable String batch) {
    if (batch != null) {
      if (schema.isAnyGiven() || query != null || variables != null || operationName != null) {
        throw Refusal.wrongUse("--batch", "excludes the other options: they stand in the cases");
      }
      return Batch.run(terminal, batch, new CostAnswers(terminal));
    }
    PlanCompiler compiler = schema.compiler(terminal);
    Limits limits = schema.limits(terminal);
    String document = TextFile.required(query, "--query", terminal);
    Analysis answer =
        variables == null
            ? OperationAnalysis.bound(compiler, document, operationName, Map.of(), limits)
            : OperationAnalysis.analyse(
                compiler,
                document,
                operationName,
                TextFile.object(variables, "--variables", terminal),
                limits);
    return told(answer, json);
  }

  private int told(Analysis answer, boolean json) {
    if (json) {
      terminal.print(Json.line(answer.toJson()));
    }
    if (answer instanceof Analysis.Failed failed) {
      String option = failed.code() == Analysis.Code.VARIABLES ? "--variables" : "--query";
      throw Refusal.no(option, failed.code().json() + ": " + Table.oneLine(failed.message()));
    }
    OperationAnalysis analysis = (OperationAnalysis) answer;
    if (!json) {
      print(analysis);
    }
    return analysis.isAllowed() ? 0 : Refusal.NO;
  }

  private void print(OperationAnalysis analysis) {
    Map<String, Object> numbers = new LinkedHashMap<>(analysis.toJson());
    numbers.remove("violations");
    Table table = new Table().row("WHAT", "ACTUAL");
    numbers.forEach((name, value) -> table.row(name, String.valueOf(value)));
    table.lines().forEach(terminal::print);
    if (analysis.isAllowed()) {
      return;
    }
    terminal.print("");
    Table over = new Table().row("OVER THE LIMIT", "COORDINATE", "MAX", "ACTUAL");
    for (Violation violation : analysis.violations()) {
      Map<String, Object> told = violation.toJson();
      over.row(
          violation.limit(),
          violation.coordinate().orElse("-"),
          String.valueOf(told.get("max")),
          String.valueOf(told.get("actual")));
    }
    over.lines().forEach(terminal::print);
  }

  @Command(
      name = "audit",
      sortOptions = false,
      description = {
        "Reports who may have what of a schema, and what it leaves open: fields without a rule,"
            + " mutations that do not say which object they act on, lists without a bound,"
            + " recursion without a limit, fields without a cost, interfaces that their"
            + " implementations disagree with.",
        "",
        "Exit status 1: a field has no rule.",
        ""
      },
      optionListHeading = "Options:%n",
      footer = {
        "",
        "Example (with a schema of yours):",
        "  ./gatehouse graphql audit --schema schema.graphqls"
      })
  int audit(
      @Mixin SchemaOptions schema,
      @Option(names = "--check", description = "End with exit status 1 if anything is found.")
          boolean check,
      @Option(
              names = "--without-access",
              description = "Leave out who may: for servers that authorize elsewhere.")
          boolean withoutAccess,
      @Option(names = "--json", description = "Print the report as one line of JSON.")
          boolean json) {
    SchemaAudit audit = audited(schema, withoutAccess);
    if (json) {
      terminal.print(Json.line(audit.toJson()));
    } else {
      print(audit);
    }
    boolean isOpen = !audit.isProtected() || (check && !audit.findings().isEmpty());
    return isOpen ? Refusal.NO : 0;
  }

  private SchemaAudit audited(SchemaOptions schema, boolean withoutAccess) {
    PlanCompiler compiler = schema.compiler(terminal);
    CostWeights weights = compiler.weights();
    Limits limits = schema.limits(terminal);
    if (withoutAccess) {
      return SchemaAudit.of(compiler.schema(), weights, limits);
    }
    try {
      return SchemaAudit.of(compiler.schema(), weights, limits, AccessRules.none());
    } catch (Problems.InvalidException e) {
      throw Refusal.wrongUse(e.problems().stream().map(problem -> "--schema " + problem).toList());
    }
  }

  private void print(SchemaAudit audit) {
    if (!audit.coordinates().isEmpty()) {
      Table rules = new Table().row("COORDINATE", "WHO MAY", "SAID BY");
      for (AccessAudit.Coordinate each : audit.coordinates()) {
        rules.row(each.name(), each.rule(), each.source().isEmpty() ? "-" : each.source());
      }
      rules.lines().forEach(terminal::print);
      terminal.print("");
    }
    if (audit.findings().isEmpty()) {
      terminal.print("nothing is left open");
      return;
    }
    Table table = new Table().row("FINDING", "COORDINATE", "WHAT TO DO");
    for (SchemaAudit.Finding finding : audit.findings()) {
      table.row(finding.kind().spelling(), finding.coordinate(), finding.message());
    }
    table.lines().forEach(terminal::print);
  }
}
