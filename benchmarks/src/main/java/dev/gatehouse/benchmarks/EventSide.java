package dev.gatehouse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** One server of {@link FanoutServer} and its clients. */
final class EventSide implements AutoCloseable {
  private static final int WARM = 200;
  private static final Duration SETTLING = Duration.ofMillis(500);

  private final String name;
  private final ServerProcess server;
  private final StreamReaders readers;
  private final Memory memory;

  /**
   * What one idle connection takes.
   *
   * @param heap bytes in use on the heap
   * @param resident bytes of the process
   */
  record Memory(long heap, long resident) {
    void addTo(Table table, String what) {
      table.row(what, Table.count(heap), Table.count(resident));
    }

    void addRatioTo(Table table, String what, Memory other) {
      table.row(
          what,
          Table.ratio((double) heap / other.heap),
          Table.ratio((double) resident / other.resident));
    }
  }

  EventSide(String name, int connections) throws IOException {
    this.name = name;
    this.server = ServerProcess.start(List.of(), name);
    open(WARM).close();
    long heap = heap();
    long resident = resident();
    this.readers = open(connections);
    this.memory = new Memory((heap() - heap) / connections, (resident() - resident) / connections);
  }

  private StreamReaders open(int count) throws IOException {
    if (name.equals("events-graphql-silent")) {
      return StreamReaders.ofSilentSockets(server.address(), count);
    }
    if (name.startsWith("events-graphql")) {
      return StreamReaders.ofSubscriptions(server.address(), count, () -> publish(1, 1));
    }
    return name.equals("events-websocket")
        ? StreamReaders.ofSockets(server.address(), count)
        : StreamReaders.ofEvents(server.address(), count);
  }

  StreamReaders readers() {
    return readers;
  }

  Memory memory() {
    return memory;
  }

  /** The bytes in use on the heap, once what was closed before is gone from it. */
  long heap() throws IOException {
    long before = Long.MAX_VALUE;
    long now = server.heapInUse();
    while (now < before - before / 1_000) {
      LockSupport.parkNanos(SETTLING.toNanos());
      before = now;
      now = server.heapInUse();
    }
    return now;
  }

  private long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + server.pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    return 0;
  }

  /** Sends so many events of so many bytes to all. */
  void publish(int events, int size) throws IOException {
    server.tell("publish " + events + " " + size);
  }

  /** Sends events at once; says how many frames a second all clients got. */
  double burst(int events, int size) throws IOException {
    long begun = System.nanoTime();
    publish(events, size);
    long last = readers.await((long) events * readers.count());
    return (double) events * readers.count() / ((last - begun) / 1e9);
  }

  /** Stops the tenant while 50 events are under way; says when the last frame came after. */
  double millisToRevoke(int size) throws IOException {
    for (int i = 0; i < 5; i++) {
      publish(10, size);
    }
    readers.await(1);
    long begun = System.nanoTime();
    server.tell("revoke");
    for (int i = 0; i < 5; i++) {
      publish(10, size);
    }
    long last = readers.awaitQuiet(Duration.ofSeconds(2));
    return Math.max(0, last - begun) / 1e6;
  }

  @Override
  public void close() throws IOException {
    readers.close();
    server.close();
  }
}
