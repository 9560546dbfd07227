package dev.gatehouse.webhook;

import io.vertx.core.Future;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
 * <p>Contents are told apart by a keyed hash that is only good within this process, and that no
 * sender can aim at; see {@link Fingerprint#of} for the one thing that this changes.
 *
 * <p>A delivery takes some 110 bytes, in arrays of numbers that no garbage collection looks into;
 * one whose answer has headers takes these too. A source gives its room back when its last delivery
 * is forgotten.
 *
 * <p>Several nodes do not see each other's memory: give them a shared store.
 */
public final class MemoryClaims implements Claims {
  /** The most sources that are remembered at a time. */
  public static final int MAX_SOURCES = 10_000;

  private final int maxPerSource;
  private final Duration retention;
  private final InstantSource clock;
  private final long secret;
  private final ContentHash contents;
  private final Map<String, Room> rooms = new ConcurrentHashMap<>();
  private final AtomicLong fences = new AtomicLong();
  private final AtomicLong evictions = new AtomicLong();

  MemoryClaims(int maxPerSource, Duration retention, InstantSource clock) {
    if (maxPerSource < 1) {
      throw new IllegalArgumentException(
          "maxPerSource must be at least 1: it is how many deliveries a source can remember");
    }
    requirePositive("retention", retention);
    this.maxPerSource = Math.min(maxPerSource, ClaimTable.MOST);
    this.retention = retention;
    this.clock = clock;
    SecureRandom random = new SecureRandom();
    this.secret = random.nextLong();
    this.contents = new ContentHash(random);
  }

  @Override
  public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
    requirePositive("lease", lease);
    long now = clock.millis();
    long ends = later(now, lease);
    Claim claim = claim(key, fingerprint.hash(contents), now, ends);
    if (claim instanceof Claim.Conflict && fingerprint.isOfBody()) {
      // it may have been claimed by its digest, which had been stored
      claim = claim(key, fingerprint.digestHash(contents), now, ends);
    }
    return claim == null
        ? Future.failedFuture(noRoom(key.source()))
        : Future.succeededFuture(claim);
  }

  private @Nullable Claim claim(ClaimKey key, ContentHash.Value content, long now, long ends) {
    Room room = rooms.get(key.source());
    if (room == null) {
      room = newRoom(key.source(), now);
    }
    while (room != null) {
      Claim claim = room.claim(key, content, now, ends);
      if (claim != null || !room.isClosed()) {
        return claim;
      }
      // it was closed, and is forgotten by the time that a new one is given
      room = newRoom(key.source(), now);
    }
    return null;
  }

  private IllegalStateException noRoom(String source) {
    return new IllegalStateException(
        rooms.containsKey(source)
            ? "source '"
                + source
                + "' has "
                + maxPerSource
                + " deliveries in flight: raise maxPerSource or lower the sender's rate"
            : "more than " + MAX_SOURCES + " sources have deliveries: use a shared store");
  }

  @Override
  public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
    Room room = existingRoom(key.source());
    return Future.succeededFuture(
        room != null && room.complete(key, fence, answer, clock.millis()));
  }

  @Override
  public Future<Boolean> release(ClaimKey key, long fence) {
    Room room = existingRoom(key.source());
    return Future.succeededFuture(room != null && room.release(key, fence, clock.millis()));
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
    return rooms.get(source);
  }

  private @Nullable Room newRoom(String source, long now) {
    synchronized (rooms) {
      if (rooms.size() >= MAX_SOURCES) {
        rooms.values().removeIf(other -> other.closeIfEmpty(now));
      }
      return rooms.size() >= MAX_SOURCES
          ? rooms.get(source)
          : rooms.computeIfAbsent(source, fresh -> new Room());
    }
  }

  private static void requirePositive(String name, Duration duration) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + " must be positive");
    }
  }

  // In whole milliseconds, rounded up.
  private static long later(long now, Duration by) {
    try {
      return Math.addExact(now, by.plusNanos(999_999).toMillis());
    } catch (ArithmeticException endless) {
      return Long.MAX_VALUE;
    }
  }

  /** One source's deliveries, each once. */
  private final class Room {
    private final ClaimTable deliveries = new ClaimTable(secret);
    private long noLeaseEndsBefore = Long.MAX_VALUE;
    private boolean closed;

    private synchronized @Nullable Claim claim(
        ClaimKey key, ContentHash.Value content, long now, long ends) {
      forgetExpired(now);
      int known = deliveries.find(key);
      if (known != ClaimTable.NONE && !deliveries.isPast(known, now)) {
        return again(known, content);
      }
      if (known != ClaimTable.NONE) {
        deliveries.remove(known);
      }
      if (closed || !makeSpace(now)) {
        return null;
      }
      long fence = fences.incrementAndGet();
      deliveries.add(key, content, fence, ends);
      noLeaseEndsBefore = Math.min(ends, noLeaseEndsBefore);
      return new Claim.New(fence, Instant.ofEpochMilli(ends));
    }

    private Claim again(int known, ContentHash.Value content) {
      if (!deliveries.isSame(known, content)) {
        return new Claim.Conflict();
      }
      return deliveries.isDone(known)
          ? new Claim.Duplicate(deliveries.answer(known))
          : new Claim.InFlight(Instant.ofEpochMilli(deliveries.endsMillis(known)));
    }

    private synchronized boolean complete(ClaimKey key, long fence, ClaimAnswer answer, long now) {
      int held = held(key, fence, now);
      if (held != ClaimTable.NONE) {
        deliveries.complete(held, answer, later(now, retention));
      }
      return held != ClaimTable.NONE;
    }

    private synchronized boolean release(ClaimKey key, long fence, long now) {
      int held = held(key, fence, now);
      if (held != ClaimTable.NONE) {
        deliveries.remove(held);
      }
      return held != ClaimTable.NONE;
    }

    private int held(ClaimKey key, long fence, long now) {
      int known = deliveries.find(key);
      boolean isHeld =
          known != ClaimTable.NONE
              && !deliveries.isDone(known)
              && deliveries.fence(known) == fence
              && !deliveries.isPast(known, now);
      return isHeld ? known : ClaimTable.NONE;
    }

    private void forgetExpired(long now) {
      int oldest = deliveries.oldestDone();
      while (oldest != ClaimTable.NONE && deliveries.isPast(oldest, now)) {
        deliveries.remove(oldest);
        oldest = deliveries.oldestDone();
      }
    }

    // for one more
    private boolean makeSpace(long now) {
      if (deliveries.size() < maxPerSource) {
        return true;
      }
      int oldest = deliveries.oldestDone();
      if (oldest != ClaimTable.NONE) {
        deliveries.remove(oldest);
        evictions.incrementAndGet();
        return true;
      }
      dropEndedLeases(now);
      return deliveries.size() < maxPerSource;
    }

    // Looks only when one can have ended, so a source full of live claims costs no scan a request.
    private void dropEndedLeases(long now) {
      if (now < noLeaseEndsBefore) {
        return;
      }
      noLeaseEndsBefore = Long.MAX_VALUE;
      deliveries.forEachInFlight(
          known -> {
            if (deliveries.isPast(known, now)) {
              deliveries.remove(known);
            } else {
              noLeaseEndsBefore = Math.min(deliveries.endsMillis(known), noLeaseEndsBefore);
            }
          });
    }

    private synchronized boolean isClosed() {
      return closed;
    }

    // A request that still holds this room finds it closed, rather than claim in a room that nobody
    // looks into any more.
    private synchronized boolean closeIfEmpty(long now) {
      forgetExpired(now);
      dropEndedLeases(now);
      closed = deliveries.size() == 0;
      return closed;
    }
  }
}
