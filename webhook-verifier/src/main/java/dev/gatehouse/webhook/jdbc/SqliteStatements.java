package dev.gatehouse.webhook.jdbc;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * SQLite: the processes that share the file are on one machine, and so is their clock.
 *
 * <p>A claim looks first and writes only where nobody has the delivery. Its transaction begins with
 * a write, so it never has to be promoted from a reader, which SQLite refuses when another wrote
 * meanwhile.
 */
final class SqliteStatements extends ClaimStatements {
  private static final int ATTEMPTS = 3;
  private static final int SQLITE_BUSY = 5;
  private static final String LOOK =
      "SELECT state, fingerprint, ends_at, answer FROM gatehouse_claims WHERE claim_key = ?";
  private static final String NEXT_FENCE =
      "UPDATE gatehouse_claim_fences SET last = last + 1 WHERE id = 1 RETURNING last";
  private static final String TAKE =
      """
      INSERT INTO gatehouse_claims (claim_key, source, fingerprint, fence, state, ends_at)
      VALUES (?, ?, ?, ?, 0, ?)
      ON CONFLICT (claim_key) DO UPDATE SET
        source = excluded.source, fingerprint = excluded.fingerprint, fence = excluded.fence,
        state = 0, ends_at = excluded.ends_at, answer = NULL
      WHERE state = 2 OR ends_at <= ?
      """;
  private static final String END =
      """
      UPDATE gatehouse_claims SET state = ?, ends_at = ?, answer = ?
      WHERE claim_key = ? AND fence = ? AND state = 0 AND ends_at > ?
      """;
  private static final String SWEEP =
      """
      DELETE FROM gatehouse_claims WHERE claim_key IN (
        SELECT claim_key FROM gatehouse_claims WHERE ends_at <= ? ORDER BY ends_at LIMIT ?)
      """;

  private final InstantSource clock;

  SqliteStatements(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  String ddl() {
    return "claims-sqlite.sql";
  }

  @Override
  Claim claim(Connection connection, ClaimKey key, byte[] content, long leaseMillis)
      throws SQLException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Claim standing = look(connection, key, content);
      if (standing != null) {
        return standing;
      }
      Claim taken = take(connection, key, content, leaseMillis);
      if (taken != null) {
        return taken;
      }
    }
    throw new SQLException("a claim changed hands too often", "40001");
  }

  private @Nullable Claim look(Connection connection, ClaimKey key, byte[] content)
      throws SQLException {
    try (PreparedStatement statement = prepare(connection, LOOK, key.toBytes());
        ResultSet row = statement.executeQuery()) {
      return row.next() ? standing(row, content, clock.millis()) : null;
    }
  }

  private @Nullable Claim take(
      Connection connection, ClaimKey key, byte[] content, long leaseMillis) throws SQLException {
    boolean own = connection.getAutoCommit();
    if (own) {
      connection.setAutoCommit(false);
    }
    try {
      long fence = nextFence(connection);
      // read once the writer's lock is ours: waiting for it takes time
      long now = clock.millis();
      int taken =
          update(
              connection,
              TAKE,
              key.toBytes(),
              key.source(),
              content,
              fence,
              now + leaseMillis,
              now);
      if (own) {
        connection.commit();
      }
      return taken == 1 ? new Claim.New(fence, Instant.ofEpochMilli(now + leaseMillis)) : null;
    } catch (SQLException | RuntimeException e) {
      if (own) {
        connection.rollback();
      }
      throw e;
    } finally {
      if (own) {
        connection.setAutoCommit(true);
      }
    }
  }

  private static long nextFence(Connection connection) throws SQLException {
    try (PreparedStatement statement = prepare(connection, NEXT_FENCE);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("gatehouse_claim_fences is empty: create the tables anew");
      }
      return row.getLong(1);
    }
  }

  @Override
  boolean end(
      Connection connection,
      ClaimKey key,
      long fence,
      int state,
      long keptMillis,
      byte @Nullable [] answer)
      throws SQLException {
    long now = clock.millis();
    return update(connection, END, state, now + keptMillis, answer, key.toBytes(), fence, now) == 1;
  }

  @Override
  int sweep(Connection connection, long graceMillis, int most) throws SQLException {
    return update(connection, SWEEP, clock.millis() - graceMillis, most);
  }

  // The driver gives SQLite's code, extended or not; its low byte is the primary one.
  @Override
  boolean passes(SQLException failure) {
    return (failure.getErrorCode() & 0xFF) == SQLITE_BUSY || "40001".equals(failure.getSQLState());
  }
}
