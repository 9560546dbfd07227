package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Gives ids that no other receiver gives: they end with a number that the connection holds alone,
 * by a lock that ends with it.
 */
final class ReceiverNumber {
  private static final int LOCKS = 0x47487365;
  private static final int NUMBERS = 1024;
  private static final int NUMBER_BITS = 10;

  private final RandomGenerator random;
  private final AtomicLong lastStep;
  private int number = -1;

  /**
   * Gives ids on one connection.
   *
   * @param lastStep shared by all connections of a process, whose ids thus ascend in the order in
   *     which they are given
   */
  ReceiverNumber(RandomGenerator random, AtomicLong lastStep) {
    this.random = random;
    this.lastStep = lastStep;
  }

  /**
   * The next id: later than the process's last, and of that time unless the clock went back.
   *
   * @param connection the connection that holds the number
   */
  long next(Connection connection, long epochMillis) throws SQLException {
    if (number < 0) {
      number = take(connection);
    }
    long first = DeliveryId.next(0, epochMillis) >> NUMBER_BITS;
    long step = lastStep.accumulateAndGet(first, (last, given) -> Math.max(last + 1, given));
    return step << NUMBER_BITS | number;
  }

  private int take(Connection connection) throws SQLException {
    int first = random.nextInt(NUMBERS);
    try (PreparedStatement lock =
        connection.prepareStatement("SELECT pg_try_advisory_lock(" + LOCKS + ", ?)")) {
      for (int i = 0; i < NUMBERS; i++) {
        int candidate = (first + i) % NUMBERS;
        lock.setInt(1, candidate);
        try (ResultSet row = lock.executeQuery()) {
          if (row.next() && row.getBoolean(1)) {
            return candidate;
          }
        }
      }
    }
    throw new SQLException(
        "more than " + NUMBERS + " connections of receivers store in this database");
  }
}
