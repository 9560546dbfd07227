package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import javax.crypto.Mac;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What thousands of slow and rejected clients cost the good ones. */
@Command(
    name = "slow",
    mixinStandardHelpOptions = true,
    description = "Good traffic and the server's memory, with thousands of clients that are not.")
final class SlowCommand implements Callable<Integer> {
  @Option(names = "--bad", defaultValue = "10000", description = "Bad clients (${DEFAULT-VALUE}).")
  private int bad;

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
      description = "Turns among the bad clients (${DEFAULT-VALUE}).")
  private int turns;

  private final Mac mac = SignedSample.standardMac();
  private long nextId;

  private final Table table =
      new Table("", "good/s", "p50", "p99", "p99 : alone", "heap", "refused", "closed");
  private double aloneP99;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (ServerProcess server = ServerProcess.start(List.of("-Xmx256m"), "guarded")) {
      SlowClients clients = new SlowClients(server.address(), BenchmarkServer.PATH, bad);
      load(server, 2 * seconds, 0);
      turn("good traffic alone", server, clients);
      clients.start();
      awaitAll(clients);
      for (int i = 1; i <= turns; i++) {
        turn("among " + clients.open() + " bad clients, " + i, server, clients);
      }
      clients.stop();
      turn("alone again", server, clients);
    }
    table.print();
    return 0;
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

  private void turn(String name, ServerProcess server, SlowClients clients) throws IOException {
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
  }

  private LoadGenerator.Result load(ServerProcess server, int forSeconds, int perSecond)
      throws IOException {
    SignedTraffic traffic = new SignedTraffic(BenchmarkServer.PATH, 1024, mac, nextId);
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
