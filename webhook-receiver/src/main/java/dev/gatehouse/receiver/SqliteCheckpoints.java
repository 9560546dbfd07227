package dev.gatehouse.receiver;

import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * Moves what a SQLite file's log holds into the file while the writer goes on, on a thread of its
 * own.
 *
 * <p>SQLite moves it in the commit that makes the log long, and all that wait for that commit wait
 * for thousands of pages to reach the disk. Where most were moved before, that commit moves few. It
 * still is what starts the log anew, and what bounds it where this thread is slow or fails: so
 * nothing depends on this one but speed.
 *
 * @see <a href="https://sqlite.org/wal.html#ckpt">Checkpointing</a>
 */
final class SqliteCheckpoints implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteCheckpoints.class);
  private static final long PASS_PAGES = 1000;
  // before it, a checkpoint beside a writer that starts the log anew could lose what was committed:
  // https://sqlite.org/wal.html#walresetbug
  private static final Version SAFE = Version.parse("3.51.3");

  private final Path path;
  private final int pageBytes;
  private final Semaphore due = new Semaphore(0);
  private volatile boolean closing;
  // of whoever opens the writer, and then of its thread
  private long pages;
  private @Nullable Thread thread;

  SqliteCheckpoints(Path path, int pageBytes) {
    this.path = path;
    this.pageBytes = pageBytes;
  }

  /** Begins, unless the SQLite that the writer runs on cannot be checkpointed beside it. */
  void start(Connection writer) throws SQLException {
    if (thread == null && isSafe(version(writer))) {
      thread = new Thread(this::moveUntilClosed, "gatehouse-inbox-checkpoints");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static String version(Connection writer) throws SQLException {
    try (Statement statement = writer.createStatement();
        ResultSet version = statement.executeQuery("SELECT sqlite_version()")) {
      version.next();
      return version.getString(1);
    }
  }

  static boolean isSafe(String version) {
    return Version.parse(version).compareTo(SAFE) >= 0;
  }

  /**
   * Tells what the writer has committed; on its thread.
   *
   * @param entries how many pieces of work, each of which changes a page or two
   * @param bytes what they hold
   */
  void committed(int entries, long bytes) {
    pages += entries + bytes / pageBytes;
    if (pages >= PASS_PAGES) {
      pages = 0;
      due.release();
    }
  }

  private void moveUntilClosed() {
    @Nullable Connection connection = null;
    boolean failed = false;
    while (awaitDue()) {
      try {
        connection = connection == null ? open() : connection;
        move(connection);
        failed = false;
      } catch (SQLException | RuntimeException | Error e) {
        LOG.atLevel(failed ? Level.DEBUG : Level.WARN)
            .setCause(e)
            .log("SQLite's log cannot be moved beside the writer, which does it meanwhile");
        failed = true;
        closeQuietly(connection);
        connection = null;
      }
    }
    closeQuietly(connection);
  }

  private boolean awaitDue() {
    due.acquireUninterruptibly();
    due.drainPermits();
    return !closing;
  }

  private Connection open() throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    // a file that is gone is nobody's to make
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    return config.createConnection("jdbc:sqlite:" + path);
  }

  // Passive: it waits for nobody, and where another is at it, leaves it at that.
  private static void move(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
    }
  }

  private static void closeQuietly(@Nullable Connection connection) {
    if (connection == null) {
      return;
    }
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.warn("a connection that moved SQLite's log did not close", e);
    }
  }

  /** Ends the thread; after the writer's, so that nothing is committed any more. */
  @Override
  public void close() {
    Thread running = thread;
    if (running == null) {
      return;
    }
    closing = true;
    due.release();
    try {
      running.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
