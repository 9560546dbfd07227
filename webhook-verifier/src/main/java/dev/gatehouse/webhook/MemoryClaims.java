package dev.gatehouse.webhook;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
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

  private record Held(Fingerprint fingerprint, long fence, Instant ends) {}

  private record Done(Fingerprint fingerprint, ClaimAnswer answer, Instant ends) {}

  /** One source's deliveries; each key is in one of the two maps, or in none. */
  private final class Room {
    private final Map<ClaimKey, Held> held = new HashMap<>();
    // In the order of completion, so that the first is the one to forget.
    private final LinkedHashMap<ClaimKey, Done> done = new LinkedHashMap<>();
    private Instant noLeaseEndsBefore = Instant.MAX;
    private boolean closed;

    private synchronized @Nullable Claim claim(
        ClaimKey key, Fingerprint fingerprint, Instant now, Instant ends) {
      forgetExpired(now);
      Done completed = done.get(key);
      if (completed != null && now.isBefore(completed.ends())) {
        return completed.fingerprint().equals(fingerprint)
            ? new Claim.Duplicate(completed.answer())
            : new Claim.Conflict();
      }
      Held holder = held.get(key);
      if (holder != null && now.isBefore(holder.ends())) {
        return holder.fingerprint().equals(fingerprint)
            ? new Claim.InFlight(holder.ends())
            : new Claim.Conflict();
      }
      if (completed != null) {
        done.remove(key);
      }
      if (holder != null) {
        held.remove(key);
      }
      if (closed || !makeSpace(now)) {
        return null;
      }
      long fence = fences.incrementAndGet();
      held.put(key, new Held(fingerprint, fence, ends));
      noLeaseEndsBefore = ends.isBefore(noLeaseEndsBefore) ? ends : noLeaseEndsBefore;
      return new Claim.New(fence, ends);
    }

    private synchronized boolean complete(
        ClaimKey key, long fence, ClaimAnswer answer, Instant now) {
      Held holder = held.get(key);
      if (holder == null || !isHeldBy(holder, fence, now)) {
        return false;
      }
      held.remove(key);
      done.put(key, new Done(holder.fingerprint(), answer, now.plus(retention)));
      return true;
    }

    private synchronized boolean release(ClaimKey key, long fence, Instant now) {
      Held holder = held.get(key);
      if (holder == null || !isHeldBy(holder, fence, now)) {
        return false;
      }
      held.remove(key);
      return true;
    }

    private boolean isHeldBy(Held holder, long fence, Instant now) {
      return holder.fence() == fence && now.isBefore(holder.ends());
    }

    private void forgetExpired(Instant now) {
      Iterator<Done> oldest = done.values().iterator();
      while (oldest.hasNext() && !now.isBefore(oldest.next().ends())) {
        oldest.remove();
      }
    }

    private boolean makeSpace(Instant now) {
      if (held.size() + done.size() < maxPerSource) {
        return true;
      }
      if (!done.isEmpty()) {
        Iterator<Done> oldest = done.values().iterator();
        oldest.next();
        oldest.remove();
        evictions.incrementAndGet();
        return true;
      }
      dropEndedLeases(now);
      return held.size() < maxPerSource;
    }

    // Looks only when one can have ended, so a source full of live claims costs no scan a request.
    private void dropEndedLeases(Instant now) {
      if (now.isBefore(noLeaseEndsBefore)) {
        return;
      }
      held.values().removeIf(holder -> !now.isBefore(holder.ends()));
      noLeaseEndsBefore =
          held.values().stream().map(Held::ends).min(Instant::compareTo).orElse(Instant.MAX);
    }

    // A request that still holds this room finds it closed and fails, rather than claim in a room
    // that nobody looks into any more.
    private synchronized boolean closeIfEmpty(Instant now) {
      forgetExpired(now);
      dropEndedLeases(now);
      closed = held.isEmpty() && done.isEmpty();
      return closed;
    }
  }
}
