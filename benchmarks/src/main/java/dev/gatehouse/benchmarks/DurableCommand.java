package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import javax.crypto.Mac;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The receiver, each delivery on the disk before its 204, beside its database alone. */
@Command(
    name = "durable",
    mixinStandardHelpOptions = true,
    description = "The receiver, beside what its database does alone in batches.")
final class DurableCommand implements Callable<Integer> {
  private static final int[] BATCHES = {64, 256, 1024};

  @Option(names = "--rounds", defaultValue = "5", description = "(${DEFAULT-VALUE})")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "3",
      description = "The length of each turn (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--warmup",
      defaultValue = "20",
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

  @Override
  public Integer call() throws IOException, SQLException {
    Path folder = Files.createTempDirectory(Path.of("benchmarks", "target"), "durable");
    try {
      if (store == StoreKind.POSTGRES) {
        onPostgres(folder);
      } else {
        onSqlite(folder);
      }
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  private void onSqlite(Path folder) throws IOException, SQLException {
    try (ServerProcess receiver = ServerProcess.start(List.of(), "receiver", folder.toString())) {
      load(receiver, warmup);
      Path inbox = folder.resolve("inbox.db");
      try (Ceiling alone = GroupCommit.like(inbox, folder.resolve("alone.db"), ids)) {
        grow(alone);
        measure(receiver, alone);
      }
    }
  }

  private void onPostgres(Path folder) throws IOException, SQLException {
    try (PostgresServer server = PostgresServer.in(folder);
        ServerProcess receiver =
            ServerProcess.start(List.of(), "receiver", folder.toString(), server.url())) {
      load(receiver, warmup);
      try (Ceiling alone = PostgresCommit.like(server.url(), ids)) {
        grow(alone);
        measure(receiver, alone);
      }
    }
  }

  // Both have as many rows in the middle of the rounds, of which what is alone writes several.
  private void grow(Ceiling alone) throws SQLException {
    double speed = alone.run(Duration.ofSeconds(seconds), BATCHES[0]);
    double turns = (BATCHES.length + 1) * rounds / 2.0;
    long rows = alone.receiversRows();
    System.out.println(
        "the receiver has " + Table.count(rows) + " rows; as many are written alone");
    alone.fill(rows - (long) (turns * seconds * speed));
  }

  private void measure(ServerProcess receiver, Ceiling alone) throws IOException, SQLException {
    double[] stored = new double[rounds];
    double[] p50 = new double[rounds];
    double[] p99 = new double[rounds];
    double[] cpu = new double[rounds];
    double[] batch = new double[rounds];
    double[] alike = new double[rounds];
    double[][] ceilings = new double[BATCHES.length][rounds];
    double[] best = new double[rounds];
    WriterMetrics metrics = new WriterMetrics(receiver.managementPort());
    for (int round = 0; round < rounds; round++) {
      Duration before = receiver.cpuTime();
      metrics.read();
      LoadGenerator.Result result = load(receiver, seconds);
      batch[round] = metrics.read();
      cpu[round] =
          receiver.cpuTime().minus(before).toNanos() / 1e3 / Math.max(1, result.expected());
      stored[round] = result.perSecond();
      p50[round] = result.millisAt(0.5);
      p99[round] = result.millisAt(0.99);
      int own = Math.max(1, (int) Math.round(batch[round]));
      alike[round] = alone.run(Duration.ofSeconds(seconds), own);
      best[round] = alike[round];
      for (int i = 0; i < BATCHES.length; i++) {
        ceilings[i][round] = alone.run(Duration.ofSeconds(seconds), BATCHES[i]);
        best[round] = Math.max(best[round], ceilings[i][round]);
      }
    }
    Table table =
        new Table(
            connections + " connections, bodies of " + size + " bytes",
            "stored/s",
            "p50",
            "p99",
            "CPU each",
            "receiver : this");
    table.row(
        "receiver, 204 after the commit",
        Table.whole(Medians.of(stored)),
        Table.millis(Medians.of(p50)),
        Table.millis(Medians.of(p99)),
        Table.ratio(Medians.of(cpu)) + " µs",
        "");
    String own = " alone, batches as the receiver's, of ";
    row(table, store.title() + own + Table.whole(Medians.of(batch)), stored, alike);
    for (int i = 0; i < BATCHES.length; i++) {
      row(table, store.title() + " alone, batches of " + BATCHES[i], stored, ceilings[i]);
    }
    row(table, store.title() + " alone, the best of these", stored, best);
    table.print();
  }

  private static void row(Table table, String name, double[] stored, double[] alone) {
    table.row(
        name,
        Table.whole(Medians.of(alone)),
        "",
        "",
        "",
        Table.ratio(Medians.ofRatio(stored, alone)));
  }

  private LoadGenerator.Result load(ServerProcess receiver, int forSeconds) throws IOException {
    SignedTraffic traffic = new SignedTraffic("/hooks/demo", size, mac, ids, nextId);
    RequestSource requests = traffic.sign(forSeconds * 50_000);
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
