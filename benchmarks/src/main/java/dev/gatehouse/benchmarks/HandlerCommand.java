package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
      names = "--forks",
      defaultValue = "3",
      description =
          "How often both servers are started: no two JVMs compile alike, and a median over"
              + " several tells of the code (${DEFAULT-VALUE}).")
  private int forks;

  @Option(
      names = "--rounds",
      defaultValue = "15",
      description = "Rounds of a fork; in each both servers have a turn (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "1",
      description = "The length of a turn: short, so that others disturb both (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--warmup",
      defaultValue = "20",
      description = "Seconds for each server to be compiled in (${DEFAULT-VALUE}).")
  private int warmup;

  @Option(names = "--connections", defaultValue = "32", description = "(${DEFAULT-VALUE})")
  private int connections;

  @Option(names = "--size", defaultValue = "1024", description = "The body (${DEFAULT-VALUE}).")
  private int size;

  private final Mac mac = SignedSample.standardMac();
  private long nextId;

  private final class Side {
    private final String name;
    private final double[] perSecond = new double[forks * rounds];
    private final double[] p50 = new double[forks * rounds];
    private final double[] p99 = new double[forks * rounds];
    private final double[] cpuMicros = new double[forks * rounds];

    private Side(String name) {
      this.name = name;
    }

    private void turn(ServerProcess server, int turn) throws IOException {
      Duration before = server.cpuTime();
      LoadGenerator.Result result = load(server, seconds);
      Duration used = server.cpuTime().minus(before);
      perSecond[turn] = result.perSecond();
      p50[turn] = result.millisAt(0.5);
      p99[turn] = result.millisAt(0.99);
      cpuMicros[turn] = used.toNanos() / 1e3 / result.expected();
    }
  }

  @Override
  public Integer call() throws IOException {
    Side bare = new Side("bare route");
    Side guarded = new Side("verified and claimed");
    for (int fork = 0; fork < forks; fork++) {
      fork(bare, guarded, fork * rounds);
    }
    print(bare, guarded);
    return 0;
  }

  private void fork(Side bare, Side guarded, int firstTurn) throws IOException {
    try (ServerProcess bareServer = ServerProcess.start(List.of(), "bare");
        ServerProcess guardedServer = ServerProcess.start(List.of(), "guarded")) {
      load(bareServer, warmup);
      load(guardedServer, warmup);
      for (int turn = firstTurn; turn < firstTurn + rounds; turn++) {
        bare.turn(bareServer, turn);
        guarded.turn(guardedServer, turn);
      }
    }
  }

  private LoadGenerator.Result load(ServerProcess server, int forSeconds) throws IOException {
    SignedTraffic traffic =
        new SignedTraffic(BenchmarkServer.PATH, size, mac, IdOrder.RANDOM, nextId);
    RequestSource requests = traffic.sign(forSeconds * 150_000);
    nextId = traffic.nextId();
    LoadGenerator.Result result =
        new LoadGenerator(server.address(), connections, 1, 204, requests, traffic.requestLength())
            .spinning()
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
          Table.whole(Medians.of(side.perSecond)),
          Table.millis(Medians.of(side.p50)),
          Table.millis(Medians.of(side.p99)),
          Table.ratio(Medians.of(side.cpuMicros)) + " µs");
    }
    table.row(
        "ratio",
        Table.ratio(Medians.ofRatio(guarded.perSecond, bare.perSecond)),
        Table.ratio(Medians.ofRatio(guarded.p50, bare.p50)),
        Table.ratio(Medians.ofRatio(guarded.p99, bare.p99)),
        Table.ratio(Medians.ofRatio(guarded.cpuMicros, bare.cpuMicros)));
    table.print();
    System.out.println("requests/s, by fork: " + byFork(bare, guarded));
  }

  private String byFork(Side bare, Side guarded) {
    return IntStream.range(0, forks)
        .mapToObj(fork -> Table.ratio(ofFork(fork, bare, guarded)))
        .collect(Collectors.joining(", "));
  }

  private double ofFork(int fork, Side bare, Side guarded) {
    int from = fork * rounds;
    return Medians.ofRatio(
        Arrays.copyOfRange(guarded.perSecond, from, from + rounds),
        Arrays.copyOfRange(bare.perSecond, from, from + rounds));
  }
}
