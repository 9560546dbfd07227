package dev.gatehouse.benchmarks;

import java.sql.SQLException;
import java.time.Duration;

/** The most that a database can do alone: rows like a receiver's, in batches, and nothing else. */
interface Ceiling extends AutoCloseable {
  /** Rows a second, in batches of that size, for about that long. */
  double run(Duration time, int batch) throws SQLException;

  /** How many rows the receiver has. */
  long receiversRows() throws SQLException;

  /** Inserts until there are at least so many rows: indexes that are large take longer. */
  void fill(long rows) throws SQLException;

  @Override
  void close() throws SQLException;
}
