package dev.gatehouse.cli;

import dev.gatehouse.core.Problems;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.access.AccessDirectives;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.GraphQLException;
import graphql.schema.GraphQLSchema;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A schema, and the limits that its operations meet. */
@Command
final class SchemaOptions {
  @Option(
      names = "--schema",
      paramLabel = "FILE",
      description = {
        "The schema, as SDL. The definitions of @cost, @listSize and of the rules of access are"
            + " supplied where it has none."
      })
  private @Nullable String schema;

  @Option(
      names = "--limits",
      paramLabel = "FILE",
      description = {
        "Limits to judge by, a JSON object: depth, fields, aliases, rootFields, directives, tokens,"
            + " typeCost, fieldCost, calls, recursion, slicingArguments, introspection."
      })
  private @Nullable String limits;

  @Option(
      names = "--default-list-size",
      paramLabel = "N",
      description = "How long a list is that nothing sizes, or Infinity; 1 if not given.")
  private @Nullable String defaultListSize;

  private @Nullable PlanCompiler compiler;

  /** Whether any of these options is given. */
  boolean isAnyGiven() {
    return schema != null || limits != null || defaultListSize != null;
  }

  /** The schema, ready to analyse operations. */
  PlanCompiler compiler(Terminal terminal) {
    if (compiler == null) {
      compiler = read(terminal);
    }
    return compiler;
  }

  private PlanCompiler read(Terminal terminal) {
    double size = listSize();
    String sdl = TextFile.required(schema, "--schema", terminal);
    try {
      GraphQLSchema read = AccessDirectives.schema(sdl);
      return PlanCompiler.of(read, CostWeights.builder().defaultListSize(size).build());
    } catch (GraphQLException | IllegalArgumentException e) {
      throw Refusal.wrongUse("--schema", Table.oneLine(String.valueOf(e.getMessage())));
    }
  }

  private double listSize() {
    if (defaultListSize == null) {
      return 1;
    }
    if (defaultListSize.equals("Infinity")) {
      return Double.POSITIVE_INFINITY;
    }
    if (defaultListSize.matches("[0-9]{1,9}")) {
      return Integer.parseInt(defaultListSize);
    }
    throw Refusal.wrongUse("--default-list-size", "must be a whole number, or Infinity");
  }

  /** The limits; none if none are given. */
  Limits limits(Terminal terminal) {
    if (limits == null) {
      return Limits.none();
    }
    Problems problems = new Problems();
    Limits read = Limits.fromJson(TextFile.object(limits, "--limits", terminal), "", problems);
    if (!problems.isEmpty()) {
      throw Refusal.wrongUse(
          problems.all().stream().map(problem -> "--limits " + problem).toList());
    }
    return read;
  }
}
