package dev.gatehouse.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What one contender did over all iterations of all its JVMs.
 *
 * <p>The median is what to quote; the best iteration is the one that other programs on the machine
 * disturbed least, so both ratios together tell a slow contender from a noisy neighbour.
 *
 * @param name the contender
 * @param median operations a second, the median iteration
 * @param best operations a second, the best iteration
 * @param allocated bytes allocated by one operation
 */
record Measured(String name, double median, double best, double allocated) {
  private static final String ALLOCATION = "gc.alloc.rate.norm";

  static List<Measured> byContender(String size, List<RunResult> all) {
    return byContender(
        all.stream().filter(r -> r.getParams().getParam("size").equals(size)).toList());
  }

  static List<Measured> byContender(List<RunResult> all) {
    Map<String, List<IterationResult>> iterations = new TreeMap<>();
    for (RunResult result : all) {
      String benchmark = result.getParams().getBenchmark();
      String name = benchmark.substring(benchmark.lastIndexOf('.') + 1);
      for (BenchmarkResult jvm : result.getBenchmarkResults()) {
        iterations.computeIfAbsent(name, n -> new ArrayList<>()).addAll(jvm.getIterationResults());
      }
    }
    return iterations.entrySet().stream().map(e -> of(e.getKey(), e.getValue())).toList();
  }

  private static Measured of(String name, List<IterationResult> iterations) {
    double[] speeds =
        iterations.stream().mapToDouble(i -> i.getPrimaryResult().getScore()).sorted().toArray();
    double[] allocated = iterations.stream().mapToDouble(Measured::allocatedIn).sorted().toArray();
    return new Measured(
        name,
        speeds[speeds.length / 2],
        speeds[speeds.length - 1],
        allocated[allocated.length / 2]);
  }

  @SuppressWarnings("rawtypes")
  private static double allocatedIn(IterationResult iteration) {
    for (Map.Entry<String, Result> result : iteration.getSecondaryResults().entrySet()) {
      if (result.getKey().endsWith(ALLOCATION)) {
        return result.getValue().getScore();
      }
    }
    return Double.NaN;
  }

  /** The contender of that name; one of which nothing is known if it did not run. */
  static Measured named(String name, List<Measured> measured) {
    return measured.stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElse(new Measured(name, Double.NaN, Double.NaN, Double.NaN));
  }
}
