package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import javax.crypto.Mac;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What an event costs a receiver that has stored so and so many before; and what a row costs the
 * database alone, in the same table, written in batches by one connection: that is how much of what
 * more rows cost is the database's own.
 *
 * <p>With PostgreSQL the server's processor time counts as well.
 */
@Command(
    name = "rows",
    mixinStandardHelpOptions = true,
    description = "The receiver's cost of an event, by how many rows there are already.")
final class RowsCommand implements Callable<Integer> {
  private static final int BATCH = 256;

  @Option(
      names = "--sizes",
      split = ",",
      defaultValue = "1000,100000,1000000,10000000",
      description = "Stored rows, rising (${DEFAULT-VALUE}).")
  private List<Long> sizes = List.of();

  @Option(names = "--rounds", defaultValue = "3", description = "(${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "3",
      description = "The length of each turn (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--warmup",
      defaultValue = "10",
      description = "Seconds for the receiver to be compiled in (${DEFAULT-VALUE}).")
  private int warmup;

  @Option(names = "--connections", defaultValue = "256", description = "(${DEFAULT-VALUE})")
  private int connections;

  @Option(names = "--size", defaultValue = "1024", description = "The body (${DEFAULT-VALUE}).")
  private int size;

  @Option(
      names = "--store",
      defaultValue = "sqlite",
      description = "sqlite or postgres (${DEFAULT-VALUE}).")
  private StoreKind store = StoreKind.SQLITE;

  @Option(
      names = "--ids",
      defaultValue = "random",
      description = "Ids that are random, or rising with time as KSUIDs do (${DEFAULT-VALUE}).")
  private IdOrder ids = IdOrder.RANDOM;

  private final Mac mac = SignedSample.standardMac();
  private long nextId;

  /**
   * What an event costs.
   *
   * @param cpuMicros processor time, of the receiver and its database
   * @param aloneMicros that of a row that the database is given in batches
   */
  private record Cost(
      long rows, double perSecond, double cpuMicros, double p50, double aloneMicros) {
    Cost beside(double alone) {
      return new Cost(rows, perSecond, cpuMicros, p50, alone);
    }
  }

  /** Somebody's processor time until now. */
  @FunctionalInterface
  private interface CpuTime {
    Duration now() throws IOException;
  }

  @Override
  public Integer call() throws IOException, SQLException {
    Path folder = Files.createTempDirectory(Path.of("benchmarks", "target"), "rows");
    try {
      if (store == StoreKind.POSTGRES) {
        try (PostgresServer server = PostgresServer.in(folder)) {
          List<String> place = List.of(server.url());
          print(measure(folder, place, server.url(), server::cpuTime));
        }
      } else {
        String url = "jdbc:sqlite:" + folder.resolve("inbox.db");
        print(measure(folder, List.of(), url, () -> Duration.ZERO));
      }
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  private List<Cost> measure(Path folder, List<String> place, String jdbcUrl, CpuTime ofDatabase)
      throws IOException, SQLException {
    List<Cost> costs = new ArrayList<>();
    try (ServerProcess receiver = start(folder, place)) {
      load(receiver, 1);
    }
    for (long rows : sizes) {
      StoredRows.fill(jdbcUrl, store, ids, rows);
      Cost receivers;
      try (ServerProcess receiver = start(folder, place)) {
        load(receiver, warmup);
        receivers = cost(receiver, rows, ofDatabase);
      }
      costs.add(receivers.beside(alone(folder, jdbcUrl, ofDatabase)));
    }
    return costs;
  }

  private static ServerProcess start(Path folder, List<String> place) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("receiver", folder.toString()));
    arguments.addAll(place);
    return ServerProcess.start(List.of(), arguments.toArray(String[]::new));
  }

  private double alone(Path folder, String jdbcUrl, CpuTime ofDatabase)
      throws IOException, SQLException {
    double[] cpu = new double[rounds];
    try (Ceiling alone =
        store == StoreKind.POSTGRES
            ? PostgresCommit.into(jdbcUrl, ids)
            : GroupCommit.into(folder.resolve("inbox.db"), ids)) {
      // SQLite is in this thread, as PostgreSQL's client is
      CpuTime all = () -> ofThisThread().plus(ofDatabase.now());
      alone.run(Duration.ofSeconds(seconds), BATCH);
      for (int round = 0; round < rounds; round++) {
        Duration before = all.now();
        long rowsBefore = alone.rows();
        alone.run(Duration.ofSeconds(seconds), BATCH);
        cpu[round] =
            all.now().minus(before).toNanos() / 1e3 / Math.max(1, alone.rows() - rowsBefore);
      }
    }
    return Medians.of(cpu);
  }

  private static Duration ofThisThread() {
    return Duration.ofNanos(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
  }

  private Cost cost(ServerProcess receiver, long rows, CpuTime ofDatabase) throws IOException {
    double[] perSecond = new double[rounds];
    double[] cpu = new double[rounds];
    double[] p50 = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      Duration before = receiver.cpuTime().plus(ofDatabase.now());
      LoadGenerator.Result result = load(receiver, seconds);
      Duration used = receiver.cpuTime().plus(ofDatabase.now()).minus(before);
      cpu[round] = used.toNanos() / 1e3 / Math.max(1, result.expected());
      perSecond[round] = result.perSecond();
      p50[round] = result.millisAt(0.5);
    }
    return new Cost(rows, Medians.of(perSecond), Medians.of(cpu), Medians.of(p50), Double.NaN);
  }

  private void print(List<Cost> costs) {
    Table table =
        new Table(
            store.title() + ", rows at the start",
            "stored/s",
            "p50",
            "CPU each",
            "CPU : first",
            "alone",
            "alone : first");
    Cost first = costs.get(0);
    for (Cost cost : costs) {
      table.row(
          Table.count(cost.rows()),
          Table.whole(cost.perSecond()),
          Table.millis(cost.p50()),
          Table.ratio(cost.cpuMicros()) + " µs",
          Table.ratio(cost.cpuMicros() / first.cpuMicros()),
          Table.ratio(cost.aloneMicros()) + " µs",
          Table.ratio(cost.aloneMicros() / first.aloneMicros()));
    }
    table.print();
  }

  private LoadGenerator.Result load(ServerProcess receiver, int forSeconds) throws IOException {
    SignedTraffic traffic = new SignedTraffic("/hooks/demo", size, mac, ids, nextId);
    RequestSource requests = traffic.sign(forSeconds * 30_000);
    nextId = traffic.nextId();
    LoadGenerator.Result result =
        new LoadGenerator(
                receiver.address(), connections, 1, 204, requests, traffic.requestLength())
            .run(Duration.ofSeconds(forSeconds));
    if (result.others() > 0) {
      throw new IOException(result.others() + " requests were not answered with 204");
    }
    return result;
  }
}
