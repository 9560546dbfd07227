package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
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
  private long last;
  private int number = -1;

  ReceiverNumber(RandomGenerator random) {
    this.random = random;
  }

  /**
   * The next id: later than the last, and of that time unless the clock went back.
   *
   * @param connection the connection that holds the number
   */
  long next(Connection connection, long epochMillis) throws SQLException {
    if (number < 0) {
      number = take(connection);
    }
    long step = Math.max((last >> NUMBER_BITS) + 1, DeliveryId.next(0, epochMillis) >> NUMBER_BITS);
    last = step << NUMBER_BITS | number;
    return last;
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
    throw new SQLException("more than " + NUMBERS + " receivers use this database");
  }
}
