package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The statements of the connection that writes, prepared once. Used by the writer's thread only.
 */
final class InboxStatements implements AutoCloseable {
  // Of SHA-256, 128 bits: no two of 2^64 deliveries meet, and the index, whose pages are what a
  // commit writes most of, is a third smaller.
  private static final int DIGEST_BYTES = 16;

  private static final String ENDED =
      "id > ? AND id <= ? AND next_attempt_at IS NULL AND (state = 0 OR state = 2 AND delivered_at"
          + " < ?)";

  private final PreparedStatement insert;
  private final PreparedStatement known;
  private final PreparedStatement yieldClaim;
  private final PreparedStatement due;
  private final PreparedStatement nextDue;
  private final PreparedStatement lease;
  private final PreparedStatement done;
  private final PreparedStatement retry;
  private final PreparedStatement dead;
  private final PreparedStatement replay;
  private final OrderedDeliveries ordered;
  private final PreparedStatement window;
  private final PreparedStatement forget;
  private final PreparedStatement empty;
  private long lastId;

  InboxStatements(Connection connection) throws SQLException {
    insert =
        connection.prepareStatement(
            """
            INSERT INTO deliveries (id, claim_key, fingerprint, dedupe_until, state, attempts,
              fence, next_attempt_at, received_at, signed_at, size, source, tenant, scheme, key_id,
              sender_id, event_type, method, content_type, verdict, headers, body, order_key)
            VALUES (?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (claim_key) DO NOTHING\
            """);
    known =
        connection.prepareStatement(
            "SELECT id, fingerprint, dedupe_until FROM deliveries WHERE claim_key = ?");
    yieldClaim = connection.prepareStatement("UPDATE deliveries SET claim_key = NULL WHERE id = ?");
    due =
        connection.prepareStatement(
            """
            SELECT id, fence, attempts, method, content_type, tenant, event_type, order_key, verdict,
              received_at, headers, body
            FROM deliveries WHERE source = ? AND next_attempt_at <= ?
            ORDER BY next_attempt_at LIMIT ?\
            """);
    nextDue =
        connection.prepareStatement(
            "SELECT min(next_attempt_at) FROM deliveries WHERE source = ? AND next_attempt_at IS"
                + " NOT NULL");
    lease =
        connection.prepareStatement(
            "UPDATE deliveries SET state = 1, attempts = ?, fence = ?, next_attempt_at = ? WHERE"
                + " id = ?");
    done =
        connection.prepareStatement(
            "UPDATE deliveries SET state = 2, next_attempt_at = NULL, delivered_at = ?,"
                + " last_status = ?, last_error = NULL WHERE id = ? AND fence = ? AND state = 1");
    retry =
        connection.prepareStatement(
            "UPDATE deliveries SET state = 3, next_attempt_at = ?, last_status = ?, last_error = ?"
                + " WHERE id = ? AND fence = ? AND state = 1");
    dead =
        connection.prepareStatement(
            "UPDATE deliveries SET state = 4, next_attempt_at = NULL, last_status = ?, last_error ="
                + " ? WHERE id = ? AND fence = ? AND state = 1");
    replay =
        connection.prepareStatement(
            "UPDATE deliveries SET state = 0, attempts = 0, fence = fence + 1, next_attempt_at = ?,"
                + " last_status = NULL, last_error = NULL, delivered_at = NULL WHERE id = ? AND"
                + " body IS NOT NULL AND state BETWEEN ? AND ?");
    ordered = new OrderedDeliveries(connection);
    window =
        connection.prepareStatement(
            """
            SELECT max(id) FROM (
              SELECT id FROM deliveries WHERE id > ? AND id < ? ORDER BY id LIMIT ?)\
            """);
    forget =
        connection.prepareStatement(
            "DELETE FROM deliveries WHERE " + ENDED + " AND dedupe_until < ?");
    empty =
        connection.prepareStatement(
            "UPDATE deliveries SET headers = NULL, body = NULL WHERE "
                + ENDED
                + " AND body IS NOT NULL");
    afterRestart(connection);
  }

  // Nobody else holds the file, so what is under way was under way in a process that is gone: its
  // attempt counts, and it is due at once.
  private void afterRestart(Connection connection) throws SQLException {
    try (PreparedStatement release =
        connection.prepareStatement(
            "UPDATE deliveries SET next_attempt_at = 0, state = 3, fence = fence + 1 WHERE"
                + " next_attempt_at IS NOT NULL AND state = 1")) {
      release.executeUpdate();
    }
    try (PreparedStatement last = connection.prepareStatement("SELECT max(id) FROM deliveries");
        ResultSet row = last.executeQuery()) {
      lastId = row.next() ? row.getLong(1) : 0;
    }
    connection.commit();
  }

  Stored store(Incoming delivery, InstantSource clock) throws SQLException {
    byte[] key = Arrays.copyOf(delivery.claimKey().toBytes(), DIGEST_BYTES);
    byte[] fingerprint = Arrays.copyOf(delivery.fingerprint().toBytes(), DIGEST_BYTES);
    long id = DeliveryId.next(lastId, clock.millis());
    if (insert(id, key, fingerprint, delivery)) {
      lastId = id;
      return new Stored.Fresh(id);
    }
    Known earlier = known(key);
    if (earlier.dedupeUntil() > delivery.receivedAt().toEpochMilli()) {
      return Arrays.equals(earlier.fingerprint(), fingerprint)
          ? new Stored.Duplicate(earlier.id())
          : new Stored.Conflict();
    }
    yieldClaim.setLong(1, earlier.id());
    yieldClaim.executeUpdate();
    insert(id, key, fingerprint, delivery);
    lastId = id;
    return new Stored.Fresh(id);
  }

  private boolean insert(long id, byte[] key, byte[] fingerprint, Incoming delivery)
      throws SQLException {
    long received = delivery.receivedAt().toEpochMilli();
    insert.setLong(1, id);
    insert.setBytes(2, key);
    insert.setBytes(3, fingerprint);
    insert.setLong(4, delivery.dedupeUntil().toEpochMilli());
    setLong(insert, 5, delivery.deliver() ? due(delivery, received) : null);
    insert.setLong(6, received);
    setLong(insert, 7, delivery.signedAt() == null ? null : delivery.signedAt().toEpochMilli());
    insert.setInt(8, delivery.body().length);
    insert.setString(9, delivery.source());
    insert.setString(10, delivery.tenant());
    insert.setString(11, delivery.scheme());
    insert.setString(12, delivery.keyId());
    insert.setString(13, delivery.senderId());
    insert.setString(14, delivery.eventType());
    insert.setString(15, delivery.method());
    insert.setString(16, delivery.contentType());
    insert.setString(17, delivery.verdict());
    insert.setString(18, delivery.headers());
    insert.setBytes(19, delivery.body());
    insert.setString(20, delivery.orderKey());
    return insert.executeUpdate() == 1;
  }

  private Long due(Incoming delivery, long received) throws SQLException {
    return ordered.dueOfNew(delivery.source(), delivery.orderKey(), received);
  }

  private record Known(long id, byte[] fingerprint, long dedupeUntil) {}

  private Known known(byte[] key) throws SQLException {
    known.setBytes(1, key);
    try (ResultSet row = known.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("a claim was there and is gone");
      }
      return new Known(row.getLong(1), row.getBytes(2), row.getLong(3));
    }
  }

  Inbox.Lease lease(String source, Instant now, Instant until, int limit) throws SQLException {
    List<Leased> taken = due(source, now, limit);
    for (Leased delivery : taken) {
      lease.setInt(1, delivery.attempt());
      lease.setLong(2, delivery.fence());
      lease.setLong(3, until.toEpochMilli());
      lease.setLong(4, delivery.id());
      lease.executeUpdate();
    }
    nextDue.setString(1, source);
    try (ResultSet row = nextDue.executeQuery()) {
      long next = row.next() ? row.getLong(1) : 0;
      return new Inbox.Lease(taken, row.wasNull() ? null : Instant.ofEpochMilli(next));
    }
  }

  private List<Leased> due(String source, Instant now, int limit) throws SQLException {
    due.setString(1, source);
    due.setLong(2, now.toEpochMilli());
    due.setInt(3, limit);
    List<Leased> found = new ArrayList<>();
    try (ResultSet row = due.executeQuery()) {
      while (row.next()) {
        found.add(
            new Leased(
                row.getLong(1),
                row.getLong(2) + 1,
                row.getInt(3) + 1,
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                Instant.ofEpochMilli(row.getLong(10)),
                row.getString(11),
                row.getBytes(12)));
      }
    }
    return found;
  }

  boolean end(long id, long fence, Inbox.Ending ending, Instant now) throws SQLException {
    if (!end(id, fence, ending)) {
      return false;
    }
    ordered.attemptEnded(id, now.toEpochMilli());
    return true;
  }

  private boolean end(long id, long fence, Inbox.Ending ending) throws SQLException {
    if (ending instanceof Inbox.Ending.Done d) {
      done.setLong(1, d.at().toEpochMilli());
      done.setInt(2, d.status());
      return finish(done, 3, id, fence);
    }
    if (ending instanceof Inbox.Ending.Retry r) {
      retry.setLong(1, r.next().toEpochMilli());
      setLong(retry, 2, r.status() == null ? null : r.status().longValue());
      retry.setString(3, r.error());
      return finish(retry, 4, id, fence);
    }
    Inbox.Ending.GiveUp g = (Inbox.Ending.GiveUp) ending;
    setLong(dead, 1, g.status() == null ? null : g.status().longValue());
    dead.setString(2, g.error());
    return finish(dead, 3, id, fence);
  }

  private static boolean finish(PreparedStatement statement, int at, long id, long fence)
      throws SQLException {
    statement.setLong(at, id);
    statement.setLong(at + 1, fence);
    return statement.executeUpdate() == 1;
  }

  boolean replay(long id, Instant now) throws SQLException {
    return replay(id, DeliveryState.RECEIVED, DeliveryState.DEAD, now);
  }

  /** Replays those that are still in the state they were seen in; how many that were. */
  int replay(List<Delivery> seen, Instant now) throws SQLException {
    int count = 0;
    for (Delivery delivery : seen) {
      count += replay(delivery.id(), delivery.state(), delivery.state(), now) ? 1 : 0;
    }
    return count;
  }

  private boolean replay(long id, DeliveryState from, DeliveryState to, Instant now)
      throws SQLException {
    replay.setLong(1, now.toEpochMilli());
    replay.setLong(2, id);
    replay.setInt(3, from.code());
    replay.setInt(4, to.code());
    if (replay.executeUpdate() == 0) {
      return false;
    }
    ordered.replayed(id, now.toEpochMilli());
    return true;
  }

  /**
   * Looks at no more than {@code limit} deliveries after that id, and removes what ended long ago;
   * what is still needed to know repetitions loses its content only.
   *
   * @return how far it got; 0 at the end
   */
  long sweep(long after, Instant endedBefore, Instant now, int limit) throws SQLException {
    // ids are ordered by time, so the ids below this one are of deliveries received before
    window.setLong(1, after);
    window.setLong(2, DeliveryId.next(0, endedBefore.toEpochMilli()));
    window.setInt(3, limit);
    long last;
    try (ResultSet row = window.executeQuery()) {
      last = row.next() ? row.getLong(1) : 0;
    }
    if (last == 0) {
      return 0;
    }
    for (PreparedStatement statement : List.of(forget, empty)) {
      statement.setLong(1, after);
      statement.setLong(2, last);
      statement.setLong(3, endedBefore.toEpochMilli());
    }
    forget.setLong(4, now.toEpochMilli());
    forget.executeUpdate();
    empty.executeUpdate();
    return last;
  }

  private static void setLong(PreparedStatement statement, int at, @Nullable Long value)
      throws SQLException {
    if (value == null) {
      statement.setNull(at, Types.INTEGER);
    } else {
      statement.setLong(at, value);
    }
  }

  @Override
  public void close() throws SQLException {
    ordered.close();
    for (PreparedStatement statement :
        List.of(
            insert,
            known,
            yieldClaim,
            due,
            nextDue,
            lease,
            done,
            retry,
            dead,
            replay,
            window,
            forget,
            empty)) {
      statement.close();
    }
  }
}
