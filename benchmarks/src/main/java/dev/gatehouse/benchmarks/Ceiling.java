package dev.gatehouse.benchmarks;

import java.sql.SQLException;
import java.time.Duration;

/** The most that a database can do alone: rows like a receiver's, in batches, and nothing else. */
interface Ceiling extends AutoCloseable {
  /** The batch that fills a table. */
  int FILL_BATCH = 1024;

  /** Inserts and commits so many rows. */
  void insert(int batch) throws SQLException;

  /** How many rows were inserted. */
  long rows();

  /** How many rows the receiver has. */
  long receiversRows() throws SQLException;

  /** Rows a second, in batches of that size, for about that long. */
  default double run(Duration time, int batch) throws SQLException {
    long before = rows();
    long begun = System.nanoTime();
    long until = begun + time.toNanos();
    while (System.nanoTime() < until) {
      insert(batch);
    }
    return (rows() - before) * 1e9 / (System.nanoTime() - begun);
  }

  /** Inserts until there are at least so many rows: indexes that are large take longer. */
  default void fill(long rows) throws SQLException {
    while (rows() < rows) {
      insert(FILL_BATCH);
    }
  }

  @Override
  void close() throws SQLException;
}
