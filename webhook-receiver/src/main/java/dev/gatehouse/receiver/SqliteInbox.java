package dev.gatehouse.receiver;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** An inbox in one SQLite file, held by this process alone. */
final class SqliteInbox implements Inbox {
  private static final int READERS = 2;
  private static final String COLUMNS =
      "id, source, tenant, scheme, key_id, sender_id, event_type, method, content_type, size,"
          + " received_at, signed_at, verdict, state, attempts, next_attempt_at, last_status,"
          + " last_error, delivered_at";

  private final SqliteFile file;
  private final InboxWriter writer;
  private final InstantSource clock;
  private final WorkerExecutor workers;
  private final BlockingQueue<Connection> readers = new LinkedBlockingQueue<>();
  private final List<DueListener> listeners = new CopyOnWriteArrayList<>();

  private SqliteInbox(Vertx vertx, SqliteFile file, InboxWriter writer, InstantSource clock) {
    this.file = file;
    this.writer = writer;
    this.clock = clock;
    this.workers =
        vertx.createSharedWorkerExecutor("gatehouse-inbox-reader-" + file.path(), READERS);
  }

  /**
   * Opens or makes the file; blocks, so not on an event loop.
   *
   * @throws StoreException if it cannot be used; the message names the path and the remedy
   */
  static SqliteInbox open(Vertx vertx, Path path, Limits limits, InstantSource clock) {
    SqliteFile file = SqliteFile.lock(path);
    try {
      Connection connection = file.openWriter();
      InboxWriter writer = new InboxWriter(vertx, file, limits.queued(), limits.queuedBytes());
      writer.start(connection);
      SqliteInbox inbox = new SqliteInbox(vertx, file, writer, clock);
      for (int i = 0; i < READERS; i++) {
        inbox.readers.add(file.openReader());
      }
      return inbox;
    } catch (SQLException e) {
      file.close();
      throw new StoreException("store.path: " + path + " cannot be opened", e);
    } catch (StoreException e) {
      file.close();
      throw e;
    }
  }

  /** How much may wait to be written. */
  record Limits(int queued, long queuedBytes) {
    static final Limits DEFAULT = new Limits(16_384, 64L << 20);
  }

  @Override
  public Future<Stored> store(Incoming delivery) {
    Future<Stored> stored =
        writer.submit(delivery.weight(), statements -> statements.store(delivery, clock));
    if (delivery.deliver()) {
      stored.onSuccess(s -> tellDue(delivery.source()));
    }
    return stored;
  }

  @Override
  public Future<Lease> lease(String source, Instant now, Instant leaseUntil, int limit) {
    return writer.submitOwn(statements -> statements.lease(source, now, leaseUntil, limit));
  }

  @Override
  public Future<Boolean> end(long id, long fence, Ending ending) {
    return writer.submitOwn(statements -> statements.end(id, fence, ending));
  }

  @Override
  public Future<Optional<Delivery>> replay(long id, Instant now) {
    return writer
        .submitOwn(statements -> statements.replay(id, now))
        .compose(found -> found ? find(id) : Future.succeededFuture(Optional.empty()))
        .onSuccess(delivery -> delivery.ifPresent(d -> tellDue(d.source())));
  }

  @Override
  public Future<Long> sweep(long after, Instant endedBefore, Instant now, int limit) {
    return writer.submitOwn(statements -> statements.sweep(after, endedBefore, now, limit));
  }

  @Override
  public Future<List<Delivery>> list(Query query) {
    return read(connection -> list(connection, query));
  }

  private static List<Delivery> list(Connection connection, Query query) throws SQLException {
    StringBuilder sql = new StringBuilder(400);
    sql.append("SELECT ").append(COLUMNS).append(" FROM deliveries WHERE id > ?");
    if (query.source() != null) {
      sql.append(" AND source = ?");
    }
    if (query.state() != null) {
      sql.append(" AND state = ?");
    }
    sql.append(" ORDER BY id LIMIT ?");
    try (PreparedStatement select = connection.prepareStatement(sql.toString())) {
      int at = 1;
      select.setLong(at++, query.after());
      if (query.source() != null) {
        select.setString(at++, query.source());
      }
      if (query.state() != null) {
        select.setInt(at++, query.state().code());
      }
      select.setInt(at, query.limit());
      return deliveries(select);
    }
  }

  @Override
  public Future<Optional<Delivery>> find(long id) {
    return read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT " + COLUMNS + " FROM deliveries WHERE id = ?")) {
            select.setLong(1, id);
            return deliveries(select).stream().findFirst();
          }
        });
  }

  private static List<Delivery> deliveries(PreparedStatement select) throws SQLException {
    List<Delivery> found = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        found.add(delivery(row));
      }
    }
    return found;
  }

  private static Delivery delivery(ResultSet row) throws SQLException {
    int status = row.getInt(17);
    Integer lastStatus = row.wasNull() ? null : status;
    return new Delivery(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        row.getInt(10),
        Instant.ofEpochMilli(row.getLong(11)),
        instant(row, 12),
        row.getString(13),
        DeliveryState.of(row.getInt(14)),
        row.getInt(15),
        instant(row, 16),
        lastStatus,
        row.getString(18),
        instant(row, 19));
  }

  private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
  }

  @Override
  public Future<Optional<Content>> content(long id) {
    return read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT headers, body FROM deliveries WHERE id = ? AND body IS NOT NULL")) {
            select.setLong(1, id);
            try (ResultSet row = select.executeQuery()) {
              return row.next()
                  ? Optional.of(new Content(row.getString(1), row.getBytes(2)))
                  : Optional.empty();
            }
          }
        });
  }

  @FunctionalInterface
  private interface Read<T> {
    T from(Connection connection) throws SQLException;
  }

  private <T> Future<T> read(Read<T> read) {
    return workers.executeBlocking(
        () -> {
          Connection connection = readers.take();
          try {
            return read.from(connection);
          } catch (SQLException e) {
            throw new StoreException("the inbox cannot be read", e);
          } finally {
            readers.add(connection);
          }
        },
        false);
  }

  /** Whether the writer works and the file can be read. */
  Future<Boolean> probe() {
    return read(connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT 1 FROM deliveries LIMIT 1");
              ResultSet row = select.executeQuery()) {
            return row.next() || isHealthy();
          }
        })
        .map(readable -> isHealthy() && file.isInPlace())
        .otherwise(false);
  }

  @Override
  public boolean isHealthy() {
    return writer.isHealthy();
  }

  @Override
  public void onDue(DueListener listener) {
    listeners.add(listener);
  }

  private void tellDue(String source) {
    listeners.forEach(listener -> listener.due(source));
  }

  InboxWriter writer() {
    return writer;
  }

  @Override
  public Future<Void> close() {
    return writer
        .close()
        .compose(
            v ->
                workers.executeBlocking(
                    () -> {
                      for (int i = 0; i < READERS; i++) {
                        readers.take().close();
                      }
                      return null;
                    },
                    false))
        .eventually(workers::close)
        .<Void>mapEmpty()
        .onComplete(done -> file.close());
  }
}
