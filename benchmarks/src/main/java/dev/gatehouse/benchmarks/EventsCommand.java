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

/** Runs {@link EventsBenchmark} in rounds, and prints each case beside what it is compared with. */
@Command(
    name = "events",
    mixinStandardHelpOptions = true,
    description = "Matching of events with 100,000 subscriptions, and the decision about each.")
final class EventsCommand implements Callable<Integer> {
  private static final List<String> ORDER =
      List.of(
          "match1000",
          "match10000",
          "matchMillion",
          "maps1000",
          "maps10000",
          "mapsMillion",
          "list1000",
          "decisionCached",
          "decisionAsked",
          "cursor");
  private static final Map<String, String> BESIDE =
      Map.of(
          "match10000",
          "match1000",
          "matchMillion",
          "match1000",
          "maps10000",
          "maps1000",
          "mapsMillion",
          "maps1000",
          "list1000",
          "match1000",
          "decisionAsked",
          "decisionCached");

  @Mixin private final JmhCases cases = new JmhCases();

  @Override
  public Integer call() throws RunnerException {
    List<String> names = cases.among(EventsBenchmark.class);
    List<RunResult> all = new ArrayList<>();
    for (int round = 0; round < cases.rounds(); round++) {
      System.err.printf("round %d of %d …%n", round + 1, cases.rounds());
      all.addAll(
          new Runner(
                  new OptionsBuilder()
                      .include(JmhCases.of(EventsBenchmark.class, names))
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
    Table table =
        new Table(
            "case", "a second, median", "best", "of", "time (best)", "each", "bytes allocated");
    for (String name : ORDER) {
      Measured one = Measured.named(name, measured);
      Measured other = Measured.named(BESIDE.getOrDefault(name, name), measured);
      if (!Double.isNaN(one.median())) {
        table.row(
            name,
            Table.whole(one.median()),
            Table.whole(one.best()),
            other.name(),
            Table.ratio(other.median() / one.median())
                + " ("
                + Table.ratio(other.best() / one.best())
                + ")",
            String.format(Locale.ROOT, "%,.0f ns", 1e9 / one.median()),
            Table.whole(one.allocated()));
      }
    }
    table.print();
  }
}
