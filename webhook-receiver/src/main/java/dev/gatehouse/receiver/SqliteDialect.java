package dev.gatehouse.receiver;

import dev.gatehouse.receiver.NewDelivery.Claimed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * SQLite: one process writes, on one connection, so nothing needs a lock and the clock is its own.
 * Rows are inserted one by one; in a file that costs no more than many at once.
 */
final class SqliteDialect implements Dialect {
  private final InstantSource clock;
  private final Vault vault;
  private final PreparedStatement insert;
  private final PreparedStatement known;
  private final PreparedStatement yieldClaim;
  private final PreparedStatement move;
  private final ClaimForm form;
  private long lastId;

  /**
   * The dialect of a connection that was opened.
   *
   * @param restarted whether no other was opened since this process holds the file
   */
  SqliteDialect(Connection connection, InstantSource clock, Vault vault, boolean restarted)
      throws SQLException {
    this.clock = clock;
    this.vault = vault;
    this.form = ClaimForm.in(connection);
    insert =
        connection.prepareStatement(
            InsertedColumns.statement(
                "VALUES (" + InsertedColumns.marks() + ") ON CONFLICT (claim_key) DO NOTHING"));
    known =
        connection.prepareStatement(
            "SELECT id, fingerprint, dedupe_until FROM deliveries WHERE claim_key = ?");
    yieldClaim = connection.prepareStatement("UPDATE deliveries SET claim_key = NULL WHERE id = ?");
    move = connection.prepareStatement("UPDATE deliveries SET id = -id WHERE id = ?");
    if (restarted) {
      afterRestart(connection);
    }
    try (PreparedStatement last = connection.prepareStatement("SELECT max(id) FROM deliveries");
        ResultSet row = last.executeQuery()) {
      lastId = row.next() ? row.getLong(1) : 0;
    }
    connection.commit();
  }

  // Nobody else holds the file, so at its first connection what is under way was under way in a
  // process that is gone: its
  // attempt counts, and it is due at once.
  private void afterRestart(Connection connection) throws SQLException {
    try (PreparedStatement release =
        connection.prepareStatement(
            "UPDATE deliveries SET next_attempt_at = 0, state = 3, fence = fence + 1 WHERE source ="
                + " ? AND state = 1 AND next_attempt_at IS NOT NULL")) {
      for (String source : InboxQueries.sources(connection)) {
        release.setString(1, source);
        release.executeUpdate();
      }
    }
  }

  @Override
  public long now() {
    return clock.millis();
  }

  @Override
  public String takeRows() {
    return "";
  }

  @Override
  public List<Stored> store(List<Incoming> deliveries, OrderedDeliveries ordered, long now)
      throws SQLException {
    List<Stored> stored = new ArrayList<>(deliveries.size());
    for (Incoming delivery : deliveries) {
      stored.add(store(delivery, ordered, now));
    }
    return stored;
  }

  private Stored store(Incoming incoming, OrderedDeliveries ordered, long now) throws SQLException {
    long id = DeliveryId.next(lastId, now);
    byte[] claim = form.of(incoming);
    NewDelivery delivery =
        new NewDelivery(
            0,
            id,
            DeliveryState.RECEIVED,
            claim,
            NewDelivery.fingerprintOf(incoming),
            incoming.deliver()
                ? (Long) ordered.dueOfNew(incoming.source(), incoming.orderKey(), now)
                : null,
            vault.seal(
                Vault.Row.of(id, DeliveryState.RECEIVED, incoming),
                incoming.headers(),
                incoming.body()),
            incoming);
    if (insert(delivery)) {
      lastId = id;
      return new Stored.Fresh(id);
    }
    Claimed earlier = known(claim);
    Stored seen = delivery.against(earlier);
    if (seen != null) {
      return seen;
    }
    yieldClaim.setLong(1, earlier.id());
    yieldClaim.executeUpdate();
    insert(delivery);
    lastId = id;
    return new Stored.Fresh(id);
  }

  private boolean insert(NewDelivery delivery) throws SQLException {
    InsertedColumns.set(insert, delivery);
    return insert.executeUpdate() == 1;
  }

  private Claimed known(byte[] claim) throws SQLException {
    known.setBytes(1, claim);
    try (ResultSet row = known.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("a claim was there and is gone");
      }
      return new Claimed(row.getLong(1), row.getBytes(2), row.getLong(3));
    }
  }

  @Override
  public long newId(long now) {
    lastId = DeliveryId.next(lastId, now);
    return lastId;
  }

  @Override
  public Incoming storable(Incoming delivery) {
    return delivery;
  }

  @Override
  public void lockOrderOf(Collection<Long> ids) {
    // the one writer is alone
  }

  // A row that became smaller stays in its page, and SQLite joins pages with room only where a row
  // leaves one: so these leave theirs, all together, and come back.
  @Override
  public void reclaim(List<Long> emptied) throws SQLException {
    for (int sign : new int[] {1, -1}) {
      for (long id : emptied) {
        move.setLong(1, sign * id);
        move.addBatch();
      }
      move.executeBatch();
    }
  }

  @Override
  public void tellOthers(Collection<String> sources) {
    // there are none
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : List.of(insert, known, yieldClaim, move)) {
      statement.close();
    }
  }
}
