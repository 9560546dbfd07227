package dev.gatehouse.events;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** What a {@link MemoryEventLog} keeps of one tenant; nothing here knows another. */
final class TenantLog {
  /** Instead of a place: this log was forgotten, ask for a new one. */
  static final long CLOSED = -1;

  // A page looks at more entries than it returns, where others' topics lie between.
  private static final int SCAN = 8;

  private record Kept(LogEntry entry, Instant since, Ring ring) {}

  private static final class Ring {
    private final Deque<Long> places = new ArrayDeque<>();
    private long bytes;
    private long lostUpTo;
  }

  private final MemoryLogOptions options;
  private final long incarnation;
  private final AtomicLong sequence;
  private final AtomicLong held;
  private final List<Runnable> followers = new CopyOnWriteArrayList<>();

  private final TreeMap<Long, Kept> entries = new TreeMap<>();
  // The topic that was silent longest comes first.
  private final LinkedHashMap<Topic, Ring> rings = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;
  private long last;
  private long lostUpTo;
  private long forgottenUpTo;
  private boolean closed;

  TenantLog(MemoryLogOptions options, long incarnation, AtomicLong sequence, AtomicLong held) {
    this.options = options;
    this.incarnation = incarnation;
    this.sequence = sequence;
    this.held = held;
    this.last = sequence.incrementAndGet();
    this.forgottenUpTo = last;
    this.lostUpTo = last;
  }

  synchronized long append(Event event, Instant now) {
    if (closed) {
      return CLOSED;
    }
    last = sequence.incrementAndGet();
    Ring ring = rings.computeIfAbsent(event.topic(), topic -> new Ring());
    entries.put(last, new Kept(new LogEntry(position(last), event), now, ring));
    ring.places.addLast(last);
    ring.bytes += event.weight();
    bytes += event.weight();
    held.addAndGet(event.weight());
    while (ring.places.size() > options.eventsPerTopic() || ring.bytes > options.bytesPerTopic()) {
      drop(ring.places.getFirst());
    }
    if (rings.size() > options.topicsPerTenant()) {
      forgetTopic();
    }
    expire(now);
    return last;
  }

  void wake() {
    followers.forEach(Runnable::run);
  }

  synchronized LogPage read(
      TopicPattern topics, Position after, int maxEntries, long maxBytes, Instant now) {
    expire(now);
    if (isUnknown(after)) {
      return new LogPage(List.of(), position(last), true, false, 0);
    }
    List<LogEntry> found = new ArrayList<>();
    int scanned = 0;
    long size = 0;
    long upTo = last;
    boolean more = false;
    for (Kept kept : entries.tailMap(after.minor(), false).values()) {
      LogEntry entry = kept.entry();
      long weight = entry.event().weight();
      boolean full = found.size() >= maxEntries || (size + weight > maxBytes && !found.isEmpty());
      boolean wanted = topics.matches(entry.event().topic());
      if ((full && wanted) || scanned >= (long) maxEntries * SCAN) {
        more = true;
        break;
      }
      scanned++;
      upTo = entry.position().minor();
      if (wanted) {
        found.add(entry);
        size += weight;
      }
    }
    return new LogPage(
        found, position(more ? upTo : last), lost(topics, after.minor()), more, scanned);
  }

  /** The page of a tenant of whom nothing is kept. */
  static LogPage nothing(Position after, Position end) {
    // Whether something was lost cannot be told any more, unless nothing was appended since.
    boolean gap = !after.equals(end);
    return new LogPage(List.of(), end, gap, false, 0);
  }

  synchronized boolean hasLost(TopicPattern topics, Position after) {
    return isUnknown(after) || lost(topics, after.minor());
  }

  private boolean isUnknown(Position after) {
    return after.major() != incarnation || after.minor() > last || after.minor() < 0;
  }

  private boolean lost(TopicPattern topics, long after) {
    if (after >= lostUpTo) {
      return false;
    }
    return after < forgottenUpTo
        || rings.entrySet().stream()
            .anyMatch(each -> after < each.getValue().lostUpTo && topics.matches(each.getKey()));
  }

  synchronized Position end() {
    return position(last);
  }

  synchronized boolean follow(Runnable wake) {
    return !closed && followers.add(wake);
  }

  void unfollow(Runnable wake) {
    followers.remove(wake);
  }

  synchronized boolean isClosed() {
    return closed;
  }

  synchronized boolean closeUnlessFollowed() {
    if (followers.isEmpty()) {
      closed = true;
      forgetAll();
    }
    return closed;
  }

  // Somebody may be about to read it: that drops nothing a second time, and finds a gap.
  private void forgetAll() {
    held.addAndGet(-bytes);
    bytes = 0;
    entries.clear();
    rings.clear();
    lostUpTo = last;
    forgottenUpTo = last;
  }

  synchronized long lastUse() {
    return followers.isEmpty() ? last : Long.MAX_VALUE;
  }

  synchronized long bytes() {
    return bytes;
  }

  /** Drops the oldest entries of about that many bytes, and at most about half of all. */
  synchronized void giveUp(long wanted) {
    long least = Math.max(bytes - wanted, bytes / 2);
    while (!entries.isEmpty() && bytes > least) {
      drop(entries.firstKey());
    }
  }

  private void expire(Instant now) {
    Instant oldest = now.minus(options.maxAge());
    while (!entries.isEmpty() && !entries.firstEntry().getValue().since().isAfter(oldest)) {
      drop(entries.firstKey());
    }
  }

  private void forgetTopic() {
    Iterator<Map.Entry<Topic, Ring>> silent = rings.entrySet().iterator();
    Ring ring = silent.next().getValue();
    while (!ring.places.isEmpty()) {
      drop(ring.places.getFirst());
    }
    silent.remove();
    // Nobody remembers any more which topic it was that lost them.
    forgottenUpTo = Math.max(forgottenUpTo, ring.lostUpTo);
  }

  // Whoever is dropped is the oldest of all or of its topic, and the first of its ring either way.
  private void drop(long place) {
    Kept kept = Objects.requireNonNull(entries.remove(place));
    long weight = kept.entry().event().weight();
    kept.ring().places.removeFirst();
    kept.ring().bytes -= weight;
    kept.ring().lostUpTo = place;
    bytes -= weight;
    held.addAndGet(-weight);
    lostUpTo = Math.max(lostUpTo, place);
  }

  private Position position(long place) {
    return new Position(incarnation, place);
  }
}
