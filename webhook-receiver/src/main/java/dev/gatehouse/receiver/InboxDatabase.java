package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.SQLException;

/** Where an inbox is kept. One implementation a database; what is common to them is above it. */
interface InboxDatabase extends AutoCloseable {
  /**
   * Opens a connection that writes, without auto-commit, its schema up to date.
   *
   * @throws StoreException if it cannot be had; the message names the setting and the remedy
   */
  Connection openWriter();

  /** What this database does in its own way, on a connection that writes. */
  Dialect dialect(Connection connection) throws SQLException;

  /**
   * Is told of each commit, on the thread of the connection that wrote.
   *
   * @param entries how many pieces of work it held
   * @param bytes what they took of memory while they waited
   */
  default void committed(int entries, long bytes) {}

  /** Asks in one snapshot that nothing can be written in; waits for a connection to be free. */
  <T> T read(Question<T> question) throws SQLException, InterruptedException;

  /** Something to ask. */
  @FunctionalInterface
  interface Question<T> {
    T of(Connection connection) throws SQLException;
  }

  /** Asks how many bytes the rows take now; those of rows that were removed do not count. */
  String sizeQuery();

  /** Whether what is written there now can be read again where it was opened. */
  boolean isInPlace();

  /** Whether other receivers may use it at the same time. */
  boolean isShared();

  /** What messages call it; holds no secret. */
  String name();

  /**
   * Closes what reads. Before what writes is closed: the last connection to a SQLite file moves its
   * log into it, and one that only reads cannot.
   */
  void closeReaders();

  @Override
  void close();
}
