package dev.gatehouse.webhook.jdbc;

import dev.gatehouse.webhook.Claim;
import dev.gatehouse.webhook.ClaimKey;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL: one statement a call, on the server's clock.
 *
 * <p>A claim looks first and writes only where nobody has the delivery, so duplicates wait for no
 * lock. Whoever writes takes the delivery's advisory lock for the rest of its transaction, and does
 * not wait for it: while somebody claims within a long transaction, others are told that it is in
 * flight, instead of standing behind an index entry that nobody can see yet.
 */
final class PostgresqlStatements extends ClaimStatements {
  /** The server's clock in milliseconds. Not now(): that stands still within a transaction. */
  static final String SERVER_TIME = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

  private static final int ATTEMPTS = 3;
  private static final long LOCKS = 0x6761746568617365L;

  // serialization failure, deadlock, a key that came meanwhile
  private static final Set<String> PASSING = Set.of("40001", "40P01", "23505");

  private final String claim;
  private final String end;
  private final String sweep;

  PostgresqlStatements() {
    this(SERVER_TIME);
  }

  /** On another clock, an expression that gives milliseconds. */
  PostgresqlStatements(String time) {
    this.claim =
        """
        WITH seen AS (
          SELECT state, fingerprint, ends_at, answer, %1$s AS now
          FROM gatehouse_claims WHERE claim_key = ?
        ), taken AS (
          INSERT INTO gatehouse_claims AS c (claim_key, source, fingerprint, fence, state, ends_at)
          SELECT ?, ?, ?, nextval('gatehouse_claim_fences'), 0, %1$s + ?
          WHERE NOT EXISTS (SELECT 1 FROM seen WHERE state <> 2 AND ends_at > now)
            AND pg_try_advisory_xact_lock(?)
          ON CONFLICT (claim_key) DO UPDATE SET
            source = excluded.source, fingerprint = excluded.fingerprint,
            fence = nextval('gatehouse_claim_fences'), state = 0, ends_at = %1$s + ?, answer = NULL
          WHERE c.state = 2 OR c.ends_at <= %1$s
          RETURNING fence, ends_at
        )
        SELECT fence, 0 AS state, NULL::bytea AS fingerprint, ends_at, NULL::bytea AS answer,
          0::bigint AS now FROM taken
        UNION ALL
        SELECT NULL, state, fingerprint, ends_at, answer, now FROM seen
        """
            .replace("%1$s", time);
    this.end =
        """
        UPDATE gatehouse_claims SET state = ?, ends_at = %1$s + ?, answer = ?
        WHERE claim_key = ? AND fence = ? AND state = 0 AND ends_at > %1$s
        """
            .replace("%1$s", time);
    this.sweep =
        """
        DELETE FROM gatehouse_claims WHERE claim_key IN (
          SELECT claim_key FROM gatehouse_claims WHERE ends_at <= %1$s - ?
          ORDER BY ends_at LIMIT ? FOR UPDATE SKIP LOCKED)
        """
            .replace("%1$s", time);
  }

  @Override
  String ddl() {
    return "claims-postgresql.sql";
  }

  @Override
  Claim claim(Connection connection, ClaimKey key, byte[] content, long leaseMillis)
      throws SQLException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Claim claim = attempt(connection, key, content, leaseMillis);
      if (claim != null) {
        return claim;
      }
    }
    // Somebody is claiming it at this moment, in a transaction that cannot be seen yet.
    return new Claim.InFlight(now(connection).plusMillis(leaseMillis));
  }

  private @Nullable Claim attempt(
      Connection connection, ClaimKey key, byte[] content, long leaseMillis) throws SQLException {
    byte[] name = key.toBytes();
    long lock = ByteBuffer.wrap(name).getLong() ^ LOCKS;
    try (PreparedStatement statement =
            prepare(
                connection,
                claim,
                name,
                name,
                key.source(),
                content,
                leaseMillis,
                lock,
                leaseMillis);
        ResultSet rows = statement.executeQuery()) {
      Claim claim = null;
      while (rows.next()) {
        long fence = rows.getLong("fence");
        if (!rows.wasNull()) {
          return new Claim.New(fence, Instant.ofEpochMilli(rows.getLong("ends_at")));
        }
        claim = standing(rows, content, rows.getLong("now"));
      }
      return claim;
    }
  }

  private static Instant now(Connection connection) throws SQLException {
    try (PreparedStatement statement = prepare(connection, "SELECT " + SERVER_TIME);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return Instant.ofEpochMilli(row.getLong(1));
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
    return update(connection, end, state, keptMillis, answer, key.toBytes(), fence) == 1;
  }

  @Override
  int sweep(Connection connection, long graceMillis, int most) throws SQLException {
    return update(connection, sweep, graceMillis, most);
  }

  @Override
  boolean passes(SQLException failure) {
    return failure.getSQLState() != null && PASSING.contains(failure.getSQLState());
  }
}
