package dev.gatehouse.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Runs {@link GraphqlBenchmark} in rounds, and prints each case beside what it is compared with.
 */
@Command(
    name = "graphql",
    mixinStandardHelpOptions = true,
    description =
        "The analysis of GraphQL operations, beside graphql-java's validation and limits.")
final class GraphqlCommand implements Callable<Integer> {
  private static final Map<String, String> BESIDE =
      Map.ofEntries(
          Map.entry("warm300", "validation300"),
          Map.entry("warmAccess300", "validation300"),
          Map.entry("ordersBare", "ordersBare"),
          Map.entry("ordersGuarded", "ordersBare"),
          Map.entry("cold300", "validation300"),
          Map.entry("validation300", "validation300"),
          Map.entry("coldDoubling25", "validation300"),
          Map.entry("coldSpreads8", "validationSpreads80"),
          Map.entry("coldSpreads80", "validationSpreads80"),
          Map.entry("validationSpreads80", "validationSpreads80"),
          Map.entry("coldDuplicates", "validation300"),
          Map.entry("coldMegabyte", "validation300"),
          Map.entry("requestBare", "requestBare"),
          Map.entry("requestGuarded", "requestBare"),
          Map.entry("requestStock", "requestBare"),
          Map.entry("keptBare", "keptBare"),
          Map.entry("keptGuarded", "keptBare"),
          Map.entry("keptStock", "keptBare"));
  private static final List<String> ORDER =
      List.of(
          "warm300",
          "warmAccess300",
          "cold300",
          "validation300",
          "coldDoubling25",
          "coldSpreads8",
          "coldSpreads80",
          "validationSpreads80",
          "coldDuplicates",
          "coldMegabyte",
          "requestBare",
          "requestGuarded",
          "requestStock",
          "keptBare",
          "keptGuarded",
          "keptStock",
          "ordersBare",
          "ordersGuarded");

  @Mixin private final JmhCases cases = new JmhCases();

  @Override
  public Integer call() throws RunnerException {
    List<String> names = cases.among(GraphqlBenchmark.class);
    List<RunResult> all = new ArrayList<>();
    for (int round = 0; round < cases.rounds(); round++) {
      System.err.printf("round %d of %d …%n", round + 1, cases.rounds());
      all.addAll(
          new Runner(
                  new OptionsBuilder()
                      .include(JmhCases.of(GraphqlBenchmark.class, names))
                      .forks(1)
                      .warmupIterations(6)
                      .warmupTime(TimeValue.milliseconds(500))
                      .measurementIterations(cases.iterations())
                      .measurementTime(TimeValue.milliseconds(500))
                      .shouldFailOnError(true)
                      .verbosity(VerboseMode.SILENT)
                      .addProfiler(GCProfiler.class)
                      .build())
              .run());
    }
    print(Measured.byContender(all));
    return 0;
  }

  private static void print(List<Measured> measured) {
    Table table = new Table("case", "median", "best", "of", "time (best)", "bytes allocated");
    for (String name : ORDER) {
      Measured one = Measured.named(name, measured);
      Measured other = Measured.named(BESIDE.getOrDefault(name, name), measured);
      if (!Double.isNaN(one.median())) {
        table.row(
            name,
            micros(one.median()),
            micros(one.best()),
            other.name(),
            Table.ratio(other.median() / one.median())
                + " ("
                + Table.ratio(other.best() / one.best())
                + ")",
            Table.whole(one.allocated()));
      }
    }
    table.print();
  }

  private static String micros(double aSecond) {
    return String.format(Locale.ROOT, "%,.2f µs", 1e6 / aSecond);
  }
}
