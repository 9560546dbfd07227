package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Events to many connections, beside a bare loop that writes the same frames. */
@Command(
    name = "fanout",
    mixinStandardHelpOptions = true,
    description = "Event streams to many connections, beside a bare loop of the same frames.")
final class FanoutCommand implements Callable<Integer> {
  @Mixin private final EventLoad load = new EventLoad();

  @Option(
      names = "--paced",
      defaultValue = "60",
      description = "Events of a turn with a slow reader, one by one (${DEFAULT-VALUE}).")
  private int paced;

  private static final int SLOW_SIZE = 4_000;

  @Override
  public Integer call() throws IOException {
    EventSide.Memory socket = load.memoryOf("events-websocket");
    try (EventSide ours = load.open("events");
        EventSide bare = load.open("events-bare")) {
      memory(ours, socket);
      throughput(ours, bare);
      slowReader(ours);
      load.printRevocation(ours);
    }
    return 0;
  }

  private void memory(EventSide ours, EventSide.Memory socket) {
    Table table = load.memoryTable();
    socket.addTo(table, "bare WebSocket");
    ours.memory().addTo(table, "event stream");
    ours.memory().addRatioTo(table, "ratio", socket);
    table.print();
  }

  private void throughput(EventSide ours, EventSide bare) throws IOException {
    List<double[]> perSecond = load.throughput(List.of(ours, bare));
    Table table = load.throughputTable();
    table.row("bare loop", Table.whole(Medians.of(perSecond.get(1))));
    table.row("event stream", Table.whole(Medians.of(perSecond.get(0))));
    table.row("ratio", Table.ratio(Medians.ofRatio(perSecond.get(0), perSecond.get(1))));
    table.print();
  }

  private void slowReader(EventSide ours) throws IOException {
    int connections = load.connections();
    double[] without = new double[3];
    double[] with = new double[3];
    p99(ours, connections);
    for (int i = 0; i < without.length; i++) {
      without[i] = p99(ours, connections);
    }
    ours.readers().stallOne();
    // Until it is so far behind that its socket and its queue are full.
    for (int i = 0; i < with.length; i++) {
      with[i] = p99(ours, connections - 1);
    }
    Table table = new Table("p99 of the others, events of " + SLOW_SIZE + " bytes", "ms");
    table.row("nobody slow", Table.millis(Medians.of(without)));
    table.row("one reads nothing", Table.millis(Medians.of(with)));
    table.row("ratio", Table.ratio(Medians.ofRatio(with, without)));
    table.print();
  }

  /** The 99th percentile of all deliveries of single events, in milliseconds. */
  private double p99(EventSide side, int readersOfAll) throws IOException {
    List<double[]> all = new ArrayList<>();
    for (int i = 0; i < paced; i++) {
      long begun = System.nanoTime();
      side.publish(1, SLOW_SIZE);
      side.readers().await(readersOfAll);
      all.add(side.readers().millisSince(begun));
    }
    double[] sorted = all.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    return sorted[(int) (sorted.length * 0.99)];
  }
}
