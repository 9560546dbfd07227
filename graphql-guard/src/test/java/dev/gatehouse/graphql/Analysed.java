package dev.gatehouse.graphql;

import dev.gatehouse.graphql.cost.CostDirectives;
import dev.gatehouse.graphql.cost.CostWeights;
import dev.gatehouse.graphql.plan.PlanCompiler;
import java.util.List;
import java.util.Map;

/** One schema, and the operations that a test asks of it. */
public final class Analysed {
  private final PlanCompiler compiler;

  private Analysed(PlanCompiler compiler) {
    this.compiler = compiler;
  }

  public static Analysed schema(String sdl) {
    return new Analysed(PlanCompiler.of(CostDirectives.schema(sdl)));
  }

  public static Analysed schema(String sdl, CostWeights weights) {
    return new Analysed(PlanCompiler.of(CostDirectives.schema(sdl), weights));
  }

  public PlanCompiler compiler() {
    return compiler;
  }

  public OperationAnalysis of(String document) {
    return of(document, Map.of());
  }

  public OperationAnalysis of(String document, Map<String, ?> variables) {
    return of(document, variables, Limits.none());
  }

  public OperationAnalysis of(String document, Map<String, ?> variables, Limits limits) {
    Analysis answer = OperationAnalysis.analyse(compiler, document, null, variables, limits);
    if (answer instanceof OperationAnalysis analysis) {
      return analysis;
    }
    throw new AssertionError(answer);
  }

  public List<Violation> violations(String document, Limits limits) {
    return of(document, Map.of(), limits).violations();
  }

  public Analysis.Failed failure(String document, Map<String, ?> variables) {
    return (Analysis.Failed)
        OperationAnalysis.analyse(compiler, document, null, variables, Limits.none());
  }
}
