package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs {@link VerifyBenchmark} in rounds, and prints each contender beside the MAC. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "One verification of an HMAC-SHA256 webhook, beside the MAC and other libraries.",
      "The MAC alone runs whatever --only says."
    })
final class VerifyCommand implements Callable<Integer> {
  private static final String FLOOR = "mac";
  private static final String PEER = "standardwebhooks";

  @Mixin private final JmhCases cases = new JmhCases();

  @Option(
      names = "--sizes",
      split = ",",
      defaultValue = "1024,65536",
      description = "The bodies' sizes in bytes (${DEFAULT-VALUE}).")
  private List<String> sizes = List.of();

  @Option(names = "--profiler", defaultValue = "", description = "One more of JMH's, as 'stack'.")
  private String profiler = "";

  @Option(
      names = "--jvm",
      description =
          "A flag for the JVMs, repeatable; -XX:-UseSHA shows a processor without SHA instructions.")
  private List<String> jvm = List.of();

  @Option(
      names = "--json",
      defaultValue = "benchmarks/target/verify.json",
      description = "Where the whole result goes (${DEFAULT-VALUE}).")
  private Path json = Path.of("");

  @Override
  public Integer call() throws RunnerException, IOException {
    Options options = options();
    List<RunResult> all = new ArrayList<>();
    for (int round = 0; round < cases.rounds(); round++) {
      System.err.printf("round %d of %d …%n", round + 1, cases.rounds());
      all.addAll(new Runner(options).run());
    }
    try (PrintStream out =
        new PrintStream(Files.newOutputStream(json), false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(all);
    }
    for (String size : sizes) {
      print(size, all);
    }
    return 0;
  }

  private Options options() {
    List<String> names = new ArrayList<>();
    names.add(FLOOR);
    names.addAll(cases.among(VerifyBenchmark.class, OneSchemeBenchmark.class));
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(JmhCases.of(VerifyBenchmark.class, names))
            .include(JmhCases.of(OneSchemeBenchmark.class, names))
            .param("size", sizes.toArray(String[]::new))
            .forks(1)
            .jvmArgsAppend(jvm.toArray(String[]::new))
            .warmupIterations(4)
            .warmupTime(TimeValue.milliseconds(500))
            .measurementIterations(cases.iterations())
            .measurementTime(TimeValue.milliseconds(500))
            .shouldFailOnError(true)
            .verbosity(profiler.isEmpty() ? VerboseMode.SILENT : VerboseMode.NORMAL)
            .addProfiler(GCProfiler.class);
    return (profiler.isEmpty() ? options : options.addProfiler(profiler)).build();
  }

  private static void print(String size, List<RunResult> all) {
    List<Measured> measured = Measured.byContender(size, all);
    Measured floor = Measured.named(FLOOR, measured);
    Measured peer = Measured.named(PEER, measured);
    Table table =
        new Table(
            "body of " + size + " bytes",
            "per second",
            "best",
            "of the MAC",
            "(best)",
            "of " + PEER,
            "bytes allocated");
    measured.stream()
        .sorted(Comparator.comparingDouble(Measured::median).reversed())
        .forEach(
            m ->
                table.row(
                    m.name(),
                    Table.whole(m.median()),
                    Table.whole(m.best()),
                    Table.ratio(m.median() / floor.median()),
                    Table.ratio(m.best() / floor.best()),
                    Table.ratio(m.median() / peer.median()),
                    Table.whole(m.allocated())));
    table.print();
  }
}
