package dev.gatehouse.graphql;

import dev.gatehouse.graphql.plan.DocumentCounts;
import dev.gatehouse.graphql.plan.Evaluation;
import dev.gatehouse.graphql.plan.Evaluation.Excess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares what an operation asks for with what a caller may. */
final class Judge {
  private static final List<Violation> NONE = List.of();

  private Judge() {}

  /** What exceeds the limits, in their order. */
  static List<Violation> violations(Evaluation asked, InputShape input, Limits limits) {
    List<Violation> found = null;
    found = over(found, "depth", limits.depth(), (double) asked.depth());
    found = over(found, "fields", limits.fields(), (double) asked.fields());
    found = over(found, "aliases", limits.aliases(), (double) asked.aliases());
    found = over(found, "rootFields", limits.rootFields(), (double) asked.rootFields());
    found = over(found, "directives", limits.directives(), (double) asked.directives());
    found = over(found, "tokens", limits.tokens(), (double) asked.tokens());
    found = over(found, "typeCost", limits.typeCost(), asked.typeCost());
    found = over(found, "fieldCost", limits.fieldCost(), asked.fieldCost());
    for (Map.Entry<String, Double> call : limits.calls().entrySet()) {
      found = over(found, "calls", call, (double) asked.calls(call.getKey()));
    }
    for (Map.Entry<String, Double> recursion : limits.recursion().entrySet()) {
      found = over(found, "recursion", recursion, (double) asked.recursion(recursion.getKey()));
    }
    if (limits.slicingArguments()) {
      found = all(found, "slicingArguments", asked.slicingArguments());
    }
    if (limits.introspection() != Limits.Introspection.UNBOUNDED) {
      boolean allowed = limits.introspection() == Limits.Introspection.BOUNDED;
      found = all(found, "introspection", asked.introspection(allowed));
    }
    found = over(found, "variableBytes", limits.variableBytes(), (double) input.bytes());
    int depth = Math.max(input.depth(), Math.max(asked.literalDepth(), enclosedDepth(asked)));
    found = over(found, "inputDepth", limits.inputDepth(), depth);
    int length = Math.max(input.listLength(), asked.literalListLength());
    found = over(found, "listLength", limits.listLength(), length);
    return found == null ? NONE : List.copyOf(found);
  }

  // what a variable brings into a literal nests as deep as both together
  private static int enclosedDepth(Evaluation asked) {
    int deepest = 0;
    for (Map.Entry<String, Integer> variable : asked.enclosedVariables().entrySet()) {
      Object value = asked.variables().get(variable.getKey());
      int own = value == null ? 0 : InputShape.of(Map.of(variable.getKey(), value)).depth();
      deepest = Math.max(deepest, variable.getValue() + own);
    }
    return deepest;
  }

  /** What exceeds the limits by what is counted alone. */
  static List<Violation> violations(DocumentCounts counts, Limits limits) {
    List<Violation> found = null;
    found = over(found, "directives", limits.directives(), (double) counts.directives());
    found = over(found, "tokens", limits.tokens(), (double) counts.tokens());
    return found == null ? NONE : List.copyOf(found);
  }

  private static @Nullable List<Violation> over(
      @Nullable List<Violation> found, String limit, double max, double actual) {
    // what is no number is not within a limit
    return actual <= max ? found : with(found, Violation.of(limit, max, actual));
  }

  private static @Nullable List<Violation> over(
      @Nullable List<Violation> found, String limit, Map.Entry<String, Double> max, double actual) {
    return actual <= max.getValue()
        ? found
        : with(found, Violation.at(max.getKey(), limit, max.getValue(), actual));
  }

  private static @Nullable List<Violation> all(
      @Nullable List<Violation> found, String limit, List<Excess> excesses) {
    List<Violation> sum = found;
    for (Excess excess : excesses) {
      double max = excess.max();
      double actual = excess.actual();
      sum = with(sum, Violation.at(excess.coordinate(), limit, max, actual));
    }
    return sum;
  }

  private static List<Violation> with(@Nullable List<Violation> found, Violation one) {
    List<Violation> list = found == null ? new ArrayList<>() : found;
    list.add(one);
    return list;
  }
}
