package dev.gatehouse.webhook.jdbc;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimAnswer;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Fingerprint;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Claims as part of a transaction of yours: what it did and that it was done become durable
 * together, or neither does.
 *
 * <p>Calls block, so they belong on a worker. They neither commit nor roll back, and the connection
 * stays yours. Every {@link SQLException} means that nothing was decided: roll back, and let the
 * delivery come again. That holds for deadlocks and serialization failures too (SQLSTATE 40001,
 * 40P01, SQLite's busy), which only the whole transaction can try again.
 *
 * <p>Until the transaction ends, others who claim the delivery are told that it is in flight
 * (PostgreSQL), or wait for the file and fail when its busy timeout ends (SQLite, which has one
 * writer). A transaction that rolls back, or whose process dies, leaves no claim behind.
 */
public final class TransactionClaims {
  private final ClaimStatements statements;
  private final Connection connection;
  private final Duration retention;

  TransactionClaims(ClaimStatements statements, Connection connection, Duration retention) {
    this.statements = statements;
    this.connection = connection;
    this.retention = retention;
  }

  /**
   * Claims a delivery, as {@link dev.gatehouse.webhook.Claims#claim} does.
   *
   * @throws SQLException if nothing could be decided
   */
  public Claim claim(ClaimKey key, Fingerprint fingerprint, Duration lease) throws SQLException {
    return statements.claim(
        connection, key, fingerprint.toBytes(), JdbcClaims.positiveMillis("lease", lease));
  }

  /**
   * Completes a claim, this transaction's or one that was made before it.
   *
   * @return whether it was still held; on {@code false} somebody else may be at the delivery: roll
   *     back
   * @throws SQLException if nothing could be decided
   */
  public boolean complete(ClaimKey key, long fence, ClaimAnswer answer) throws SQLException {
    return statements.end(
        connection, key, fence, ClaimStatements.DONE, retention.toMillis(), answer.toBytes());
  }

  /**
   * Gives a claim back.
   *
   * @return whether it was still held
   * @throws SQLException if nothing could be decided
   */
  public boolean release(ClaimKey key, long fence) throws SQLException {
    return statements.end(connection, key, fence, ClaimStatements.RELEASED, 0, null);
  }
}
