package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Place;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * An inbox in a database: one SQLite file, held by this process alone, or a PostgreSQL that any
 * number of receivers share.
 *
 * <p>Whoever calls tells times by its own clock; what is stored are times of the database's. Only
 * differences pass from one to the other, so clocks that disagree shorten or lengthen no lease.
 */
final class SqlInbox implements Inbox {
  private static final int READERS = 4;
  // one stores while the other's commit waits for the disk
  private static final int STORING = 2;
  private static final long SHARED_PAUSE_MILLIS = 20;

  private final InboxDatabase database;
  private final Vault vault;
  private final InboxWriter writer;
  private final InboxWriter steps;
  private final InstantSource clock;
  private final WorkerExecutor workers;
  private final List<DueListener> listeners = new CopyOnWriteArrayList<>();
  private final Set<String> leased = ConcurrentHashMap.newKeySet();
  private @Nullable PostgresWakeups wakeups;

  private SqlInbox(
      Vertx vertx,
      InboxDatabase database,
      Vault vault,
      InstantSource clock,
      InboxWriter writer,
      InboxWriter steps) {
    this.database = database;
    this.vault = vault;
    this.clock = clock;
    this.writer = writer;
    this.steps = steps;
    this.workers =
        vertx.createSharedWorkerExecutor(
            "gatehouse-inbox-reader-" + Integer.toHexString(System.identityHashCode(database)),
            READERS);
  }

  /**
   * Opens the store; blocks, so not on an event loop.
   *
   * @throws StoreException if it cannot be used; the message names the setting and the remedy
   */
  static SqlInbox open(Vertx vertx, ReceiverConfig.Store store, InstantSource clock) {
    Vault vault = Vault.of(store.encryption());
    InboxWriter.Limits limits = InboxWriter.Limits.DEFAULT;
    return store.place() instanceof Place.Postgres postgres
        ? postgres(vertx, postgres.address(), vault, limits, clock)
        : sqlite(vertx, ((Place.Sqlite) store.place()).path(), vault, limits, clock);
  }

  /**
   * Opens or makes a SQLite file; blocks, so not on an event loop.
   *
   * @throws StoreException if it cannot be used; the message names the path and the remedy
   */
  static SqlInbox sqlite(
      Vertx vertx, Path path, Vault vault, InboxWriter.Limits limits, InstantSource clock) {
    SqliteFile file = SqliteFile.lock(path, clock, vault);
    try {
      InboxWriter writer = new InboxWriter(vertx, file, vault, limits, 1);
      SqlInbox inbox = new SqlInbox(vertx, file, vault, clock, writer, writer);
      inbox.begin(
          () -> {
            writer.start();
            file.openReaders();
            inbox.requireKeys();
          });
      return inbox;
    } catch (SQLException e) {
      file.close();
      throw new StoreException(file.name() + " cannot be opened", e);
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /**
   * Opens a PostgreSQL, its schema brought up to date; blocks, so not on an event loop.
   *
   * @throws StoreException if it cannot be used; the message names the setting and the remedy
   */
  static SqlInbox postgres(
      Vertx vertx,
      PostgresAddress address,
      Vault vault,
      InboxWriter.Limits limits,
      InstantSource clock) {
    PostgresDatabase database = PostgresDatabase.open(address, vault);
    try {
      // what is stored does not wait for what is delivered, nor the other way round
      InboxWriter writer = new InboxWriter(vertx, database, vault, limits, STORING);
      InboxWriter steps = new InboxWriter(vertx, database, vault, limits, 1);
      SqlInbox inbox = new SqlInbox(vertx, database, vault, clock, writer, steps);
      inbox.begin(
          () -> {
            inbox.requireKeys();
            writer.start();
            steps.start();
            inbox.wakeups = PostgresWakeups.start(database, inbox::tellDue, () -> inbox.leased);
          });
      return inbox;
    } catch (SQLException e) {
      database.close();
      throw new StoreException(database.name() + " cannot be read", e);
    } catch (RuntimeException | Error e) {
      database.close();
      throw e;
    }
  }

  /** Begins to read and write. */
  @FunctionalInterface
  private interface Beginning {
    void run() throws SQLException;
  }

  // What did not begin as a whole leaves no thread behind, nor a connection.
  private void begin(Beginning beginning) throws SQLException {
    try {
      beginning.run();
    } catch (SQLException | RuntimeException | Error e) {
      database.closeReaders();
      writer.abandon();
      steps.abandon();
      workers.close();
      throw e;
    }
  }

  // Better not to start than to find out at the first delivery.
  private void requireKeys() throws SQLException {
    Set<String> needed;
    try {
      needed = database.read(connection -> queriesOn(connection).sealedWith());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(database.name() + " was not opened: interrupted", e);
    }
    needed.removeAll(vault.keyIds());
    if (!needed.isEmpty()) {
      throw new StoreException(
          "store.encryption.keys: deliveries are sealed with "
              + String.join(", ", needed)
              + ", which is not there: add it again, after the key for new ones");
    }
  }

  @Override
  public Future<Stored> store(Incoming delivery) {
    Future<Stored> stored = writer.submit(delivery);
    if (delivery.deliver()) {
      stored.onSuccess(s -> tellDue(delivery.source()));
    }
    return stored;
  }

  @Override
  public Future<Lease> lease(String source, Instant now, Instant leaseUntil, int limit) {
    leased.add(source);
    long millis = Math.max(1, Duration.between(now, leaseUntil).toMillis());
    return steps
        .submitOwn(statements -> statements.lease(source, millis, limit))
        .map(
            taken -> {
              Long next = taken.nextDue();
              return new Lease(
                  taken.deliveries(),
                  next == null ? null : clock.instant().plusMillis(soonest(next)));
            });
  }

  // What is due and was not taken, another receiver is taking: not to be asked for again at once.
  private long soonest(long millis) {
    return database.isShared() ? Math.max(millis, SHARED_PAUSE_MILLIS) : millis;
  }

  @Override
  public Future<Boolean> end(long id, long fence, Ending ending) {
    long inMillis =
        ending instanceof Ending.Retry retry
            ? Math.max(0, Duration.between(clock.instant(), retry.next()).toMillis())
            : 0;
    return steps.submitOwn(List.of(id), statements -> statements.end(id, fence, ending, inMillis));
  }

  @Override
  public Future<Optional<Delivery>> replay(long id, Instant now) {
    return steps
        .submitOwn(List.of(id), statements -> statements.replay(id))
        .compose(found -> found ? find(id) : Future.succeededFuture(Optional.empty()))
        .onSuccess(delivery -> delivery.ifPresent(d -> tellDue(d.source())));
  }

  @Override
  public Future<Replayed> replay(ReplayFilter filter, long after, int limit, Instant now) {
    return read(queries -> queries.candidates(filter, after, limit))
        .compose(looked -> replay(filter, looked, limit));
  }

  private Future<Replayed> replay(ReplayFilter filter, List<Delivery> looked, int limit) {
    List<Delivery> wanted = looked.stream().filter(filter::matches).toList();
    long next = looked.size() < limit ? 0 : looked.get(looked.size() - 1).id();
    return steps
        .submitOwn(
            wanted.stream().map(Delivery::id).toList(), statements -> statements.replay(wanted))
        .map(count -> new Replayed(next, looked.size(), count))
        .onSuccess(done -> wanted.stream().map(Delivery::source).distinct().forEach(this::tellDue));
  }

  @Override
  public Future<Long> sweep(long after, Instant endedBefore, Instant now, int limit) {
    long millisAgo = Duration.between(endedBefore, now).toMillis();
    return steps.submitOwn(statements -> statements.sweep(after, millisAgo, limit));
  }

  @Override
  public Future<Long> shrink(long maxBytes, long after, int limit) {
    return read(queries -> queries.oldestEnded(queries.bytes() - maxBytes, after, limit))
        .compose(
            oldest ->
                oldest.isEmpty()
                    ? Future.succeededFuture(0L)
                    : steps
                        .submitOwn(statements -> statements.remove(oldest))
                        .map(oldest.get(oldest.size() - 1)));
  }

  @Override
  public Future<Long> reseal(long after, int limit) {
    return steps.submitOwn(statements -> statements.reseal(after, limit));
  }

  @Override
  public Future<Void> quarantine(Incoming rejected, ReceiverConfig.Quarantine bounds) {
    return steps.submitRejected(rejected, bounds);
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

  private InboxQueries queriesOn(Connection connection) {
    return new InboxQueries(connection, vault, database.sizeQuery());
  }

  private <T> Future<T> read(Read<T> read) {
    return workers.executeBlocking(
        () -> {
          try {
            return database.read(connection -> read.from(queriesOn(connection)));
          } catch (SQLException e) {
            throw new StoreException("the inbox cannot be read", e);
          }
        },
        false);
  }

  @Override
  public Future<Boolean> probe() {
    return tryToWrite(writer)
        .compose(v -> steps == writer ? Future.<Void>succeededFuture() : tryToWrite(steps))
        .compose(
            v ->
                read(
                    queries -> {
                      queries.touch();
                      return isHealthy() && database.isInPlace();
                    }))
        .otherwise(false);
  }

  // A receiver that is not ready gets no requests, and would never find out that it is again.
  private static Future<Void> tryToWrite(InboxWriter writer) {
    if (writer.isHealthy()) {
      return Future.succeededFuture();
    }
    return writer.submitOwn(InboxStatements::tryToWrite).mapEmpty();
  }

  @Override
  public boolean isHealthy() {
    return writer.isHealthy() && steps.isHealthy();
  }

  @Override
  public void onDue(DueListener listener) {
    listeners.add(listener);
  }

  private void tellDue(String source) {
    listeners.forEach(listener -> listener.due(source));
  }

  /** What stores. */
  InboxWriter writer() {
    return writer;
  }

  /** What writes all else; on SQLite the same. */
  InboxWriter steps() {
    return steps;
  }

  @Override
  public Future<Void> close() {
    PostgresWakeups listening = wakeups;
    if (listening != null) {
      listening.end();
    }
    return blocking(database::closeReaders)
        .eventually(writer::close)
        .eventually(steps::close)
        .eventually(() -> blocking(database::close))
        .eventually(workers::close);
  }

  private Future<Void> blocking(Runnable step) {
    return workers
        .executeBlocking(
            () -> {
              step.run();
              return true;
            },
            false)
        .mapEmpty();
  }
}
