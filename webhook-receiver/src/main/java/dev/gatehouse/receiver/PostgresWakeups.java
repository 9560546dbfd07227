package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what other receivers stored, so that this one looks for it.
 *
 * <p>A notice only wakes; what is due is in the table. Notices that were missed while the
 * connection was away are made up for when it is back, and once a minute for whatever else. A
 * minute without a notice ends with a question to the server: a connection that died without a word
 * is replaced.
 */
final class PostgresWakeups {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresWakeups.class);
  private static final int MAX_NAME = 128;
  private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * How long it waits.
   *
   * @param lookMillis for a notice, before it looks for itself
   * @param answerMillis for the server's answer to anything else
   */
  record Patience(int lookMillis, int answerMillis) {
    static final Patience DEFAULT = new Patience(60_000, 20_000);
  }

  private final PostgresDatabase database;
  private final Consumer<String> due;
  private final Supplier<Set<String>> sources;
  private final Patience patience;
  private final Thread thread;
  private volatile boolean ended;
  private volatile Connection connection;

  private PostgresWakeups(
      PostgresDatabase database,
      Connection first,
      Consumer<String> due,
      Supplier<Set<String>> sources,
      Patience patience) {
    this.database = database;
    this.patience = patience;
    this.connection = first;
    this.due = due;
    this.sources = sources;
    this.thread = new Thread(this::listenUntilEnded, "gatehouse-inbox-listener");
    this.thread.setDaemon(true);
  }

  /**
   * Begins to listen.
   *
   * @param due called with the source that has something due, on the listener's thread
   * @param sources the sources to look at when notices may have been missed
   */
  static PostgresWakeups start(
      PostgresDatabase database, Consumer<String> due, Supplier<Set<String>> sources)
      throws SQLException {
    return start(database, due, sources, Patience.DEFAULT);
  }

  static PostgresWakeups start(
      PostgresDatabase database,
      Consumer<String> due,
      Supplier<Set<String>> sources,
      Patience patience)
      throws SQLException {
    Connection first = listening(database, patience);
    PostgresWakeups wakeups = new PostgresWakeups(database, first, due, sources, patience);
    wakeups.thread.start();
    return wakeups;
  }

  private static Connection listening(PostgresDatabase database, Patience patience)
      throws SQLException {
    Connection opened = database.openListener();
    opened.setNetworkTimeout(Runnable::run, patience.answerMillis());
    try (Statement statement = opened.createStatement()) {
      statement.execute("LISTEN " + PostgresDialect.CHANNEL);
      return opened;
    } catch (SQLException e) {
      opened.close();
      throw e;
    }
  }

  private void listenUntilEnded() {
    while (!ended) {
      try {
        hear();
      } catch (SQLException e) {
        reconnect();
      } catch (RuntimeException | Error e) {
        // without this thread nobody would hear of the others' deliveries any more
        LOG.warn("the inbox's listener could not tell what it heard; it goes on", e);
        reconnect();
      }
    }
    closeQuietly();
  }

  private void hear() throws SQLException {
    PGNotification[] notices =
        connection.unwrap(PGConnection.class).getNotifications(patience.lookMillis());
    if (notices == null || notices.length == 0) {
      requireAnswer();
      sources.get().forEach(due);
      return;
    }
    for (PGNotification notice : notices) {
      // anybody who may connect may notify
      String source = notice.getParameter();
      if (source.length() <= MAX_NAME) {
        due.accept(source);
      }
    }
  }

  private void requireAnswer() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  private void reconnect() {
    closeQuietly();
    while (!ended) {
      LockSupport.parkNanos(RECONNECT_NANOS);
      try {
        connection = listening(database, patience);
        sources.get().forEach(due);
        return;
      } catch (SQLException | RuntimeException | Error e) {
        LOG.debug("the inbox's listener has no connection; it tries again", e);
      }
    }
  }

  // Not close(): that would wait for the look at the notices to end.
  private void closeQuietly() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      LOG.debug("the inbox's listener did not close cleanly", e);
    }
  }

  /** Stops listening. */
  void end() {
    ended = true;
    closeQuietly();
    LockSupport.unpark(thread);
  }
}
