package dev.gatehouse.benchmarks;

import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which cases of a benchmark a command runs, and how often. */
final class JmhCases {
  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "JVMs for each case; the cases take turns (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--iterations",
      defaultValue = "8",
      description = "Iterations of half a second in each JVM (${DEFAULT-VALUE}).")
  private int iterations;

  @Option(names = "--only", defaultValue = ".*", description = "The cases, a regular expression.")
  private String only = "";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  int rounds() {
    return rounds;
  }

  int iterations() {
    return iterations;
  }

  /**
   * The names of the cases of these classes that were asked for, in no order.
   *
   * @throws ParameterException if there are none
   */
  List<String> among(Class<?>... benchmarks) {
    List<String> all =
        Stream.of(benchmarks)
            .flatMap(each -> Stream.of(each.getDeclaredMethods()))
            .filter(method -> method.isAnnotationPresent(Benchmark.class))
            .map(method -> method.getName())
            .sorted()
            .toList();
    Pattern wanted;
    try {
      wanted = Pattern.compile(only);
    } catch (PatternSyntaxException e) {
      throw wrong("is no regular expression: " + e.getDescription());
    }
    List<String> cases = all.stream().filter(name -> wanted.matcher(name).matches()).toList();
    if (cases.isEmpty()) {
      throw wrong("names none of the cases: " + String.join(", ", all));
    }
    return cases;
  }

  private ParameterException wrong(String why) {
    if (command == null) {
      throw new IllegalStateException("not a mixin of a command");
    }
    return new ParameterException(command.commandLine(), "--only: '" + only + "' " + why);
  }

  /** An expression for cases of a class by these names. */
  static String of(Class<?> benchmark, List<String> names) {
    return "^" + Pattern.quote(benchmark.getName() + ".") + "(" + String.join("|", names) + ")$";
  }
}
