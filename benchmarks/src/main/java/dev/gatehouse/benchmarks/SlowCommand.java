package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import javax.crypto.Mac;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What thousands of slow and rejected clients cost the good ones.
 *
 * <p>And what the same clients cost them before a route that only reads the body, and before one
 * that reads it and closes the connections of those that do not send theirs, as every server must:
 * that is what the machine takes for it, which clients and server share. Last comes the standalone
 * receiver, which stores each good one before it answers.
 */
@Command(
    name = "slow",
    mixinStandardHelpOptions = true,
    description = "Good traffic and the server's memory, with thousands of clients that are not.")
final class SlowCommand implements Callable<Integer> {
  private static final String RECEIVER = "receiver";

  @Option(names = "--bad", defaultValue = "10000", description = "Bad clients (${DEFAULT-VALUE}).")
  private int bad;

  @Option(
      names = "--pause",
      defaultValue = "5",
      description = "Seconds between what a bad client sends (${DEFAULT-VALUE}).")
  private int pause;

  @Option(
      names = "--rate",
      defaultValue = "2000",
      description = "Good requests a second (${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "The length of each of the turns (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--turns",
      defaultValue = "3",
      description = "Turns among the bad clients of each route, at least 1 (${DEFAULT-VALUE}).")
  private int turns;

  private final Mac mac = SignedSample.standardMac();
  private long nextId;
  private String path = "";

  private final Table table =
      new Table("", "good/s", "p50", "p99", "p99 : alone", "heap", "refused", "closed");
  private double aloneP99;

  @Override
  public Integer call() throws IOException, InterruptedException {
    double bare = measure("bare");
    double dropping = measure("dropping");
    double guarded = measure("guarded");
    measure(RECEIVER);
    table.print();
    System.out.printf(
        Locale.ROOT,
        "p99 among bad clients, guarded : dropping %.2f, guarded : bare %.2f%n",
        guarded / dropping,
        guarded / bare);
    return 0;
  }

  /** The median of the p99 among bad clients, in milliseconds. */
  private double measure(String route) throws IOException, InterruptedException {
    aloneP99 = 0;
    double[] among = new double[turns];
    path = route.equals(RECEIVER) ? "/hooks/demo" : BenchmarkServer.PATH;
    Path folder = Files.createTempDirectory(Path.of("benchmarks", "target"), "slow");
    try (ServerProcess server = ServerProcess.start(List.of(), route, folder.toString())) {
      SlowClients clients = new SlowClients(server.address(), path, bad, Duration.ofSeconds(pause));
      load(server, 2 * seconds, 0);
      turn(route + ", good traffic alone", server, clients);
      clients.start();
      awaitAll(clients);
      load(server, seconds, rate);
      for (int i = 0; i < turns; i++) {
        among[i] = turn(route + ", among " + clients.open() + " bad clients", server, clients);
      }
      clients.stop();
      turn(route + ", alone again", server, clients);
    }
    Folders.delete(folder);
    return Medians.of(among);
  }

  private void awaitAll(SlowClients clients) throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (clients.open() < bad * 0.99) {
      if (System.nanoTime() > giveUp) {
        throw new IOException("only " + clients.open() + " bad clients could connect in a minute");
      }
      Thread.sleep(50);
    }
  }

  private double turn(String name, ServerProcess server, SlowClients clients) throws IOException {
    long refused = clients.answers();
    long closed = clients.closedByServer();
    LoadGenerator.Result result = load(server, seconds, rate);
    double p99 = result.millisAt(0.99);
    aloneP99 = aloneP99 == 0 ? p99 : aloneP99;
    table.row(
        name,
        Table.whole(result.perSecond()),
        Table.millis(result.millisAt(0.5)),
        Table.millis(p99),
        Table.ratio(p99 / aloneP99),
        Table.ratio(server.heapInUse() / 1e6) + " MB",
        Table.count(clients.answers() - refused),
        Table.count(clients.closedByServer() - closed));
    return p99;
  }

  private LoadGenerator.Result load(ServerProcess server, int forSeconds, int perSecond)
      throws IOException {
    SignedTraffic traffic = new SignedTraffic(path, 1024, mac, IdOrder.RANDOM, nextId);
    RequestSource requests =
        traffic.sign(forSeconds * (perSecond == 0 ? 100_000 : perSecond + 100));
    nextId = traffic.nextId();
    LoadGenerator.Result result =
        new LoadGenerator(server.address(), 32, 1, 204, requests, traffic.requestLength())
            .pace(perSecond)
            .run(Duration.ofSeconds(forSeconds));
    if (result.others() > 0) {
      throw new IOException(result.others() + " good requests were not answered with 204");
    }
    return result;
  }
}
