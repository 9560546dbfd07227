package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long a new process takes to read one scheme, and then every scheme of the catalogue. */
@Command(
    name = "catalogue",
    mixinStandardHelpOptions = true,
    description = "Reading one scheme and the whole catalogue, each time in a new JVM.")
final class CatalogueCommand implements Callable<Integer> {
  @Option(names = "--rounds", defaultValue = "9", description = "New JVMs (${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  public Integer call() throws IOException {
    double[] one = new double[rounds];
    double[] all = new double[rounds];
    double[] again = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      String[] millis = measured();
      one[round] = Double.parseDouble(millis[0]);
      all[round] = Double.parseDouble(millis[1]);
      again[round] = Double.parseDouble(millis[2]);
    }
    Table table = new Table("in a new JVM", "median", "best");
    row(table, "the first scheme", one);
    row(table, "then all " + Schemes.names().size(), all);
    row(table, "all once more", again);
    table.print();
    return 0;
  }

  private static void row(Table table, String name, double[] millis) {
    table.row(
        name,
        Table.millis(Medians.of(millis)),
        Table.millis(Arrays.stream(millis).min().orElse(0)));
  }

  private static String[] measured() throws IOException {
    List<String> command =
        List.of(
            ProcessHandle.current().info().command().orElse("java"),
            "-cp",
            System.getProperty("java.class.path"),
            Reader.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var lines = process.inputReader(UTF_8)) {
      String line = lines.readLine();
      if (line == null) {
        throw new IOException("the reading process said nothing");
      }
      return line.split(" ");
    }
  }

  /** The process that is measured. */
  static final class Reader {
    private Reader() {}

    /** Prints the milliseconds of the first scheme, of all, and of all once more. */
    public static void main(String... args) {
      long start = System.nanoTime();
      Schemes.named("github");
      long first = System.nanoTime();
      Schemes.all();
      long all = System.nanoTime();
      Schemes.all();
      long again = System.nanoTime();
      System.out.println(
          (first - start) / 1e6 + " " + (all - first) / 1e6 + " " + (again - all) / 1e6);
    }
  }
}
