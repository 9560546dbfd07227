package dev.gatehouse.webhook.jdbc;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The state machine as one database says it; every call is right whatever others do meanwhile. */
abstract class ClaimStatements {
  static final int HELD = 0;
  static final int DONE = 1;
  static final int RELEASED = 2;

  /** The definitions of the tables. */
  abstract String ddl();

  /** The claim, in the connection's transaction. */
  abstract Claim claim(Connection connection, ClaimKey key, byte[] content, long leaseMillis)
      throws SQLException;

  /** Ends a held claim: completed with an answer, or released with none. */
  abstract boolean end(
      Connection connection,
      ClaimKey key,
      long fence,
      int state,
      long keptMillis,
      byte @Nullable [] answer)
      throws SQLException;

  /** Forgets at most that many that ended at least that long ago. */
  abstract int sweep(Connection connection, long graceMillis, int most) throws SQLException;

  /** Whether the same call may succeed if it is made again. */
  abstract boolean passes(SQLException failure);

  /** A row as it stands: what a claim that is not new answers, or null where nobody has it. */
  static @Nullable Claim standing(ResultSet row, byte[] content, long now) throws SQLException {
    int state = row.getInt("state");
    long ends = row.getLong("ends_at");
    if (state == RELEASED || ends <= now) {
      return null;
    }
    if (!Arrays.equals(row.getBytes("fingerprint"), content)) {
      return new Claim.Conflict();
    }
    return state == DONE
        ? new Claim.Duplicate(ClaimAnswer.fromBytes(row.getBytes("answer")))
        : new Claim.InFlight(Instant.ofEpochMilli(ends));
  }

  static PreparedStatement prepare(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < values.length; i++) {
        set(statement, i + 1, values[i]);
      }
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  private static void set(PreparedStatement statement, int at, @Nullable Object value)
      throws SQLException {
    if (value instanceof byte[] bytes) {
      statement.setBytes(at, bytes);
    } else if (value instanceof Long number) {
      statement.setLong(at, number);
    } else if (value instanceof Integer number) {
      statement.setInt(at, number);
    } else if (value instanceof String text) {
      statement.setString(at, text);
    } else {
      statement.setBytes(at, null);
    }
  }

  static int update(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql, values)) {
      return statement.executeUpdate();
    }
  }
}
