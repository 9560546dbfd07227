package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Quarantine;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps what was rejected, so much of each source and no more: the oldest make room. Who floods a
 * source with rejects pushes out its own evidence, and nothing else.
 */
final class QuarantinedDeliveries implements AutoCloseable {
  // Other receivers keep some too: counted anew now and then.
  private static final int RECOUNT_AFTER = 256;

  private static final class Tally {
    private long count;
    private long bytes;
    private int kept;
  }

  private final Dialect dialect;
  private final Vault vault;
  private final PreparedStatement insert;
  private final PreparedStatement count;
  private final PreparedStatement evict;
  private final Map<String, Tally> tallies = new HashMap<>();

  QuarantinedDeliveries(Connection connection, Dialect dialect, Vault vault) throws SQLException {
    this.dialect = dialect;
    this.vault = vault;
    insert =
        connection.prepareStatement(
            InsertedColumns.statement("VALUES (" + InsertedColumns.marks() + ")"));
    count =
        connection.prepareStatement(
            "SELECT count(*), coalesce(sum(size), 0) FROM deliveries WHERE source = ? AND state ="
                + " 5");
    evict =
        connection.prepareStatement(
            "DELETE FROM deliveries WHERE id = (SELECT id FROM deliveries WHERE source = ? AND"
                + " state = 5 ORDER BY id LIMIT 1) RETURNING size");
  }

  /** Keeps it; how many had to go for it. */
  int keep(Incoming given, Quarantine bounds, long now) throws SQLException {
    Incoming rejected = dialect.storable(given);
    int size = rejected.body().length;
    if (size > bounds.maxBytes()) {
      return 0;
    }
    Tally tally = tally(rejected.source());
    int evicted = 0;
    while (tally.count > 0
        && (tally.count >= bounds.maxCount() || tally.bytes + size > bounds.maxBytes())) {
      evict(rejected.source(), tally);
      evicted++;
    }
    insert(rejected, now);
    tally.count++;
    tally.bytes += size;
    return evicted;
  }

  /** What was counted since the last commit is not there: counted anew. */
  void rolledBack() {
    tallies.clear();
  }

  private Tally tally(String source) throws SQLException {
    Tally known = tallies.get(source);
    if (known != null && known.kept++ < RECOUNT_AFTER) {
      return known;
    }
    Tally counted = new Tally();
    count.setString(1, source);
    try (ResultSet row = count.executeQuery()) {
      row.next();
      counted.count = row.getLong(1);
      counted.bytes = row.getLong(2);
    }
    tallies.put(source, counted);
    return counted;
  }

  private void evict(String source, Tally tally) throws SQLException {
    evict.setString(1, source);
    try (ResultSet row = evict.executeQuery()) {
      if (row.next()) {
        tally.count--;
        tally.bytes -= row.getInt(1);
      } else {
        // retention, or another receiver, was faster
        tally.count = 0;
        tally.bytes = 0;
      }
    }
  }

  private void insert(Incoming rejected, long now) throws SQLException {
    long id = dialect.newId(now);
    Vault.Row row = Vault.Row.of(id, DeliveryState.QUARANTINED, rejected);
    InsertedColumns.set(
        insert,
        new NewDelivery(
            0,
            id,
            DeliveryState.QUARANTINED,
            null,
            NewDelivery.fingerprintOf(rejected),
            null,
            vault.seal(row, rejected.headers(), rejected.body()),
            rejected));
    insert.executeUpdate();
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : List.of(insert, count, evict)) {
      statement.close();
    }
  }
}
