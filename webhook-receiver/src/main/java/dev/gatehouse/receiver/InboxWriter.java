package dev.gatehouse.receiver;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes, on one connection or more, each with a thread of its own: whatever waits goes into one
 * transaction, and its futures end when that is on the disk.
 *
 * <p>Connections take turns: while the commit of one waits for the disk, the next takes all that
 * came meanwhile and writes it. So batches grow with the load, in the order in which they came, and
 * a single write waits for nothing. What waits is bounded by count and by bytes, of which a single
 * large delivery may be more; past that, work is refused at once.
 */
final class InboxWriter {
  private static final Logger LOG = LoggerFactory.getLogger(InboxWriter.class);
  private static final int MAX_BATCH = 1024;
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final int MAX_ATTEMPTS = 3;
  private static final int REJECTED_SHARE = 16;
  private static final int BUSY_BATCH = 16;
  private static final long GATHER_NANOS = 1_000_000;
  private static final int VALID_SECONDS = 5;
  private static final long PLACE_CHECK_NANOS = 1_000_000_000L;

  /** Something to write within a transaction. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(InboxStatements statements) throws SQLException;
  }

  private final InboxDatabase database;
  private final Vault vault;
  private final Context ownContext;
  private final int maxQueued;
  private final long maxQueuedBytes;
  private final BlockingQueue<InboxEntry<?>> queue = new LinkedBlockingQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final LongAdder commits = new LongAdder();
  private final LongAdder written = new LongAdder();
  private final Promise<Void> closed = Promise.promise();
  private final ReentrantLock turn = new ReentrantLock();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger writing = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private final int connections;
  private final InboxEntry<Boolean> end;
  private volatile boolean closing;
  private volatile boolean healthy = true;
  private volatile long placeCheckedAt;

  InboxWriter(Vertx vertx, InboxDatabase database, Vault vault, Limits limits, int connections) {
    this.database = database;
    this.vault = vault;
    this.ownContext = vertx.getOrCreateContext();
    this.maxQueued = limits.queued();
    this.maxQueuedBytes = limits.queuedBytes();
    this.connections = connections;
    this.end = new InboxEntry<>(statements -> true, null, List.of(), ownContext);
  }

  /** How much may wait to be written. */
  record Limits(int queued, long queuedBytes) {
    static final Limits DEFAULT = new Limits(16_384, 64L << 20);
  }

  /**
   * Begins to write.
   *
   * @throws StoreException if the database cannot be used
   */
  void start() {
    List<Session> sessions = new ArrayList<>();
    try {
      for (int i = 0; i < connections; i++) {
        sessions.add(open());
      }
    } catch (SQLException e) {
      sessions.forEach(InboxWriter::close);
      throw new StoreException(database.name() + " cannot be opened", e);
    } catch (RuntimeException | Error e) {
      sessions.forEach(InboxWriter::close);
      throw e;
    }
    writing.set(connections);
    try {
      for (Session session : sessions) {
        Thread thread = new Thread(() -> writeUntilClosed(session), "gatehouse-inbox-writer");
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
      }
    } catch (Error e) {
      // no thread can be had: those that run end the rest
      writing.set(threads.size());
      sessions.subList(threads.size(), connections).forEach(InboxWriter::close);
      throw e;
    }
  }

  private Session open() throws SQLException {
    int before = lost.get();
    Connection connection = database.openWriter();
    try {
      return new Session(
          connection, new InboxStatements(connection, database.dialect(connection), vault), before);
    } catch (SQLException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  /**
   * A connection and what is prepared on it.
   *
   * @param seen how many had been lost when it was known to be good
   */
  private record Session(Connection connection, InboxStatements statements, int seen) {
    void close() throws SQLException {
      try {
        statements.close();
      } finally {
        connection.close();
      }
    }
  }

  /**
   * Queues a delivery that came from outside.
   *
   * @return fails with a {@link StoreException} if too much waits already
   */
  Future<Stored> submit(Incoming delivery) {
    // one that is larger than all that may wait would never be taken, however little does
    long weight = Math.min(delivery.weight(), maxQueuedBytes / 2);
    if (queued.get() >= maxQueued || queuedBytes.get() + weight > maxQueuedBytes) {
      return Future.failedFuture(new StoreException("the inbox's queue is full"));
    }
    Work<Stored> alone = statements -> statements.store(List.of(delivery)).get(0);
    return enqueue(new InboxEntry<>(alone, delivery, List.of(), context()));
  }

  /**
   * Queues what was rejected, which has no claim on a place that a delivery could have, and must
   * not hold up for long what waits behind it.
   */
  Future<Void> submitRejected(Incoming rejected, ReceiverConfig.Quarantine bounds) {
    int most = Math.max(1, maxQueued / REJECTED_SHARE);
    if (queued.get() >= most || queuedBytes.get() > maxQueuedBytes / REJECTED_SHARE) {
      return Future.failedFuture(new StoreException("too much waits to keep what is rejected"));
    }
    Work<Integer> keep = statements -> statements.quarantine(rejected, bounds);
    return enqueue(new InboxEntry<>(keep, rejected.weight(), context())).mapEmpty();
  }

  /** Queues work of our own, which is bounded by what it is about. */
  <T extends @Nullable Object> Future<T> submitOwn(Work<T> work) {
    return submitOwn(List.of(), work);
  }

  /**
   * Queues work of our own.
   *
   * @param reordered the deliveries that it may take out of, or put into, their keys' order
   */
  <T extends @Nullable Object> Future<T> submitOwn(List<Long> reordered, Work<T> work) {
    return enqueue(new InboxEntry<>(work, null, reordered, context()));
  }

  private Context context() {
    Context context = Vertx.currentContext();
    return context == null ? ownContext : context;
  }

  private <T extends @Nullable Object> Future<T> enqueue(InboxEntry<T> entry) {
    if (closing) {
      return Future.failedFuture(new StoreException("the inbox is closed"));
    }
    queued.incrementAndGet();
    queuedBytes.addAndGet(entry.weight());
    queue.add(entry);
    if (closed.future().isComplete()) {
      // the thread ended between the look at closing and now
      entry.fail(new StoreException("the inbox is closed"));
    }
    return entry.future();
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
    return healthy && !threads.isEmpty() && threads.stream().allMatch(Thread::isAlive);
  }

  /** Writes what waits, then closes the connections. */
  Future<Void> close() {
    if (!closing) {
      closing = true;
      queue.add(end);
    }
    return closed.future();
  }

  /** Closes the connections before it returns, where the inbox could not be opened after all. */
  void abandon() {
    close();
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeUntilClosed(Session first) {
    List<InboxEntry<?>> batch = new ArrayList<>(MAX_BATCH);
    @Nullable Session session = first;
    boolean last = false;
    int expected = 0;
    try {
      while (!last) {
        turn.lock();
        try {
          take(batch, expected);
          expected = batch.size();
          last = batch.remove(end);
          if (!batch.isEmpty()) {
            session = write(new InboxBatch(batch), session, true);
          }
        } finally {
          passTurn();
        }
        batch.clear();
      }
    } finally {
      ended(session, last);
    }
  }

  // Also where a thread broke off: what waits for the last of them would wait for ever.
  private void ended(@Nullable Session session, boolean isAsked) {
    close(session);
    if (writing.decrementAndGet() == 0) {
      closing = true;
      closed.complete();
      refuseTheRest();
    } else if (isAsked) {
      queue.add(end);
    }
  }

  private void passTurn() {
    if (turn.isHeldByCurrentThread()) {
      turn.unlock();
    }
  }

  // When many write, the answers of the last commit are on their way back as new requests: to wait
  // for them a moment makes one commit of what would be several, and costs less than one.
  private void take(List<InboxEntry<?>> batch, int expected) {
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

  private @Nullable Session write(InboxBatch batch, @Nullable Session open, boolean passesTurn) {
    @Nullable Session session = open;
    for (int attempt = 1; ; attempt++) {
      try {
        checkPlace();
        session = usable(session);
        batch.run(session.statements());
        if (passesTurn) {
          passTurn();
        }
        session.connection().commit();
        succeeded(batch);
        return session;
      } catch (SQLException | RuntimeException e) {
        session = rollBack(session);
        if (session != null && attempt < MAX_ATTEMPTS && isPassing(e)) {
          continue;
        }
        if (session != null && batch.size() > 1 && isOfOne(e)) {
          return eachAlone(batch, session);
        }
        failed(batch, e);
        return session;
      } catch (Error e) {
        // Such as no memory. Nobody writes in its place, so this thread has to outlive it.
        close(session);
        failed(batch, new StoreException("the inbox's writer broke off", e));
        return null;
      }
    }
  }

  // What ended another connection has often ended this one, too: that costs no second batch.
  private Session usable(@Nullable Session open) throws SQLException {
    if (open == null) {
      return open();
    }
    int seen = lost.get();
    if (open.seen() == seen) {
      return open;
    }
    if (open.connection().isValid(VALID_SECONDS)) {
      return new Session(open.connection(), open.statements(), seen);
    }
    close(open);
    return open();
  }

  // One that the database does not take must not keep the others of its batch out. What came after
  // them waits until the last of them is written: deliveries keep the order in which they came.
  private @Nullable Session eachAlone(InboxBatch batch, Session open) {
    @Nullable Session session = open;
    int last = batch.size() - 1;
    for (int i = 0; i <= last; i++) {
      session = write(batch.only(i), session, i == last);
    }
    return session;
  }

  // Two receivers that waited for each other, a statement that was overtaken, or a lock that was
  // held longer than a statement waits for one.
  private static boolean isPassing(Exception e) {
    String state = e instanceof SQLException sql ? sql.getSQLState() : null;
    return state != null && (state.startsWith("40") || state.equals(LOCK_NOT_AVAILABLE));
  }

  // Classes 22, 23 and 54 of SQL states: the values themselves, or their size. Nor is it the
  // database's fault where a value could not be made into a row.
  private static boolean isOfOne(Exception e) {
    if (!(e instanceof SQLException sql)) {
      return !(e instanceof StoreException);
    }
    String state = sql.getSQLState();
    return state != null
        && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
  }

  private void succeeded(InboxBatch batch) {
    healthy = true;
    commits.increment();
    written.add(batch.size());
    database.committed(batch.size(), batch.weight());
    settle(batch, null);
  }

  private void checkPlace() {
    long now = System.nanoTime();
    if (now - placeCheckedAt > PLACE_CHECK_NANOS || placeCheckedAt == 0) {
      placeCheckedAt = now;
      if (!database.isInPlace()) {
        placeCheckedAt = 0;
        throw new StoreException(database.name() + " was moved or removed: restart the receiver");
      }
    }
  }

  private void failed(InboxBatch batch, Exception e) {
    if (isOfOne(e)) {
      LOG.error("a piece of work was refused by the inbox's database", e);
      settle(batch, new StoreException("the inbox's database refuses it", e));
      return;
    }
    if (healthy) {
      LOG.error("the inbox cannot be written; deliveries are answered with 503 until it can", e);
    }
    healthy = false;
    settle(batch, new StoreException("the inbox cannot be written", e));
  }

  private @Nullable Session rollBack(@Nullable Session session) {
    if (session == null) {
      return null;
    }
    try {
      session.connection().rollback();
      session.statements().rolledBack();
      return session;
    } catch (SQLException e) {
      lost.incrementAndGet();
      close(session);
      return null;
    }
  }

  private void settle(InboxBatch batch, @Nullable StoreException failure) {
    queued.addAndGet(-batch.size());
    queuedBytes.addAndGet(-batch.weight());
    batch.settle(failure);
  }

  private void refuseTheRest() {
    List<InboxEntry<?>> rest = new ArrayList<>();
    queue.drainTo(rest);
    rest.remove(end);
    if (!rest.isEmpty()) {
      settle(new InboxBatch(rest), new StoreException("the inbox is closed"));
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
