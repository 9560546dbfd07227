package dev.gatehouse.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/** A real PostgreSQL, as durable as in production, that ends with this object. */
final class PostgresServer implements AutoCloseable {
  // what Linux counts processor time in, on every machine that this runs on
  private static final long TICK_MILLIS = 10;
  // user, system, and both of children that have ended; see proc(5), fields 14 to 17
  private static final int USER_TICKS = 11;

  private final EmbeddedPostgres server;
  private final long pid;

  private PostgresServer(EmbeddedPostgres server, long pid) {
    this.server = server;
    this.pid = pid;
  }

  static PostgresServer in(Path folder) throws IOException {
    Path data = folder.resolve("postgres");
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("shared_buffers", "512MB")
            .setServerConfig("max_wal_size", "4GB")
            .start();
    String pid = Files.readAllLines(data.resolve("postmaster.pid")).get(0);
    return new PostgresServer(server, Long.parseLong(pid.strip()));
  }

  /**
   * The processor time of all its processes, also of those that have ended.
   *
   * @throws IOException where there is no Linux to tell it
   */
  Duration cpuTime() throws IOException {
    long ticks = ticks(pid, true);
    for (long child : children()) {
      ticks += ticks(child, false);
    }
    return Duration.ofMillis(ticks * TICK_MILLIS);
  }

  private long[] children() {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::descendants)
        .mapToLong(ProcessHandle::pid)
        .toArray();
  }

  private static long ticks(long pid, boolean withEndedChildren) throws IOException {
    String stat;
    try {
      stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    } catch (NoSuchFileException e) {
      if (withEndedChildren) {
        throw e;
      }
      // it has ended since it was listed
      return 0;
    }
    // what follows the name, which may have spaces in it, begins with the third field
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[USER_TICKS + 1]);
    if (withEndedChildren) {
      ticks += Long.parseLong(fields[USER_TICKS + 2]) + Long.parseLong(fields[USER_TICKS + 3]);
    }
    return ticks;
  }

  /** Its address, without credentials. */
  String url() {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/postgres";
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
