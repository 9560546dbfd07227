package dev.gatehouse.receiver;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** An inbox in one SQLite file, held by this process alone. */
final class SqliteInbox implements Inbox {
  private static final int READERS = 2;

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
    return writer.submitOwn(statements -> statements.end(id, fence, ending, clock.instant()));
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
  public Future<Replayed> replay(ReplayFilter filter, long after, int limit, Instant now) {
    return read(queries -> queries.candidates(filter, after, limit))
        .compose(
            looked -> {
              List<Delivery> wanted = looked.stream().filter(filter::matches).toList();
              long next = looked.size() < limit ? 0 : looked.get(looked.size() - 1).id();
              return writer
                  .submitOwn(statements -> statements.replay(wanted, now))
                  .map(count -> new Replayed(next, looked.size(), count))
                  .onSuccess(
                      done ->
                          wanted.stream().map(Delivery::source).distinct().forEach(this::tellDue));
            });
  }

  @Override
  public Future<Map<String, Backlog>> backlog() {
    return read(InboxQueries::backlog);
  }

  @Override
  public Future<List<Delivery>> list(Query query) {
    return read(queries -> queries.list(query));
  }

  @Override
  public Future<Optional<Delivery>> find(long id) {
    return read(queries -> queries.find(id));
  }

  @Override
  public Future<Optional<Content>> content(long id) {
    return read(queries -> queries.content(id));
  }

  @FunctionalInterface
  private interface Read<T> {
    T from(InboxQueries queries) throws SQLException;
  }

  private <T> Future<T> read(Read<T> read) {
    return workers.executeBlocking(
        () -> {
          Connection connection = readers.take();
          try {
            T answer = read.from(new InboxQueries(connection));
            connection.rollback();
            return answer;
          } catch (SQLException e) {
            throw new StoreException("the inbox cannot be read", e);
          } finally {
            readers.add(connection);
          }
        },
        false);
  }

  @Override
  public Future<Boolean> probe() {
    return read(queries -> {
          queries.touch();
          return isHealthy() && file.isInPlace();
        })
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
