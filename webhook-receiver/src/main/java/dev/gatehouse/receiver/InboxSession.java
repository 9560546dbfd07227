package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of one of the writer's threads, and what is prepared on it. Where it was lost,
 * that thread opens it anew.
 *
 * <p>Other threads may ask how it stands, and end it.
 */
final class InboxSession {
  private static final Logger LOG = LoggerFactory.getLogger(InboxSession.class);
  private static final int VALID_SECONDS = 5;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long MAX_PAUSE_MILLIS = 2_000;

  /** How it stands. */
  private enum State {
    OPEN,
    /** Not open, and it is not known yet whether it can be. */
    LOST,
    /** It could not be opened, or is closed for good. */
    AWAY
  }

  /** What is open. */
  private record Prepared(Connection connection, InboxStatements statements) {
    void close() throws SQLException {
      try {
        statements.close();
      } finally {
        connection.close();
      }
    }
  }

  private final InboxDatabase database;
  private final Vault vault;
  private final AtomicInteger losses;
  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable Prepared prepared;
  private int lossesSeen;
  private @Nullable Thread opening;
  private volatile State state = State.LOST;

  /**
   * One that is not open yet.
   *
   * @param losses how many connections its writer lost
   */
  InboxSession(InboxDatabase database, Vault vault, AtomicInteger losses) {
    this.database = database;
    this.vault = vault;
    this.losses = losses;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /** Whether it could not be opened when that was tried last. */
  boolean isAway() {
    return state == State.AWAY;
  }

  /** Whether it is open, and nothing was lost since it was known to be good. */
  boolean isTrusted() {
    return isOpen() && lossesSeen == losses.get();
  }

  /**
   * Looks whether it is still good, and opens it anew if not; blocks. What ended another connection
   * has often ended this one, too.
   *
   * @return false if it was ended before it was open
   */
  boolean renew() throws SQLException {
    int before = losses.get();
    if (prepared != null && !prepared.connection().isValid(VALID_SECONDS)) {
      drop();
    }
    if (prepared == null && !open()) {
      return false;
    }
    lossesSeen = before;
    return true;
  }

  private boolean open() throws SQLException {
    if (!beginOpening()) {
      return false;
    }
    try {
      prepared = prepare();
      state = State.OPEN;
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      state = State.AWAY;
      throw e;
    } finally {
      endOpening();
    }
  }

  private Prepared prepare() throws SQLException {
    Connection connection = database.openWriter();
    try {
      return new Prepared(
          connection, new InboxStatements(connection, database.dialect(connection), vault));
    } catch (SQLException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  private synchronized boolean beginOpening() {
    boolean begins = ended.getCount() > 0;
    opening = begins ? Thread.currentThread() : null;
    return begins;
  }

  // It is told to end by an interrupt, of which nothing else may hear.
  private synchronized void endOpening() {
    opening = null;
    Thread.interrupted();
  }

  /** Waits for a while after so many attempts to open it, or until it is ended. */
  void pause(int attempts) throws InterruptedException {
    long most = Math.min(MAX_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(attempts - 1, 10));
    ended.await(ThreadLocalRandom.current().nextLong(most / 2, most), TimeUnit.MILLISECONDS);
  }

  /** Gives up what is tried to open it; one that is open goes on. */
  synchronized void end() {
    ended.countDown();
    if (opening != null) {
      opening.interrupt();
    }
  }

  InboxStatements statements() {
    return open(prepared).statements();
  }

  void commit() throws SQLException {
    open(prepared).connection().commit();
  }

  private static Prepared open(@Nullable Prepared prepared) {
    if (prepared == null) {
      throw new StoreException("the connection to the inbox is lost");
    }
    return prepared;
  }

  /**
   * Ends a transaction that failed.
   *
   * @return false if the connection was lost with it
   */
  boolean rollBack() {
    if (prepared == null) {
      return false;
    }
    try {
      prepared.connection().rollback();
      prepared.statements().rolledBack();
      return true;
    } catch (SQLException e) {
      losses.incrementAndGet();
      drop();
      return false;
    }
  }

  /** Closes it, to be opened anew. */
  void drop() {
    Prepared dropped = prepared;
    prepared = null;
    state = State.LOST;
    if (dropped != null) {
      try {
        dropped.close();
      } catch (SQLException e) {
        LOG.warn("the inbox did not close cleanly; it recovers at the next start", e);
      }
    }
  }

  /** Closes it for good. */
  void close() {
    drop();
    state = State.AWAY;
  }
}
