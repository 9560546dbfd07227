package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** From the start of {@code ./gatehouse serve} to the first 204. */
@Command(
    name = "start",
    mixinStandardHelpOptions = true,
    description = "The time from ./gatehouse serve to the first 204, when it is built.")
final class StartCommand implements Callable<Integer> {
  private static final Pattern ADDRESS =
      Pattern.compile("webhooks +http://127\\.0\\.0\\.1:(\\d+)(/\\S+)");

  @Option(names = "--runs", defaultValue = "9", description = "Starts (${DEFAULT-VALUE}).")
  private int runs;

  private long nextId;

  @Override
  public Integer call() throws IOException, InterruptedException {
    new ProcessBuilder("./gatehouse", "--version").inheritIO().start().waitFor();
    double[] listening = new double[runs];
    double[] answered = new double[runs];
    for (int i = 0; i < runs; i++) {
      Path folder = Files.createTempDirectory(Path.of("benchmarks", "target"), "start");
      Files.writeString(folder.resolve("demo-secret"), SignedSample.SECRET + "\n");
      start(folder, i, listening, answered);
      Folders.delete(folder);
    }
    Arrays.sort(listening);
    Arrays.sort(answered);
    Table table = new Table(runs + " starts", "fastest", "median", "slowest");
    row(table, "until it says where it listens", listening);
    row(table, "until the first 204", answered);
    table.print();
    return 0;
  }

  private static void row(Table table, String name, double[] sorted) {
    table.row(
        name,
        Table.whole(sorted[0]) + " ms",
        Table.whole(sorted[sorted.length / 2]) + " ms",
        Table.whole(sorted[sorted.length - 1]) + " ms");
  }

  private void start(Path folder, int run, double[] listening, double[] answered)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    Process process =
        new ProcessBuilder(
                "./gatehouse",
                "serve",
                "--port",
                "0",
                "--management-port",
                "0",
                "--data",
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      Matcher address = addressOf(process.inputReader(UTF_8));
      listening[run] = (System.nanoTime() - begun) / 1e6;
      deliver(Integer.parseInt(address.group(1)), address.group(2));
      answered[run] = (System.nanoTime() - begun) / 1e6;
    } finally {
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  private static Matcher addressOf(BufferedReader lines) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher matcher = ADDRESS.matcher(line);
      if (matcher.find()) {
        return matcher;
      }
    }
    throw new IOException("./gatehouse serve ended before it listened");
  }

  private void deliver(int port, String path) throws IOException {
    SignedTraffic traffic =
        new SignedTraffic(path, 1024, SignedSample.standardMac(), IdOrder.RANDOM, nextId++);
    LoadGenerator.Result result =
        new LoadGenerator(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                1,
                1,
                204,
                traffic.sign(1),
                traffic.requestLength())
            .run(Duration.ofSeconds(10));
    if (result.expected() != 1) {
      throw new IOException("the first delivery was not answered with 204");
    }
  }
}
