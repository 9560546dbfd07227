package dev.gatehouse.events;

import dev.gatehouse.events.Delivery.GapReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one subscriber: bounded in count and bytes, in order, with a mark wherever
 * something is missing.
 *
 * <p>The lane puts in, the subscriber's context takes out, as much as was asked for; a lock of its
 * own keeps them apart. Marks merge with their neighbours, so there is at most one more of them
 * than events. Once closed it is empty, and stays so.
 */
final class OutboundQueue {
  private static final long UNKNOWN = -1;

  /** An event, or the mark of a gap. */
  private static final class Item {
    private @Nullable Item before;
    private @Nullable Item after;
    private final Position position;
    private @Nullable LogEntry entry;
    // Absent from an event: what the subscriber may see of it is not decided yet.
    private @Nullable EventView view;
    private Overflow overflow = Overflow.DISCONNECT;
    private @Nullable Object key;
    private GapReason reason = GapReason.OVERFLOW;
    private long missed;

    private Item(Position position) {
      this.position = position;
    }

    private boolean isDroppable() {
      return entry != null && overflow != Overflow.DISCONNECT;
    }

    private boolean isUndecided() {
      return entry != null && view == null;
    }
  }

  private final int maxEvents;
  private final long maxBytes;
  private final Sealer sealer;

  private @Nullable Item first;
  private @Nullable Item last;
  private @Nullable Map<Object, Item> latest;
  private int events;
  private long bytes;
  // The weight of the event that found no room last, until one does.
  private long refused;
  private long demand;
  private boolean scheduled;
  private boolean held;
  private boolean closed;

  OutboundQueue(int maxEvents, long maxBytes, Sealer sealer) {
    this.maxEvents = maxEvents;
    this.maxBytes = maxBytes;
    this.sealer = sealer;
  }

  /**
   * Adds an event, and makes room for it as the topics' overflow allows.
   *
   * @param view what may be seen of it
   * @param key what its topic keeps the latest of, if it does
   * @return false if there is no room, and the subscriber must be disconnected
   */
  synchronized boolean offer(
      LogEntry entry, EventView view, Overflow overflow, @Nullable Object key) {
    if (closed) {
      return true;
    }
    Item item = item(entry, overflow);
    item.view = view;
    item.key = key;
    if (key != null) {
      supersede(key);
    }
    while (isFullFor(entry.event().weight())) {
      Item oldest = oldestDroppable();
      if (oldest == null) {
        return giveUp(item);
      }
      blank(oldest, GapReason.OVERFLOW);
    }
    append(item);
    if (key != null) {
      latest().put(key, item);
    }
    return true;
  }

  /**
   * Adds an event of which {@link #decideAgain} will say what may be seen. Nothing makes room for
   * it: it may be hidden, and must cost nobody what they may see.
   *
   * @return false if there is no room; then all events that are not decided are thrown out, to be
   *     read again from the log
   */
  synchronized boolean offerUndecided(LogEntry entry, Overflow overflow) {
    if (closed) {
      return true;
    }
    if (isFullFor(entry.event().weight())) {
      dropUndecided();
      return false;
    }
    append(item(entry, overflow));
    return true;
  }

  private static Item item(LogEntry entry, Overflow overflow) {
    Item item = new Item(entry.position());
    item.entry = entry;
    item.overflow = overflow;
    return item;
  }

  // What comes behind the first of them goes too, marks included: a cursor there would pass it by.
  private void dropUndecided() {
    Item item = first;
    while (item != null && !item.isUndecided()) {
      item = item.after;
    }
    while (item != null) {
      forget(item);
      unlink(item);
      item = item.after;
    }
  }

  // An empty queue takes one that is larger than its bound, too: otherwise it would never come.
  private boolean isFullFor(long weight) {
    return events >= maxEvents || (events > 0 && bytes + weight > maxBytes);
  }

  private boolean giveUp(Item item) {
    if (!item.isDroppable()) {
      refused = Objects.requireNonNull(item.entry).event().weight();
      return false;
    }
    mark(GapReason.OVERFLOW, 1, item.position);
    return true;
  }

  private void supersede(Object key) {
    Item earlier = latest().get(key);
    if (earlier != null) {
      blank(earlier, GapReason.SUPERSEDED);
    }
  }

  private Map<Object, Item> latest() {
    Map<Object, Item> map = latest == null ? new HashMap<>() : latest;
    latest = map;
    return map;
  }

  // Those at the front go first, so what is skipped here was never droppable, and is bounded.
  private @Nullable Item oldestDroppable() {
    Item item = first;
    while (item != null && !item.isDroppable()) {
      item = item.after;
    }
    return item;
  }

  /** Marks that something is missing after all that is queued. */
  synchronized void mark(GapReason reason, long missed, Position position) {
    if (closed) {
      return;
    }
    Item gap = new Item(position);
    gap.reason = reason;
    gap.missed = missed;
    append(gap);
  }

  private void append(Item item) {
    item.before = last;
    if (last == null) {
      first = item;
    } else {
      last.after = item;
    }
    last = item;
    if (item.entry == null) {
      mergeWithBefore(item);
      return;
    }
    events++;
    bytes += item.entry.event().weight();
    refused = 0;
  }

  /** Takes the event out of an item, which becomes the mark of a gap. */
  private void blank(Item item, GapReason reason) {
    forget(item);
    item.missed = 1;
    item.entry = null;
    item.view = null;
    item.reason = reason;
    Item after = item.after;
    mergeWithBefore(item);
    if (after != null && after.entry == null) {
      mergeWithBefore(after);
    }
  }

  // The later position stays: whoever resumes behind the merged mark has been told of both.
  private void mergeWithBefore(Item gap) {
    Item before = gap.before;
    if (before == null || before.entry != null) {
      return;
    }
    boolean known = gap.missed != UNKNOWN && before.missed != UNKNOWN;
    gap.missed = known ? gap.missed + before.missed : UNKNOWN;
    gap.reason = before.reason.compareTo(gap.reason) < 0 ? before.reason : gap.reason;
    unlink(before);
  }

  private void unlink(Item item) {
    if (item.before == null) {
      first = item.after;
    } else {
      item.before.after = item.after;
    }
    if (item.after == null) {
      last = item.before;
    } else {
      item.after.before = item.before;
    }
  }

  private void forget(Item item) {
    if (item.entry == null) {
      return;
    }
    events--;
    bytes -= item.entry.event().weight();
    if (item.key != null && latest != null) {
      latest.remove(item.key, item);
    }
  }

  /** Adds to what was asked for. */
  synchronized void request(long more) {
    demand = demand + more < 0 ? Long.MAX_VALUE : demand + more;
  }

  /** Whether a drain must be scheduled now; the caller that is told so schedules it. */
  synchronized boolean claimDrain() {
    if (scheduled || held || closed || demand == 0 || first == null) {
      return false;
    }
    scheduled = true;
    return true;
  }

  /** The drain is over; what came meanwhile needs another. */
  synchronized void endDrain() {
    scheduled = false;
  }

  /** Takes out what was asked for, at most so many. */
  synchronized List<Delivery> take(int most) {
    List<Delivery> taken = new ArrayList<>(Math.min(most, events + 1));
    while (first != null && !held && demand > 0 && taken.size() < most) {
      Item item = first;
      unlink(item);
      forget(item);
      demand -= demand == Long.MAX_VALUE ? 0 : 1;
      taken.add(delivery(item));
    }
    return taken;
  }

  private Delivery delivery(Item item) {
    return item.view == null
        ? new Delivery.Gap(item.reason, item.missed, item.position, sealer)
        : new Delivery.Message(item.view, item.position, sealer);
  }

  /** Gives nothing out until {@link #decideAgain}. */
  synchronized void hold() {
    held = true;
  }

  /**
   * Decides all that is queued anew, drops what may no longer be seen, and gives out again.
   *
   * <p>Nobody waits for what decides: it is asked without the lock, since what is held is changed
   * by the lane alone, which is here, and thrown away by {@link #close}.
   */
  void decideAgain(Function<LogEntry, @Nullable EventView> decide) {
    hold();
    Item item = front();
    while (item != null) {
      LogEntry entry = item.entry;
      item = decided(item, entry == null ? null : decide.apply(entry));
    }
    giveOut();
  }

  private synchronized @Nullable Item front() {
    return first;
  }

  /** Keeps what was decided, and says what comes next. */
  private synchronized @Nullable Item decided(Item item, @Nullable EventView view) {
    if (closed) {
      return null;
    }
    if (item.entry != null && view == null) {
      // Not a gap: to this subscriber the event never was.
      forget(item);
      unlink(item);
    }
    item.view = view;
    return item.after;
  }

  private synchronized void giveOut() {
    held = false;
  }

  /** Throws everything away, and takes nothing any more. */
  synchronized void close() {
    closed = true;
    first = null;
    last = null;
    latest = null;
    events = 0;
    bytes = 0;
  }

  /** How many events would still find room. */
  synchronized int room() {
    return bytes >= maxBytes ? 0 : maxEvents - events;
  }

  /** How many bytes would still find room. */
  synchronized long roomBytes() {
    return Math.max(0, maxBytes - bytes);
  }

  /** Whether at most half of what fits is queued, and an event that found no room would now. */
  synchronized boolean isLow() {
    return events <= maxEvents / 2 && bytes <= maxBytes / 2 && !isFullFor(refused);
  }

  synchronized int size() {
    return events;
  }

  synchronized long bytes() {
    return bytes;
  }
}
