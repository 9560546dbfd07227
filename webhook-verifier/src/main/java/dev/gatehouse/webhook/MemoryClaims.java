package dev.gatehouse.webhook;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Claims in this process: exact, bounded by source, and gone when the process ends.
 *
 * <p>Each source has room of its own, so no source can push out another's deliveries. When a
 * source's room is full, its oldest <em>completed</em> delivery is forgotten, which {@link
 * #evictions} counts; a delivery in flight never is. When all of them are in flight, the claim
 * fails: nothing is let through that could not be remembered.
 *
 * <p>Several nodes do not see each other's memory: give them a shared store.
 */
public final class MemoryClaims implements Claims {
  /** The most sources that are remembered at a time. */
  public static final int MAX_SOURCES = 10_000;

  private final int maxPerSource;
  private final Duration retention;
  private final InstantSource clock;
  private final Map<String, Room> rooms = new HashMap<>();
  private final AtomicLong fences = new AtomicLong();
  private final AtomicLong evictions = new AtomicLong();

  MemoryClaims(int maxPerSource, Duration retention, InstantSource clock) {
    if (maxPerSource < 1) {
      throw new IllegalArgumentException(
          "maxPerSource must be at least 1: it is how many deliveries a source can remember");
    }
    requirePositive("retention", retention);
    this.maxPerSource = maxPerSource;
    this.retention = retention;
    this.clock = clock;
  }

  @Override
  public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
    requirePositive("lease", lease);
    Instant now = clock.instant();
    Room room = roomFor(key.source(), now);
    if (room == null) {
      return Future.failedFuture(
          new IllegalStateException(
              "more than " + MAX_SOURCES + " sources have deliveries: use a shared store"));
    }
    Claim claim = room.claim(key, fingerprint, now, now.plus(lease));
    if (claim == null) {
      return Future.failedFuture(
          new IllegalStateException(
              "source '"
                  + key.source()
                  + "' has "
                  + maxPerSource
                  + " deliveries in flight: raise maxPerSource or lower the sender's rate"));
    }
    return Future.succeededFuture(claim);
  }

  @Override
  public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
    Room room = existingRoom(key.source());
    return Future.succeededFuture(
        room != null && room.complete(key, fence, answer, clock.instant()));
  }

  @Override
  public Future<Boolean> release(ClaimKey key, long fence) {
    Room room = existingRoom(key.source());
    return Future.succeededFuture(room != null && room.release(key, fence, clock.instant()));
  }

  @Override
  public Duration retention() {
    return retention;
  }

  /** How many completed deliveries were forgotten before their time, because a source was full. */
  public long evictions() {
    return evictions.get();
  }

  private @Nullable Room existingRoom(String source) {
    synchronized (rooms) {
      return rooms.get(source);
    }
  }

  private @Nullable Room roomFor(String source, Instant now) {
    synchronized (rooms) {
      Room room = rooms.get(source);
      if (room != null) {
        return room;
      }
      if (rooms.size() >= MAX_SOURCES) {
        rooms.values().removeIf(other -> other.closeIfEmpty(now));
      }
      if (rooms.size() >= MAX_SOURCES) {
        return null;
      }
      Room fresh = new Room();
      rooms.put(source, fresh);
      return fresh;
    }
  }

  private static void requirePositive(String name, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + " must be positive");
    }
  }

  /** A delivery in flight or, once it has an answer, completed. */
  private static final class Entry {
    private final ClaimKey key;
    private final Fingerprint fingerprint;
    private final long fence;
    private Instant ends;
    private @Nullable ClaimAnswer answer;

    // the completed ones before and after it
    private @Nullable Entry before;
    private @Nullable Entry after;

    Entry(ClaimKey key, Fingerprint fingerprint, long fence, Instant ends) {
      this.key = key;
      this.fingerprint = fingerprint;
      this.fence = fence;
      this.ends = ends;
    }

    private boolean isPast(Instant now) {
      return !now.isBefore(ends);
    }

    private Claim again(Fingerprint other) {
      if (!fingerprint.equals(other)) {
        return new Claim.Conflict();
      }
      return answer == null ? new Claim.InFlight(ends) : new Claim.Duplicate(answer);
    }
  }

  /** One source's deliveries, each once. */
  private final class Room {
    private final Map<ClaimKey, Entry> entries = new HashMap<>();
    // in the order of completion, so that the first is the one to forget
    private @Nullable Entry oldestDone;
    private @Nullable Entry latestDone;
    private Instant noLeaseEndsBefore = Instant.MAX;
    private boolean closed;

    private synchronized @Nullable Claim claim(
        ClaimKey key, Fingerprint fingerprint, Instant now, Instant ends) {
      forgetExpired(now);
      long fence = fences.incrementAndGet();
      Entry fresh = new Entry(key, fingerprint, fence, ends);
      Entry known = entries.putIfAbsent(key, fresh);
      if (known != null && !known.isPast(now)) {
        return known.again(fingerprint);
      }
      if (known != null) {
        forget(known);
        entries.put(key, fresh);
      }
      if (closed || !makeSpace(now)) {
        entries.remove(key);
        return null;
      }
      noLeaseEndsBefore = ends.isBefore(noLeaseEndsBefore) ? ends : noLeaseEndsBefore;
      return new Claim.New(fence, ends);
    }

    private synchronized boolean complete(
        ClaimKey key, long fence, ClaimAnswer answer, Instant now) {
      Entry holder = holder(key, fence, now);
      if (holder == null) {
        return false;
      }
      holder.ends = now.plus(retention);
      holder.answer = answer;
      Entry last = latestDone;
      holder.before = last;
      if (last == null) {
        oldestDone = holder;
      } else {
        last.after = holder;
      }
      latestDone = holder;
      return true;
    }

    private synchronized boolean release(ClaimKey key, long fence, Instant now) {
      Entry holder = holder(key, fence, now);
      if (holder == null) {
        return false;
      }
      forget(holder);
      return true;
    }

    private @Nullable Entry holder(ClaimKey key, long fence, Instant now) {
      Entry entry = entries.get(key);
      boolean isHeld =
          entry != null && entry.answer == null && entry.fence == fence && !entry.isPast(now);
      return isHeld ? entry : null;
    }

    private void forget(Entry entry) {
      entries.remove(entry.key);
      if (entry.answer == null) {
        return;
      }
      Entry before = entry.before;
      Entry after = entry.after;
      if (before == null) {
        oldestDone = after;
      } else {
        before.after = after;
      }
      if (after == null) {
        latestDone = before;
      } else {
        after.before = before;
      }
      // what is forgotten must not hold on to the others
      entry.before = null;
      entry.after = null;
    }

    private void forgetExpired(Instant now) {
      for (Entry oldest = oldestDone; oldest != null && oldest.isPast(now); oldest = oldestDone) {
        forget(oldest);
      }
    }

    // for one entry that is there already
    private boolean makeSpace(Instant now) {
      if (entries.size() <= maxPerSource) {
        return true;
      }
      Entry oldest = oldestDone;
      if (oldest != null) {
        forget(oldest);
        evictions.incrementAndGet();
        return true;
      }
      dropEndedLeases(now);
      return entries.size() <= maxPerSource;
    }

    // Looks only when one can have ended, so a source full of live claims costs no scan a request.
    private void dropEndedLeases(Instant now) {
      if (now.isBefore(noLeaseEndsBefore)) {
        return;
      }
      entries.values().removeIf(entry -> entry.answer == null && entry.isPast(now));
      noLeaseEndsBefore =
          entries.values().stream()
              .filter(entry -> entry.answer == null)
              .map(entry -> entry.ends)
              .min(Instant::compareTo)
              .orElse(Instant.MAX);
    }

    // A request that still holds this room finds it closed and fails, rather than claim in a room
    // that nobody looks into any more.
    private synchronized boolean closeIfEmpty(Instant now) {
      forgetExpired(now);
      dropEndedLeases(now);
      closed = entries.isEmpty();
      return closed;
    }
  }
}
