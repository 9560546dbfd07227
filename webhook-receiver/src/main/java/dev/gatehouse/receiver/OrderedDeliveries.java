package dev.gatehouse.receiver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps, of the deliveries on their way that share an order key, the oldest one due and the others
 * held, so that a lease never comes across what it may not take.
 *
 * <p>At most one of a key is not held. Each step costs two look-ups, however many wait.
 */
final class OrderedDeliveries implements AutoCloseable {
  private static final String OF_KEY = " FROM deliveries WHERE source = ? AND order_key = ?";

  private final PreparedStatement keyOf;
  private final PreparedStatement open;
  private final PreparedStatement active;
  private final PreparedStatement firstHeld;
  private final PreparedStatement setDue;
  private final PreparedStatement hold;

  OrderedDeliveries(Connection connection) throws SQLException {
    keyOf =
        connection.prepareStatement(
            "SELECT source, order_key FROM deliveries WHERE id = ? AND order_key IS NOT NULL");
    open =
        connection.prepareStatement(
            "SELECT 1" + OF_KEY + " AND next_attempt_at IS NOT NULL LIMIT 1");
    active =
        connection.prepareStatement(
            "SELECT id, state"
                + OF_KEY
                + " AND next_attempt_at < "
                + InboxSchema.HELD
                + " LIMIT 1");
    firstHeld =
        connection.prepareStatement(
            "SELECT id"
                + OF_KEY
                + " AND next_attempt_at = "
                + InboxSchema.HELD
                + " ORDER BY id LIMIT 1");
    setDue = connection.prepareStatement("UPDATE deliveries SET next_attempt_at = ? WHERE id = ?");
    // it may have been leased since it was looked at: that takes no lock of its key
    hold =
        connection.prepareStatement(
            "UPDATE deliveries SET next_attempt_at = "
                + InboxSchema.HELD
                + " WHERE id = ? AND state <> 1 AND next_attempt_at IS NOT NULL");
  }

  /** When a new delivery is due that would be due then. */
  long dueOfNew(String source, @Nullable String orderKey, long due) throws SQLException {
    if (orderKey == null) {
      return due;
    }
    open.setString(1, source);
    open.setString(2, orderKey);
    try (ResultSet row = open.executeQuery()) {
      return row.next() ? InboxSchema.HELD : due;
    }
  }

  /** After an attempt ended for good, or for a while: lets the oldest of its key be next. */
  void attemptEnded(long id, long now) throws SQLException {
    Key key = keyOf(id);
    if (key != null) {
      settle(key, now);
    }
  }

  /** After a delivery was made due again, out of its turn perhaps. */
  void replayed(long id, long now) throws SQLException {
    Key key = keyOf(id);
    if (key != null) {
      setDue(id, InboxSchema.HELD);
      settle(key, now);
    }
  }

  /** After a delivery was stored that waits for another of its key. */
  void settle(Incoming held, long now) throws SQLException {
    if (held.orderKey() != null) {
      settle(new Key(held.source(), held.orderKey()), now);
    }
  }

  private record Key(String source, String orderKey) {}

  private record Active(long id, DeliveryState state) {}

  private @Nullable Key keyOf(long id) throws SQLException {
    keyOf.setLong(1, id);
    try (ResultSet row = keyOf.executeQuery()) {
      return row.next() ? new Key(row.getString(1), row.getString(2)) : null;
    }
  }

  private void settle(Key key, long now) throws SQLException {
    long first = firstHeld(key);
    if (first == 0) {
      return;
    }
    Active present = active(key);
    if (present == null) {
      setDue(first, now);
    } else if (first < present.id() && present.state() != DeliveryState.DELIVERING) {
      // an older one was replayed: it goes first
      hold.setLong(1, present.id());
      if (hold.executeUpdate() == 1) {
        setDue(first, now);
      }
    }
  }

  private @Nullable Active active(Key key) throws SQLException {
    active.setString(1, key.source());
    active.setString(2, key.orderKey());
    try (ResultSet row = active.executeQuery()) {
      return row.next() ? new Active(row.getLong(1), DeliveryState.of(row.getInt(2))) : null;
    }
  }

  private long firstHeld(Key key) throws SQLException {
    firstHeld.setString(1, key.source());
    firstHeld.setString(2, key.orderKey());
    try (ResultSet row = firstHeld.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private void setDue(long id, long due) throws SQLException {
    setDue.setLong(1, due);
    setDue.setLong(2, id);
    setDue.executeUpdate();
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : List.of(keyOf, open, active, firstHeld, setDue, hold)) {
      statement.close();
    }
  }
}
