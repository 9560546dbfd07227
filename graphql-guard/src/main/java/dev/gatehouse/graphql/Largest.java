package dev.gatehouse.graphql;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The largest of each number over several analyses of one operation. */
final class Largest {
  private static final List<String> ORDER =
      List.of(
          "depth",
          "fields",
          "aliases",
          "rootFields",
          "directives",
          "tokens",
          "typeCost",
          "fieldCost",
          "calls",
          "recursion",
          "slicingArguments",
          "introspection");

  private @Nullable OperationAnalysis sum;
  private final Map<List<Object>, Violation> violations = new LinkedHashMap<>();

  void add(OperationAnalysis next) {
    for (Violation violation : next.violations()) {
      violations.merge(
          List.of(violation.limit(), violation.coordinate(), violation.max()),
          violation,
          (left, right) -> left.actual() >= right.actual() ? left : right);
    }
    OperationAnalysis known = sum;
    sum =
        known == null
            ? next
            : new OperationAnalysis(
                Math.max(known.typeCost(), next.typeCost()),
                Math.max(known.fieldCost(), next.fieldCost()),
                Math.max(known.depth(), next.depth()),
                Math.max(known.fields(), next.fields()),
                Math.max(known.aliases(), next.aliases()),
                Math.max(known.rootFields(), next.rootFields()),
                next.directives(),
                next.tokens(),
                List.of());
  }

  OperationAnalysis result() {
    OperationAnalysis all = Objects.requireNonNull(sum);
    return new OperationAnalysis(
        all.typeCost(),
        all.fieldCost(),
        all.depth(),
        all.fields(),
        all.aliases(),
        all.rootFields(),
        all.directives(),
        all.tokens(),
        violations.values().stream()
            .sorted(java.util.Comparator.comparingInt(each -> ORDER.indexOf(each.limit())))
            .toList());
  }
}
