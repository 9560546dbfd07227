package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The statements of the connection that writes, prepared once. Used by the writer's thread only.
 */
final class InboxStatements implements AutoCloseable {
  private static final String ENDED =
      "id > ? AND id <= ? AND next_attempt_at IS NULL AND (state IN (0, 5) AND received_at < ? OR"
          + " state = 2 AND delivered_at < ?)";

  private static final Logger LOG = LoggerFactory.getLogger(InboxStatements.class);
  private static final long KEY_MISSING_MILLIS = 60_000;

  private final Connection connection;
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
  private final PreparedStatement defer;
  private final PreparedStatement trial;
  private final PreparedStatement removeOne;
  private final PreparedStatement emptyOne;
  private final Resealing resealing;
  private final QuarantinedDeliveries quarantined;
  private final Dialect dialect;
  private final Vault vault;
  private long now;
  private boolean warned;

  InboxStatements(Connection connection, Dialect dialect, Vault vault) throws SQLException {
    this.connection = connection;
    this.dialect = dialect;
    this.vault = vault;
    due =
        connection.prepareStatement(
            """
            SELECT id, fence, attempts, method, content_type, tenant, event_type, order_key, verdict,
              received_at, state, sealed_with, headers,
              body
            FROM deliveries WHERE source = ? AND next_attempt_at <= ?
            ORDER BY next_attempt_at LIMIT ?\
            """
                + dialect.takeRows());
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
                + " body IS NOT NULL AND state BETWEEN ? AND ? AND state <> 1");
    ordered = new OrderedDeliveries(connection);
    window =
        connection.prepareStatement(
            """
            SELECT max(id) FROM (
              SELECT id FROM deliveries WHERE id > ? AND id < ? ORDER BY id LIMIT ?) AS piece\
            """);
    forget =
        connection.prepareStatement(
            "DELETE FROM deliveries WHERE " + ENDED + " AND dedupe_until < ?");
    empty =
        connection.prepareStatement(
            "UPDATE deliveries SET headers = NULL, body = NULL, sealed_with = NULL WHERE "
                + ENDED
                + " AND body IS NOT NULL RETURNING id");
    defer =
        connection.prepareStatement(
            "UPDATE deliveries SET state = ?, next_attempt_at = ?, last_error = ? WHERE id = ?");
    removeOne =
        connection.prepareStatement(
            "DELETE FROM deliveries WHERE id = ? AND state IN (2, 4, 5) AND dedupe_until < ?");
    emptyOne =
        connection.prepareStatement(
            "UPDATE deliveries SET headers = NULL, body = NULL, sealed_with = NULL WHERE id = ? AND"
                + " state IN (2, 4, 5) AND body IS NOT NULL");
    resealing = new Resealing(connection, vault);
    quarantined = new QuarantinedDeliveries(connection, dialect, vault);
    trial =
        connection.prepareStatement(
            "UPDATE deliveries SET fence = fence WHERE id = (SELECT max(id) FROM deliveries)");
  }

  /** Begins a transaction: what follows happens at one time, which is the database's. */
  void begin() throws SQLException {
    now = dialect.now();
  }

  /** Forgets what was known of a transaction that changed nothing after all. */
  void rolledBack() {
    quarantined.rolledBack();
  }

  List<Stored> store(List<Incoming> deliveries) throws SQLException {
    List<Stored> stored = dialect.store(deliveries, ordered, now);
    Set<String> due = new TreeSet<>();
    for (int i = 0; i < stored.size(); i++) {
      if (stored.get(i) instanceof Stored.Fresh && deliveries.get(i).deliver()) {
        due.add(deliveries.get(i).source());
      }
    }
    dialect.tellOthers(due);
    return stored;
  }

  /** Before anything that may change whose turn it is among these deliveries' keys. */
  void lockOrderOf(Collection<Long> ids) throws SQLException {
    dialect.lockOrderOf(ids);
  }

  /** Writes something that changes nothing; fails if the database cannot be written. */
  int tryToWrite() throws SQLException {
    return trial.executeUpdate();
  }

  /**
   * What was taken.
   *
   * @param nextDue in how many milliseconds the next one is due; null if none waits
   */
  record Taken(List<Leased> deliveries, @Nullable Long nextDue) {}

  Taken lease(String source, long forMillis, int limit) throws SQLException {
    List<Leased> taken = due(source, limit);
    for (Leased delivery : taken) {
      lease.setInt(1, delivery.attempt());
      lease.setLong(2, delivery.fence());
      lease.setLong(3, now + forMillis);
      lease.setLong(4, delivery.id());
      lease.addBatch();
    }
    if (!taken.isEmpty()) {
      lease.executeBatch();
    }
    nextDue.setString(1, source);
    try (ResultSet row = nextDue.executeQuery()) {
      long next = row.next() ? row.getLong(1) : 0;
      return new Taken(taken, row.wasNull() ? null : (Long) (next - now));
    }
  }

  private record Due(
      Vault.Row row,
      long fence,
      int attempt,
      String method,
      @Nullable String contentType,
      @Nullable String eventType,
      @Nullable String orderKey,
      Instant receivedAt,
      DeliveryState state,
      Sealed content) {
    Leased leased(Inbox.Content opened) {
      return new Leased(
          row.id(),
          fence,
          attempt,
          method,
          contentType,
          row.tenant(),
          eventType,
          orderKey,
          row.verdict(),
          receivedAt,
          opened.headers(),
          opened.body());
    }
  }

  private List<Leased> due(String source, int limit) throws SQLException {
    due.setString(1, source);
    due.setLong(2, now);
    due.setInt(3, limit);
    List<Due> found = new ArrayList<>();
    try (ResultSet row = due.executeQuery()) {
      while (row.next()) {
        found.add(dueFrom(row, source));
      }
    }
    List<Leased> opened = new ArrayList<>(found.size());
    for (Due one : found) {
      try {
        opened.add(one.leased(vault.open(one.row(), one.content())));
      } catch (Vault.SealException e) {
        putAside(one, e);
      }
    }
    return opened;
  }

  private static Due dueFrom(ResultSet row, String source) throws SQLException {
    Vault.Row identity =
        new Vault.Row(row.getLong(1), source, row.getString(6), row.getString(9), false);
    return new Due(
        identity,
        row.getLong(2) + 1,
        row.getInt(3) + 1,
        row.getString(4),
        row.getString(5),
        row.getString(7),
        row.getString(8),
        Instant.ofEpochMilli(row.getLong(10)),
        DeliveryState.of(row.getInt(11)),
        new Sealed(row.getString(12), row.getString(13), row.getBytes(14)));
  }

  // It must not keep the others from being delivered. Where a key is missing, another receiver may
  // have it, or this one after its next start; what was tampered with stays what it is.
  private void putAside(Due one, Vault.SealException why) throws SQLException {
    dialect.lockOrderOf(List.of(one.row().id()));
    DeliveryState state = why.keyIsMissing ? one.state() : DeliveryState.DEAD;
    defer.setInt(1, state.code());
    setLong(defer, 2, why.keyIsMissing ? (Long) (now + KEY_MISSING_MILLIS) : null);
    defer.setString(3, why.getMessage());
    defer.setLong(4, one.row().id());
    defer.executeUpdate();
    ordered.attemptEnded(one.row().id(), now);
  }

  /**
   * Records an ending.
   *
   * @param inMillis where another attempt follows: when
   */
  boolean end(long id, long fence, Inbox.Ending ending, long inMillis) throws SQLException {
    if (!recorded(id, fence, ending, inMillis)) {
      return false;
    }
    ordered.attemptEnded(id, now);
    return true;
  }

  private boolean recorded(long id, long fence, Inbox.Ending ending, long inMillis)
      throws SQLException {
    if (ending instanceof Inbox.Ending.Done d) {
      done.setLong(1, now);
      done.setInt(2, d.status());
      return finish(done, 3, id, fence);
    }
    if (ending instanceof Inbox.Ending.Retry r) {
      retry.setLong(1, now + inMillis);
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

  boolean replay(long id) throws SQLException {
    return replay(id, DeliveryState.RECEIVED, DeliveryState.DEAD);
  }

  /** Replays those that are still in the state they were seen in; how many that were. */
  int replay(List<Delivery> seen) throws SQLException {
    int count = 0;
    for (Delivery delivery : seen) {
      count += replay(delivery.id(), delivery.state(), delivery.state()) ? 1 : 0;
    }
    dialect.tellOthers(seen.stream().map(Delivery::source).collect(Collectors.toSet()));
    return count;
  }

  private boolean replay(long id, DeliveryState from, DeliveryState to) throws SQLException {
    replay.setLong(1, now);
    replay.setLong(2, id);
    replay.setInt(3, from.code());
    replay.setInt(4, to.code());
    if (replay.executeUpdate() == 0) {
      return false;
    }
    ordered.replayed(id, now);
    return true;
  }

  /**
   * Looks at no more than {@code limit} deliveries after that id, and removes what ended long ago;
   * what is still needed to know repetitions loses its content only.
   *
   * @return how far it got; 0 at the end
   */
  long sweep(long after, long endedMillisAgo, int limit) throws SQLException {
    long endedBefore = now - endedMillisAgo;
    window.setLong(1, after);
    window.setLong(2, firstIdOf(endedBefore));
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
      statement.setLong(3, endedBefore);
      statement.setLong(4, endedBefore);
    }
    forget.setLong(5, now);
    forget.executeUpdate();
    dialect.reclaim(emptied());
    return last;
  }

  // Ids are ordered by time, so those below this one are of deliveries received before. After a
  // clock that was far ahead they no longer tell the time: then each row's own times decide.
  private long firstIdOf(long millis) throws SQLException {
    if (!InboxQueries.idsAreAhead(connection)) {
      return DeliveryId.next(0, millis);
    }
    if (!warned) {
      warned = true;
      LOG.warn("the clock was ahead when deliveries were stored: retention looks at every one");
    }
    return Long.MAX_VALUE;
  }

  private List<Long> emptied() throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (ResultSet row = empty.executeQuery()) {
      while (row.next()) {
        ids.add(row.getLong(1));
      }
    }
    return ids;
  }

  /** Removes content, and rows whose claim is not needed any more, of what has ended. */
  int remove(List<Long> ids) throws SQLException {
    for (long id : ids) {
      removeOne.setLong(1, id);
      removeOne.setLong(2, now);
      removeOne.addBatch();
      emptyOne.setLong(1, id);
      emptyOne.addBatch();
    }
    removeOne.executeBatch();
    int[] counts = emptyOne.executeBatch();
    dialect.reclaim(
        IntStream.range(0, counts.length).filter(i -> counts[i] == 1).mapToObj(ids::get).toList());
    return ids.size();
  }

  long reseal(long after, int limit) throws SQLException {
    return resealing.piece(after, limit);
  }

  int quarantine(Incoming rejected, ReceiverConfig.Quarantine bounds) throws SQLException {
    return quarantined.keep(rejected, bounds, now);
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
    resealing.close();
    quarantined.close();
    dialect.close();
    for (PreparedStatement statement :
        List.of(
            due, nextDue, lease, done, retry, dead, replay, window, forget, empty, removeOne,
            emptyOne, defer, trial)) {
      statement.close();
    }
  }
}
