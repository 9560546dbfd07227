package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Events to many connections, beside a bare loop that writes the same frames. */
@Command(
    name = "fanout",
    mixinStandardHelpOptions = true,
    description = "Event streams to many connections, beside a bare loop of the same frames.")
final class FanoutCommand implements Callable<Integer> {
  @Option(names = "--connections", defaultValue = "5000", description = "(${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--rounds",
      defaultValue = "9",
      description = "Rounds; in each both servers have a turn (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--events",
      defaultValue = "20",
      description = "Events of a turn, sent at once (${DEFAULT-VALUE}).")
  private int events;

  @Option(
      names = "--size",
      defaultValue = "100",
      description = "Bytes of text in an event (${DEFAULT-VALUE}).")
  private int size;

  @Option(
      names = "--paced",
      defaultValue = "60",
      description = "Events of a turn with a slow reader, one by one (${DEFAULT-VALUE}).")
  private int paced;

  private static final int SLOW_SIZE = 4_000;

  /** One server and its clients. */
  private final class Side implements AutoCloseable {
    private final ServerProcess server;
    private final StreamReaders readers;
    private final long heapEach;
    private final long residentEach;
    private final double[] perSecond = new double[rounds];

    private Side(String name) throws IOException {
      server = ServerProcess.start(List.of(), name);
      boolean sockets = name.equals("events-websocket");
      StreamReaders warm = open(sockets, 200);
      server.heapInUse();
      warm.close();
      long heap = server.heapInUse();
      long resident = resident();
      readers = open(sockets, connections);
      heapEach = (server.heapInUse() - heap) / connections;
      residentEach = (resident() - resident) / connections;
    }

    private StreamReaders open(boolean sockets, int count) throws IOException {
      return sockets
          ? StreamReaders.ofSockets(server.address(), count)
          : StreamReaders.ofEvents(server.address(), count);
    }

    private long resident() throws IOException {
      for (String line : Files.readAllLines(Path.of("/proc/" + server.pid() + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
      return 0;
    }

    private double burst() throws IOException {
      long begun = System.nanoTime();
      server.tell("publish " + events + " " + size);
      long last = readers.await((long) events * readers.count());
      return (double) events * readers.count() / ((last - begun) / 1e9);
    }

    /** The 99th percentile of all deliveries of single events, in milliseconds. */
    private double p99(int readersOfAll) throws IOException {
      List<double[]> all = new ArrayList<>();
      for (int i = 0; i < paced; i++) {
        long begun = System.nanoTime();
        server.tell("publish 1 " + SLOW_SIZE);
        readers.await(readersOfAll);
        all.add(readers.millisSince(begun));
      }
      double[] sorted = all.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
      return sorted[(int) (sorted.length * 0.99)];
    }

    @Override
    public void close() throws IOException {
      readers.close();
      server.close();
    }
  }

  @Override
  public Integer call() throws IOException {
    long socketHeap;
    long socketResident;
    try (Side sockets = new Side("events-websocket")) {
      socketHeap = sockets.heapEach;
      socketResident = sockets.residentEach;
    }
    try (Side ours = new Side("events");
        Side bare = new Side("events-bare")) {
      memory(ours, socketHeap, socketResident);
      throughput(ours, bare);
      slowReader(ours);
      revocation(ours);
    }
    return 0;
  }

  private void memory(Side ours, long heap, long resident) {
    Table table =
        new Table("an idle connection, of " + connections, "heap bytes", "resident bytes");
    table.row("bare WebSocket", Table.count(heap), Table.count(resident));
    table.row("event stream", Table.count(ours.heapEach), Table.count(ours.residentEach));
    table.row(
        "ratio",
        Table.ratio((double) ours.heapEach / heap),
        Table.ratio((double) ours.residentEach / resident));
    table.print();
  }

  private void throughput(Side ours, Side bare) throws IOException {
    for (int i = 0; i < 3; i++) {
      ours.burst();
      bare.burst();
    }
    for (int round = 0; round < rounds; round++) {
      ours.perSecond[round] = ours.burst();
      bare.perSecond[round] = bare.burst();
    }
    Table table = new Table(events + " events to " + connections + " connections", "frames/s");
    table.row("bare loop", Table.whole(Medians.of(bare.perSecond)));
    table.row("event stream", Table.whole(Medians.of(ours.perSecond)));
    table.row("ratio", Table.ratio(Medians.ofRatio(ours.perSecond, bare.perSecond)));
    table.print();
  }

  private void slowReader(Side ours) throws IOException {
    double[] without = new double[3];
    double[] with = new double[3];
    ours.p99(connections);
    for (int i = 0; i < without.length; i++) {
      without[i] = ours.p99(connections);
    }
    ours.readers.stallOne();
    // Until it is so far behind that its socket and its queue are full.
    for (int i = 0; i < with.length; i++) {
      with[i] = ours.p99(connections - 1);
    }
    Table table = new Table("p99 of the others, events of " + SLOW_SIZE + " bytes", "ms");
    table.row("nobody slow", Table.millis(Medians.of(without)));
    table.row("one reads nothing", Table.millis(Medians.of(with)));
    table.row("ratio", Table.ratio(Medians.ofRatio(with, without)));
    table.print();
  }

  private void revocation(Side ours) throws IOException {
    for (int i = 0; i < 5; i++) {
      ours.server.tell("publish 10 " + size);
    }
    long begun = System.nanoTime();
    ours.server.tell("revoke");
    for (int i = 0; i < 5; i++) {
      ours.server.tell("publish 10 " + size);
    }
    long quiet = begun;
    long last = begun;
    while (System.nanoTime() - quiet < 2_000_000_000L) {
      ours.readers.read(100);
      long latest = ours.readers.latest();
      quiet = latest > last ? latest : quiet;
      last = Math.max(last, latest);
    }
    Table table = new Table("a tenant's kill switch, while 50 events are under way", "ms");
    table.row("to the last frame of " + connections, Table.millis((last - begun) / 1e6));
    table.print();
  }
}
