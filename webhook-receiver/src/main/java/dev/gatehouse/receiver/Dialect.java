package dev.gatehouse.receiver;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/** What a database does in its own way, on one connection that writes. */
interface Dialect extends AutoCloseable {
  /**
   * The time that leases and retries are measured by, in milliseconds since the epoch: the same for
   * all who share the database, whatever their own clocks say.
   */
  long now() throws SQLException;

  /** What is appended to a selection of rows, so that no two receivers take the same. */
  String takeRows();

  /**
   * Stores each delivery that is not known already, in one transaction; the answers are in the
   * order of the deliveries.
   */
  List<Stored> store(List<Incoming> deliveries, OrderedDeliveries ordered, long now)
      throws SQLException;

  /** A new id, later than those before. */
  long newId(long now) throws SQLException;

  /** Texts that this database takes, in place of those that it does not. */
  Incoming storable(Incoming delivery);

  /** Keeps others from changing the order of these deliveries' keys until the transaction ends. */
  void lockOrderOf(Collection<Long> ids) throws SQLException;

  /**
   * Lets the room that the content of these rows had be used again, where the database does not do
   * so by itself.
   */
  void reclaim(List<Long> emptied) throws SQLException;

  /** Tells the other receivers, when the transaction is committed, what is due. */
  void tellOthers(Collection<String> sources) throws SQLException;

  @Override
  void close() throws SQLException;
}
