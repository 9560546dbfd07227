package dev.gatehouse.receiver;

import dev.gatehouse.receiver.InboxWriter.Limits;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written, in the order in which it came. It is bounded by count and by bytes, of
 * which a single large delivery may be more.
 *
 * <p>Anybody may add; only whoever has the turn takes.
 */
final class InboxQueue {
  private static final int MAX_BATCH = 1024;
  private static final int REJECTED_SHARE = 16;
  private static final int BUSY_BATCH = 16;
  private static final long GATHER_NANOS = 1_000_000;

  private final int maxCount;
  private final long maxBytes;
  private final BlockingQueue<InboxEntry<?>> queue = new LinkedBlockingQueue<>();
  // out of the queue, but whoever took it could not write it
  private final List<InboxEntry<?>> taken = new ArrayList<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final InboxEntry<Boolean> end;

  InboxQueue(Limits limits, Context context) {
    this.maxCount = limits.queued();
    this.maxBytes = limits.queuedBytes();
    this.end = new InboxEntry<>(statements -> true, null, List.of(), context);
  }

  boolean hasRoomFor(Incoming delivery) {
    // one that is larger than all that may wait would never be taken, however little does
    long weight = Math.min(delivery.weight(), maxBytes / 2);
    return count.get() < maxCount && bytes.get() + weight <= maxBytes;
  }

  /** Whether there is room for what has no claim on a place that a delivery could have. */
  boolean hasRoomForRejected() {
    int most = Math.max(1, maxCount / REJECTED_SHARE);
    return count.get() < most && bytes.get() <= maxBytes / REJECTED_SHARE;
  }

  int size() {
    return count.get();
  }

  void add(InboxEntry<?> entry) {
    count.incrementAndGet();
    bytes.addAndGet(entry.weight());
    queue.add(entry);
  }

  /** Refuses an entry, unless it was taken. */
  void refuse(InboxEntry<?> entry, StoreException why) {
    if (queue.remove(entry)) {
      settle(new InboxBatch(List.of(entry)), why);
    }
  }

  /** After what waits now comes the end, which one of those that take is told of. */
  void addEnd() {
    queue.add(end);
  }

  /** What was taken together. */
  record Taken(List<InboxEntry<?>> entries, boolean isEnd) {}

  /**
   * Waits for something, then takes all that waits, as far as one transaction may hold it.
   *
   * @param last how many the last transaction of the same connection held
   * @param canWrite whether whoever takes can write; if not, what waits goes on waiting
   */
  Taken take(int last, BooleanSupplier canWrite) throws InterruptedException {
    if (taken.isEmpty() && canWrite.getAsBoolean()) {
      gather(last);
    }
    if (!canWrite.getAsBoolean()) {
      return new Taken(List.of(), false);
    }
    queue.drainTo(taken, MAX_BATCH - taken.size());
    boolean isEnd = taken.remove(end);
    Taken all = new Taken(List.copyOf(taken), isEnd);
    taken.clear();
    return all;
  }

  // When many write, the answers of the last commit are on their way back as new requests: to wait
  // for them a moment makes one commit of what would be several, and costs less than one.
  private void gather(int last) throws InterruptedException {
    taken.add(queue.take());
    if (last >= BUSY_BATCH && queue.size() + 1 < last) {
      LockSupport.parkNanos(GATHER_NANOS);
    }
  }

  /** Refuses all that waits; the end is still to come. */
  void refuseAll(StoreException why) {
    queue.drainTo(taken);
    if (taken.remove(end)) {
      addEnd();
    }
    List<InboxEntry<?>> entries = List.copyOf(taken);
    taken.clear();
    if (!entries.isEmpty()) {
      settle(new InboxBatch(entries), why);
    }
  }

  /**
   * Tells those that waited how it ended, and gives their room back.
   *
   * @param failure null where it is on the disk
   */
  void settle(InboxBatch batch, @Nullable StoreException failure) {
    count.addAndGet(-batch.size());
    bytes.addAndGet(-batch.weight());
    batch.settle(failure);
  }
}
