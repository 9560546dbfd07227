package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import javax.crypto.Mac;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A route with verification and claims beside one that only reads the body. */
@Command(
    name = "handler",
    mixinStandardHelpOptions = true,
    description = "A Vert.x route with verification and claims, beside one that only reads.")
final class HandlerCommand implements Callable<Integer> {
  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds of one turn each (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "4",
      description = "The length of a turn (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--warmup",
      defaultValue = "10",
      description = "Seconds before the first round, for each server (${DEFAULT-VALUE}).")
  private int warmup;

  @Option(names = "--connections", defaultValue = "32", description = "(${DEFAULT-VALUE})")
  private int connections;

  @Option(names = "--size", defaultValue = "1024", description = "The body (${DEFAULT-VALUE}).")
  private int size;

  private final Mac mac = SignedSample.standardMac();
  private long nextId;

  private final class Side {
    private final String name;
    private final ServerProcess server;
    private final double[] perSecond = new double[rounds];
    private final double[] p50 = new double[rounds];
    private final double[] p99 = new double[rounds];
    private final double[] cpuMicros = new double[rounds];

    private Side(String name, ServerProcess server) {
      this.name = name;
      this.server = server;
    }

    private void turn(int round) throws IOException {
      Duration before = server.cpuTime();
      LoadGenerator.Result result = load(server, seconds);
      Duration used = server.cpuTime().minus(before);
      perSecond[round] = result.perSecond();
      p50[round] = result.millisAt(0.5);
      p99[round] = result.millisAt(0.99);
      cpuMicros[round] = used.toNanos() / 1e3 / result.expected();
    }
  }

  @Override
  public Integer call() throws IOException {
    try (ServerProcess bareServer = ServerProcess.start(List.of(), "bare");
        ServerProcess guardedServer = ServerProcess.start(List.of(), "guarded")) {
      Side bare = new Side("bare route", bareServer);
      Side guarded = new Side("verified and claimed", guardedServer);
      load(bareServer, warmup);
      load(guardedServer, warmup);
      for (int round = 0; round < rounds; round++) {
        System.err.printf("round %d of %d …%n", round + 1, rounds);
        bare.turn(round);
        guarded.turn(round);
      }
      print(bare, guarded);
    }
    return 0;
  }

  private LoadGenerator.Result load(ServerProcess server, int forSeconds) throws IOException {
    SignedTraffic traffic = new SignedTraffic(BenchmarkServer.PATH, size, mac, nextId);
    RequestSource requests = traffic.sign(forSeconds * 100_000);
    nextId = traffic.nextId();
    LoadGenerator.Result result =
        new LoadGenerator(server.address(), connections, 1, 204, requests, traffic.requestLength())
            .run(Duration.ofSeconds(forSeconds));
    if (result.others() > 0) {
      throw new IOException(result.others() + " requests were not answered with 204");
    }
    return result;
  }

  private void print(Side bare, Side guarded) {
    Table table =
        new Table(
            connections + " connections, bodies of " + size + " bytes",
            "requests/s",
            "p50",
            "p99",
            "server CPU a request");
    for (Side side : List.of(bare, guarded)) {
      table.row(
          side.name,
          Table.whole(median(side.perSecond)),
          Table.millis(median(side.p50)),
          Table.millis(median(side.p99)),
          Table.ratio(median(side.cpuMicros)) + " µs");
    }
    table.row(
        "ratio",
        Table.ratio(medianRatio(guarded.perSecond, bare.perSecond)),
        Table.ratio(medianRatio(guarded.p50, bare.p50)),
        Table.ratio(medianRatio(guarded.p99, bare.p99)),
        Table.ratio(medianRatio(guarded.cpuMicros, bare.cpuMicros)));
    table.print();
  }

  private static double medianRatio(double[] ours, double[] others) {
    double[] ratios = new double[ours.length];
    Arrays.setAll(ratios, i -> ours[i] / others[i]);
    return median(ratios);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
