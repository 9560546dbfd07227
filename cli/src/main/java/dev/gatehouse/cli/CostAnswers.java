package dev.gatehouse.cli;

import dev.gatehouse.cli.JsonLine.UnreadableException;
import dev.gatehouse.core.Problems;
import dev.gatehouse.core.StrictJson;
import dev.gatehouse.graphql.Analysis;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.OperationAnalysis;
import dev.gatehouse.graphql.cost.CostDirectives;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.plan.PlanCompiler;
import graphql.GraphQLException;
import graphql.schema.GraphQLSchema;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers cases of GraphQL operations with their analyses. A line that cannot be read, and a schema
 * that cannot, are answered with the code {@code parse}.
 *
 * <p>Not for several threads at a time.
 */
final class CostAnswers implements Batch.Answers {
  // A run usually asks many operations of few schemas; longer ones are not worth the memory.
  private static final int KEPT_SCHEMAS = 16;
  private static final int KEPT_SDL = 1 << 20;

  private record Read(
      @Nullable String id,
      String sdl,
      String operation,
      @Nullable String operationName,
      Optional<Map<String, Object>> variables,
      double defaultListSize,
      Limits limits) {}

  private record SchemaKey(String sdl, double defaultListSize) {}

  private final JsonLine lines = new JsonLine();
  private final Terminal terminal;
  private final Map<SchemaKey, PlanCompiler> compilers =
      new LinkedHashMap<>(KEPT_SCHEMAS, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SchemaKey, PlanCompiler> eldest) {
          return size() > KEPT_SCHEMAS;
        }
      };

  CostAnswers(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void answer(byte[] line, int length) throws UnreadableException {
    Read read = read(lines.object(line, length));
    Analysis answer;
    try {
      answer = analysis(read);
    } catch (GraphQLException | IllegalArgumentException e) {
      throw new UnreadableException("sdl: " + Table.oneLine(String.valueOf(e.getMessage())));
    }
    print(read.id, answer.toJson());
  }

  private Analysis analysis(Read read) {
    PlanCompiler compiler = compiler(read.sdl, read.defaultListSize);
    return read.variables.isPresent()
        ? OperationAnalysis.analyse(
            compiler, read.operation, read.operationName, read.variables.get(), read.limits)
        : OperationAnalysis.bound(
            compiler, read.operation, read.operationName, Map.of(), read.limits);
  }

  private PlanCompiler compiler(String sdl, double defaultListSize) {
    SchemaKey key = new SchemaKey(sdl, defaultListSize);
    PlanCompiler kept = compilers.get(key);
    if (kept != null) {
      return kept;
    }
    GraphQLSchema schema = CostDirectives.schema(sdl);
    PlanCompiler made =
        PlanCompiler.of(schema, CostWeights.builder().defaultListSize(defaultListSize).build());
    if (sdl.length() <= KEPT_SDL) {
      compilers.put(key, made);
    }
    return made;
  }

  private static Read read(Map<?, ?> tree) throws UnreadableException {
    Problems problems = new Problems();
    StrictJson in = StrictJson.object(tree, "", problems);
    String id = in.string("case").orElse(null);
    String sdl = in.requiredString("sdl");
    String operation = in.string("operation", "");
    if (!in.has("operation")) {
      in.problem("operation", "is missing");
    }
    String operationName = in.string("operationName").orElse(null);
    Optional<Map<String, Object>> variables = variables(in);
    double defaultListSize = listSize(in);
    Limits limits = Limits.fromJson(in.any("limits").orElse(null), "limits", problems);
    in.close();
    if (!problems.isEmpty()) {
      throw new UnreadableException(JsonLine.join(problems));
    }
    return new Read(id, sdl, operation, operationName, variables, defaultListSize, limits);
  }

  private static Optional<Map<String, Object>> variables(StrictJson in) {
    Object value = in.any("variables").orElse(null);
    if (value == null) {
      return Optional.empty();
    }
    Map<String, Object> variables = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, given) -> variables.put(String.valueOf(name), given));
    } else {
      in.problem("variables", "must be an object, or null for a bound without variables");
    }
    return Optional.of(variables);
  }

  private static double listSize(StrictJson in) {
    Object value = in.any("defaultListSize").orElse(1);
    if (value instanceof Number number && number.doubleValue() >= 0) {
      return number.doubleValue();
    }
    if (value.equals("Infinity")) {
      return Double.POSITIVE_INFINITY;
    }
    in.problem("defaultListSize", "must be a number, 0 or more, or \"Infinity\"");
    return 1;
  }

  @Override
  public void refuse(byte[] line, int length, String message) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", Analysis.Code.PARSE.json());
    error.put("message", message);
    print(lines.idOf(line, length), Map.of("error", error));
  }

  private void print(@Nullable String id, Map<String, Object> answer) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("case", id);
    line.putAll(answer);
    terminal.print(Json.line(line));
  }

  @Override
  public void flush() {
    terminal.out().flush();
  }
}
