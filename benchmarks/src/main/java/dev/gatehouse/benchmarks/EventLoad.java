package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How many connections get how many events: the options and turns of {@link EventSide}s. */
final class EventLoad {
  private static final int WARMING_ROUNDS = 3;

  @Option(names = "--connections", defaultValue = "5000", description = "(${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--rounds",
      defaultValue = "9",
      description = "Rounds; in each every server has a turn (${DEFAULT-VALUE}).")
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

  int connections() {
    return connections;
  }

  /** Starts a server, and opens all connections to it. */
  EventSide open(String server) throws IOException {
    return new EventSide(server, connections);
  }

  /** What an idle connection to that server takes. */
  EventSide.Memory memoryOf(String server) throws IOException {
    try (EventSide side = open(server)) {
      return side.memory();
    }
  }

  /** A table of what idle connections take. */
  Table memoryTable() {
    return new Table("an idle connection, of " + connections, "heap bytes", "resident bytes");
  }

  /** A table of how fast events go out. */
  Table throughputTable() {
    return new Table(events + " events to " + connections + " connections", "frames/s");
  }

  /** The frames a second of each side in each round, in which they take turns. */
  List<double[]> throughput(List<EventSide> sides) throws IOException {
    for (int i = 0; i < WARMING_ROUNDS; i++) {
      turns(sides);
    }
    List<double[]> perSecond = new ArrayList<>();
    sides.forEach(side -> perSecond.add(new double[rounds]));
    for (int round = 0; round < rounds; round++) {
      double[] turns = turns(sides);
      for (int i = 0; i < turns.length; i++) {
        perSecond.get(i)[round] = turns[i];
      }
    }
    return perSecond;
  }

  private double[] turns(List<EventSide> sides) throws IOException {
    double[] perSecond = new double[sides.size()];
    for (int i = 0; i < perSecond.length; i++) {
      perSecond[i] = sides.get(i).burst(events, size);
    }
    return perSecond;
  }

  /** Prints how long a tenant's kill switch takes. */
  void printRevocation(EventSide side) throws IOException {
    double millis = side.millisToRevoke(size);
    Table table = new Table("a tenant's kill switch, while 50 events are under way", "ms");
    table.row("to the last frame of " + connections, Table.millis(millis));
    table.print();
  }
}
