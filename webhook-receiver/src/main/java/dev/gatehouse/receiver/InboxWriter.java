package dev.gatehouse.receiver;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes: whatever waits goes into one transaction, and its futures end when
 * that is on the disk.
 *
 * <p>While a commit waits for the disk the next batch gathers, so batches grow with the load and a
 * single write waits for nothing. What waits is bounded by count and by bytes; past that, work is
 * refused at once.
 */
final class InboxWriter {
  private static final Logger LOG = LoggerFactory.getLogger(InboxWriter.class);
  private static final int MAX_BATCH = 1024;
  private static final int BUSY_BATCH = 16;
  private static final long GATHER_NANOS = 1_000_000;
  private static final long PLACE_CHECK_NANOS = 1_000_000_000L;

  /** Something to write within a transaction. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(InboxStatements statements) throws SQLException;
  }

  private static final class Entry<T extends @Nullable Object> {
    private final Work<T> work;
    private final int weight;
    private final Promise<T> promise = Promise.promise();
    private final Context context;
    private final Thread thread;
    private @Nullable T result;

    private Entry(Work<T> work, int weight, Context context) {
      this.work = work;
      this.weight = weight;
      this.context = context;
      this.thread = Thread.currentThread();
    }

    private void run(InboxStatements statements) throws SQLException {
      result = work.run(statements);
    }

    @SuppressWarnings("NullAway") // T itself says whether null is a result
    private void succeed() {
      promise.tryComplete(result);
    }
  }

  private final SqliteFile file;
  private final Context ownContext;
  private final int maxQueued;
  private final long maxQueuedBytes;
  private final BlockingQueue<Entry<?>> queue = new LinkedBlockingQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final LongAdder commits = new LongAdder();
  private final LongAdder written = new LongAdder();
  private final Promise<Void> closed = Promise.promise();
  private final Thread thread;
  private final Entry<Boolean> end;
  private volatile boolean closing;
  private volatile boolean healthy = true;
  private long placeCheckedAt;
  private @Nullable Session initial;

  InboxWriter(Vertx vertx, SqliteFile file, int maxQueued, long maxQueuedBytes) {
    this.file = file;
    this.ownContext = vertx.getOrCreateContext();
    this.maxQueued = maxQueued;
    this.maxQueuedBytes = maxQueuedBytes;
    this.end = new Entry<>(statements -> true, 0, ownContext);
    this.thread = new Thread(this::writeUntilClosed, "gatehouse-inbox-writer");
    this.thread.setDaemon(true);
  }

  /** Begins to write on that connection, which is the writer's from now on. */
  void start(Connection connection) throws SQLException {
    InboxStatements statements = new InboxStatements(connection);
    initial = new Session(connection, statements);
    thread.start();
  }

  private record Session(Connection connection, InboxStatements statements) {
    void close() throws SQLException {
      statements.close();
      connection.close();
    }
  }

  /**
   * Queues work that came from outside.
   *
   * @param weight about how many bytes it keeps while it waits
   * @return fails with a {@link StoreException} if too much waits already
   */
  <T extends @Nullable Object> Future<T> submit(int weight, Work<T> work) {
    if (queued.get() >= maxQueued || queuedBytes.get() + weight > maxQueuedBytes) {
      return Future.failedFuture(new StoreException("the inbox's queue is full"));
    }
    return enqueue(weight, work);
  }

  /** Queues work of our own, which is bounded by what it is about. */
  <T extends @Nullable Object> Future<T> submitOwn(Work<T> work) {
    return enqueue(0, work);
  }

  private <T extends @Nullable Object> Future<T> enqueue(int weight, Work<T> work) {
    if (closing) {
      return Future.failedFuture(new StoreException("the inbox is closed"));
    }
    Context context = Vertx.currentContext();
    Entry<T> entry = new Entry<>(work, weight, context == null ? ownContext : context);
    queued.incrementAndGet();
    queuedBytes.addAndGet(weight);
    queue.add(entry);
    if (closed.future().isComplete()) {
      // the thread ended between the look at closing and now
      entry.promise.tryFail(new StoreException("the inbox is closed"));
    }
    return entry.promise.future();
  }

  /** How many transactions were committed. */
  long commits() {
    return commits.sum();
  }

  /** How many pieces of work they held. */
  long written() {
    return written.sum();
  }

  int queued() {
    return queued.get();
  }

  boolean isHealthy() {
    return healthy && thread.isAlive();
  }

  /** Writes what waits, then closes the connection. */
  Future<Void> close() {
    if (!closing) {
      closing = true;
      queue.add(end);
    }
    return closed.future();
  }

  private void writeUntilClosed() {
    List<Entry<?>> batch = new ArrayList<>(MAX_BATCH);
    @Nullable Session session = initial;
    boolean last = false;
    int expected = 0;
    while (!last) {
      take(batch, expected);
      expected = batch.size();
      last = batch.remove(end);
      if (!batch.isEmpty()) {
        session = write(batch, session);
      }
      batch.clear();
    }
    refuseTheRest(batch);
    close(session);
    closed.complete();
  }

  // When many write, the answers of the last commit are on their way back as new requests: to wait
  // for them a moment makes one commit of what would be several, and costs less than one.
  private void take(List<Entry<?>> batch, int expected) {
    try {
      batch.add(queue.take());
      if (expected >= BUSY_BATCH && queue.size() + 1 < expected) {
        LockSupport.parkNanos(GATHER_NANOS);
      }
      queue.drainTo(batch, MAX_BATCH - 1);
    } catch (InterruptedException e) {
      // nobody interrupts this thread but a JVM that ends: end as if closed
      closing = true;
      batch.add(end);
    }
  }

  private @Nullable Session write(List<Entry<?>> batch, @Nullable Session open) {
    @Nullable Session session = open;
    try {
      checkPlace();
      if (session == null) {
        Connection connection = file.openWriter();
        session = new Session(connection, new InboxStatements(connection));
      }
      for (Entry<?> entry : batch) {
        entry.run(session.statements());
      }
      session.connection().commit();
    } catch (SQLException | RuntimeException e) {
      fail(batch, e);
      return rollBack(session);
    }
    healthy = true;
    commits.increment();
    written.add(batch.size());
    settle(batch, null);
    return session;
  }

  private void checkPlace() {
    long now = System.nanoTime();
    if (now - placeCheckedAt > PLACE_CHECK_NANOS || placeCheckedAt == 0) {
      placeCheckedAt = now;
      if (!file.isInPlace()) {
        placeCheckedAt = 0;
        throw new StoreException(file.path() + " was moved or removed: restart the receiver");
      }
    }
  }

  private void fail(List<Entry<?>> batch, Exception e) {
    if (healthy) {
      LOG.error("the inbox cannot be written; deliveries are answered with 503 until it can", e);
    }
    healthy = false;
    settle(batch, new StoreException("the inbox cannot be written", e));
  }

  private static @Nullable Session rollBack(@Nullable Session session) {
    if (session == null) {
      return null;
    }
    try {
      session.connection().rollback();
      return session;
    } catch (SQLException e) {
      close(session);
      return null;
    }
  }

  // One hop for each event loop and batch, not one for each delivery.
  private void settle(List<Entry<?>> batch, @Nullable StoreException failure) {
    IdentityHashMap<Thread, List<Entry<?>>> byThread = new IdentityHashMap<>();
    long bytes = 0;
    for (Entry<?> entry : batch) {
      bytes += entry.weight;
      byThread.computeIfAbsent(entry.thread, t -> new ArrayList<>()).add(entry);
    }
    queued.addAndGet(-batch.size());
    queuedBytes.addAndGet(-bytes);
    for (List<Entry<?>> entries : byThread.values()) {
      entries.get(0).context.runOnContext(v -> settleHere(entries, failure));
    }
  }

  private static void settleHere(List<Entry<?>> entries, @Nullable StoreException failure) {
    for (Entry<?> entry : entries) {
      if (failure == null) {
        entry.succeed();
      } else {
        entry.promise.tryFail(failure);
      }
    }
  }

  private void refuseTheRest(List<Entry<?>> rest) {
    queue.drainTo(rest);
    rest.remove(end);
    if (!rest.isEmpty()) {
      settle(rest, new StoreException("the inbox is closed"));
    }
  }

  private static void close(@Nullable Session session) {
    if (session == null) {
      return;
    }
    try {
      session.close();
    } catch (SQLException e) {
      LOG.warn("the inbox did not close cleanly; it recovers at the next start", e);
    }
  }
}
