package dev.gatehouse.receiver;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
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
 * a single write waits for nothing. Past the bounds of what may wait, work is refused at once.
 *
 * <p>A connection that is lost takes no turn until it is open again. While none can be opened, work
 * is refused at once, too.
 */
final class InboxWriter {
  private static final Logger LOG = LoggerFactory.getLogger(InboxWriter.class);
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final int MAX_ATTEMPTS = 3;
  private static final long PLACE_CHECK_NANOS = 1_000_000_000L;

  /** Something to write within a transaction. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(InboxStatements statements) throws SQLException;
  }

  private final InboxDatabase database;
  private final Vault vault;
  private final Context ownContext;
  private final int connections;
  private final InboxQueue queue;
  private final LongAdder commits = new LongAdder();
  private final LongAdder written = new LongAdder();
  private final Promise<Void> closed = Promise.promise();
  private final ReentrantLock turn = new ReentrantLock();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger writing = new AtomicInteger();
  private volatile List<InboxSession> sessions = List.of();
  private volatile boolean closing;
  private volatile boolean healthy = true;
  private volatile long placeCheckedAt;

  InboxWriter(Vertx vertx, InboxDatabase database, Vault vault, Limits limits, int connections) {
    this.database = database;
    this.vault = vault;
    this.ownContext = vertx.getOrCreateContext();
    this.connections = connections;
    this.queue = new InboxQueue(limits, ownContext);
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
    AtomicInteger losses = new AtomicInteger();
    List<InboxSession> opened = new ArrayList<>();
    try {
      for (int i = 0; i < connections; i++) {
        InboxSession session = new InboxSession(database, vault, losses);
        opened.add(session);
        session.renew();
      }
    } catch (SQLException e) {
      opened.forEach(InboxSession::close);
      throw new StoreException(database.name() + " cannot be opened", e);
    } catch (RuntimeException | Error e) {
      opened.forEach(InboxSession::close);
      throw e;
    }
    sessions = List.copyOf(opened);
    writing.set(connections);
    try {
      for (InboxSession session : opened) {
        Thread thread = new Thread(() -> writeUntilClosed(session), "gatehouse-inbox-writer");
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
      }
    } catch (Error e) {
      // no thread can be had: those that run end the rest
      writing.set(threads.size());
      opened.subList(threads.size(), connections).forEach(InboxSession::close);
      throw e;
    }
  }

  /**
   * Queues a delivery that came from outside.
   *
   * @return fails with a {@link StoreException} if too much waits already
   */
  Future<Stored> submit(Incoming delivery) {
    if (!queue.hasRoomFor(delivery)) {
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
    if (!queue.hasRoomForRejected()) {
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
      return Future.failedFuture(refusal());
    }
    if (isAway()) {
      // not within this call: whoever is refused may let the next one try, of whom there may be
      // many
      entry.context().runOnContext(here -> entry.fail(refusal()));
      return entry.future();
    }
    queue.add(entry);
    if (isAway()) {
      // since the look before it was added, and what waited was refused without it perhaps
      queue.refuse(entry, refusal());
    }
    return entry.future();
  }

  private StoreException refusal() {
    return new StoreException(closing ? "the inbox is closed" : "the inbox cannot be written");
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
    return queue.size();
  }

  boolean isHealthy() {
    return healthy && isAnyOpen() && threads.stream().allMatch(Thread::isAlive);
  }

  private boolean isAnyOpen() {
    return sessions.stream().anyMatch(InboxSession::isOpen);
  }

  // Whether there is no connection, nor one that is about to be opened.
  private boolean isAway() {
    for (InboxSession session : sessions) {
      if (!session.isAway()) {
        return false;
      }
    }
    return true;
  }

  /** Writes what waits, where there is a connection for it, then closes the connections. */
  Future<Void> close() {
    if (!closing) {
      closing = true;
      sessions.forEach(InboxSession::end);
      queue.addEnd();
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

  private void writeUntilClosed(InboxSession session) {
    boolean isEnd = false;
    int last = 0;
    try {
      while (!isEnd && awaitConnection(session)) {
        turn.lock();
        try {
          InboxQueue.Taken taken = queue.take(last, session::isTrusted);
          isEnd = taken.isEnd();
          if (!taken.entries().isEmpty()) {
            last = taken.entries().size();
            write(new InboxBatch(taken.entries()), session, true);
          }
        } finally {
          passTurn();
        }
      }
    } catch (InterruptedException e) {
      // nobody interrupts this thread now but a JVM that ends: end as if closed
      closing = true;
      isEnd = true;
    } finally {
      ended(session, isEnd);
    }
  }

  // Without the turn: others write meanwhile. False if the writer is closed before it is open.
  private boolean awaitConnection(InboxSession session) throws InterruptedException {
    for (int failures = 0; !session.isTrusted(); ) {
      try {
        if (!session.renew()) {
          return false;
        }
        if (failures > 0) {
          LOG.info("a connection to the inbox that could not be opened is open again");
        }
      } catch (SQLException | RuntimeException | Error e) { // nobody opens it in its place
        if (closing) {
          return false;
        }
        if (failures++ == 0) {
          cannotBeOpened(e);
        }
        refuseIfAway();
        session.pause(failures);
      }
    }
    return true;
  }

  private void cannotBeOpened(Throwable e) {
    if (isAway()) {
      LOG.error(
          "the inbox cannot be written; deliveries are answered with 503 until a connection to it"
              + " can be opened",
          e);
    } else {
      LOG.warn("a connection to the inbox cannot be opened; another writes until it can", e);
    }
  }

  // What nobody can write is better refused now than kept until somebody can.
  private void refuseIfAway() {
    if (isAway() && turn.tryLock()) {
      try {
        queue.refuseAll(refusal());
      } finally {
        turn.unlock();
      }
    }
  }

  // Also where a thread broke off: what waits for the last of them would wait for ever.
  private void ended(InboxSession session, boolean isEnd) {
    session.close();
    if (writing.decrementAndGet() == 0) {
      closing = true;
      closed.complete();
      refuseIfAway();
    } else if (isEnd) {
      queue.addEnd();
    }
  }

  private void passTurn() {
    if (turn.isHeldByCurrentThread()) {
      turn.unlock();
    }
  }

  private void write(InboxBatch batch, InboxSession session, boolean passesTurn) {
    for (int attempt = 1; ; attempt++) {
      try {
        checkPlace();
        batch.run(session.statements());
        if (passesTurn) {
          passTurn();
        }
        session.commit();
        succeeded(batch);
        return;
      } catch (SQLException | RuntimeException e) {
        boolean isOpen = session.rollBack();
        if (isOpen && attempt < MAX_ATTEMPTS && isPassing(e)) {
          continue;
        }
        if (isOpen && batch.size() > 1 && isOfOne(e)) {
          eachAlone(batch, session);
        } else {
          failed(batch, e, session);
        }
        return;
      } catch (Error e) {
        // Such as no memory. Nobody writes in its place, so this thread has to outlive it.
        session.drop();
        failed(batch, new StoreException("the inbox's writer broke off", e), session);
        return;
      }
    }
  }

  // One that the database does not take must not keep the others of its batch out. What came after
  // them waits until the last of them is written: deliveries keep the order in which they came.
  private void eachAlone(InboxBatch batch, InboxSession session) {
    int size = batch.size();
    for (int i = 0; i < size; i++) {
      if (!session.isOpen()) {
        failed(batch.part(i, size), new StoreException("their connection was lost"), session);
        return;
      }
      write(batch.part(i, i + 1), session, i == size - 1);
    }
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
    queue.settle(batch, null);
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

  private void failed(InboxBatch batch, Exception e, InboxSession session) {
    if (isOfOne(e)) {
      LOG.error("a piece of work was refused by the inbox's database", e);
      queue.settle(batch, new StoreException("the inbox's database refuses it", e));
      return;
    }
    if (!session.isOpen() && isAnyOpen()) {
      LOG.warn("a connection to the inbox was lost; what it wrote is answered with 503", e);
    } else {
      if (healthy) {
        LOG.error("the inbox cannot be written; deliveries are answered with 503 until it can", e);
      }
      healthy = false;
    }
    queue.settle(batch, new StoreException("the inbox cannot be written", e));
  }
}
