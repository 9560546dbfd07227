package dev.gatehouse.benchmarks;

import dev.gatehouse.events.EventLimits;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** GraphQL subscriptions over sockets, beside graphql-java alone and a bare loop. */
@Command(
    name = "sockets",
    mixinStandardHelpOptions = true,
    description = {
      "GraphQL subscriptions over graphql-transport-ws, fed by the hub; beside graphql-java"
          + " without guard and hub, and a bare loop of the same frames.",
      "Expected: a socket that reads nothing costs no more than what may wait for it, and a"
          + " tenant's kill switch ends all of its subscriptions within a second. Throughput of"
          + " events that are executed once for all counts beside the bare loop; of events that"
          + " are executed for each subscriber, beside graphql-java's, which does that too."
    })
final class SocketsCommand implements Callable<Integer> {
  private static final int HEALTHY = 10;

  /** At most so many bytes and events are under way to the healthy: half of what may wait. */
  private static final int PACE_BYTES = 1 << 19;

  private static final int PACE_EVENTS = 500;

  /** What Netty lets wait on a channel before its write queue is full. */
  private static final int WRITE_QUEUE = 64 << 10;

  @Mixin private final EventLoad load = new EventLoad();

  @Option(
      names = "--paused-events",
      defaultValue = "20000",
      description = "Events that go by a socket that reads nothing (${DEFAULT-VALUE}).")
  private int pausedEvents;

  @Option(
      names = "--paused-size",
      defaultValue = "10000",
      description = "Bytes of text in each of them (${DEFAULT-VALUE}).")
  private int pausedSize;

  @Override
  public Integer call() throws IOException {
    EventSide.Memory socket = load.memoryOf("events-websocket");
    EventSide.Memory silent = load.memoryOf("events-graphql-silent");
    // one after the other: a process opens 20,000 files at most where nobody says otherwise
    try (EventSide guarded = load.open("events-graphql");
        EventSide alone = load.open("events-graphql-java");
        EventSide bare = load.open("events-graphql-bare")) {
      memory(guarded, alone, silent, socket);
      executedForEach(guarded, alone, bare);
    }
    try (EventSide shared = load.open("events-graphql-shared");
        EventSide bare = load.open("events-graphql-bare")) {
      executedOnce(shared, bare);
      load.printRevocation(shared);
    }
    paused();
    return 0;
  }

  private void memory(
      EventSide guarded, EventSide alone, EventSide.Memory silent, EventSide.Memory socket) {
    Table table = load.memoryTable();
    socket.addTo(table, "bare WebSocket");
    silent.addTo(table, "guarded, no subscription");
    alone.memory().addTo(table, "a subscription, graphql-java alone");
    guarded.memory().addTo(table, "a subscription, guarded");
    silent.addRatioTo(table, "no subscription, of the bare WebSocket", socket);
    alone.memory().addRatioTo(table, "graphql-java alone, of the bare WebSocket", socket);
    guarded.memory().addRatioTo(table, "guarded, of graphql-java alone", alone.memory());
    guarded.memory().addRatioTo(table, "guarded, of the bare WebSocket", socket);
    table.print();
  }

  private void executedForEach(EventSide guarded, EventSide alone, EventSide bare)
      throws IOException {
    List<double[]> perSecond = load.throughput(List.of(guarded, alone, bare));
    double[] ours = perSecond.get(0);
    double[] engine = perSecond.get(1);
    double[] loop = perSecond.get(2);
    Table table = load.throughputTable();
    table.row("bare loop", Table.whole(Medians.of(loop)));
    table.row("executed for each, graphql-java alone", Table.whole(Medians.of(engine)));
    table.row("executed for each, guarded", Table.whole(Medians.of(ours)));
    table.row("guarded, of graphql-java alone", Table.ratio(Medians.ofRatio(ours, engine)));
    table.row("guarded, of the bare loop", Table.ratio(Medians.ofRatio(ours, loop)));
    table.print();
  }

  private void executedOnce(EventSide shared, EventSide bare) throws IOException {
    List<double[]> perSecond = load.throughput(List.of(shared, bare));
    double[] ours = perSecond.get(0);
    double[] loop = perSecond.get(1);
    Table table = load.throughputTable();
    table.row("bare loop", Table.whole(Medians.of(loop)));
    table.row("executed once for all, guarded", Table.whole(Medians.of(ours)));
    table.row("guarded, of the bare loop", Table.ratio(Medians.ofRatio(ours, loop)));
    table.print();
  }

  private void paused() throws IOException {
    Table table =
        new Table(
            Table.count(pausedEvents) + " events of " + Table.count(pausedSize) + " bytes",
            "heap bytes",
            "growth",
            "for one that reads nothing",
            "at most",
            "it reads later",
            "goes on");
    long undisturbed = undisturbed(table);
    paused(table, "one is disconnected (default)", "events-graphql-shared", undisturbed);
    paused(table, "the oldest of one are dropped", "events-graphql-dropping", undisturbed);
    table.print();
  }

  /** How much the heap grows where all read: what the healthy ones take for themselves. */
  private long undisturbed(Table table) throws IOException {
    try (EventSide side = new EventSide("events-graphql-shared", HEALTHY)) {
      long before = heapAfterWarming(side);
      publishPaced(side, pausedEvents, HEALTHY);
      long growth = side.heap() - before;
      table.row("all read", Table.count(before), Table.count(growth), "–", "–", "–", "–");
      return growth;
    }
  }

  private void paused(Table table, String what, String server, long undisturbed)
      throws IOException {
    try (EventSide side = new EventSide(server, HEALTHY + 1)) {
      long before = heapAfterWarming(side);
      side.readers().stallOne();
      publishPaced(side, pausedEvents, HEALTHY);
      long growth = side.heap() - before;
      long late = side.readers().resumeOne();
      side.publish(1, 1);
      boolean goesOn = side.readers().resumeOne() > 0;
      table.row(
          what,
          Table.count(before),
          Table.count(growth),
          Table.count(growth - undisturbed),
          Table.count(EventLimits.defaults().queuedBytes() + WRITE_QUEUE),
          Table.count(late),
          goesOn ? "yes" : "no");
    }
  }

  // Until the log keeps as much as it ever will.
  private long heapAfterWarming(EventSide side) throws IOException {
    publishPaced(side, pausedEvents / 10, side.readers().count());
    return side.heap();
  }

  private void publishPaced(EventSide side, int events, int readers) throws IOException {
    int most = Math.max(1, Math.min(PACE_EVENTS, PACE_BYTES / Math.max(1, pausedSize)));
    for (int sent = 0; sent < events; sent += most) {
      int now = Math.min(most, events - sent);
      side.publish(now, pausedSize);
      side.readers().await((long) now * readers);
    }
  }
}
