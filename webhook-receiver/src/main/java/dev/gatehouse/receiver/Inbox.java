package dev.gatehouse.receiver;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps deliveries: what {@link #store} acknowledged survives the process and the machine.
 *
 * <p>The claim and the delivery are one row, written in one transaction, so a crash leaves both or
 * neither. A future fails when the store cannot be asked; nothing is acknowledged then. Futures end
 * on the context of the caller.
 */
interface Inbox {
  /** Stores a delivery, unless it is known already. */
  Future<Stored> store(Incoming delivery);

  /**
   * Takes deliveries of a source that are due, oldest due first; each counts as an attempt.
   *
   * <p>Of those that share an order key only the oldest that has not ended is ever taken: the next
   * one is due when that is delivered or dead, and what waits for it costs a lease nothing.
   *
   * @param leaseUntil when somebody else may take them
   */
  Future<Lease> lease(String source, Instant now, Instant leaseUntil, int limit);

  /**
   * What was taken.
   *
   * @param deliveries the deliveries
   * @param nextDue when the next one of the source is due; null if none waits
   */
  record Lease(List<Leased> deliveries, @Nullable Instant nextDue) {}

  /** How an attempt ended. */
  sealed interface Ending {
    /** The destination took it. */
    record Done(Instant at, int status) implements Ending {}

    /** Another attempt follows. */
    record Retry(Instant next, @Nullable Integer status, String error) implements Ending {}

    /** No further attempt. */
    record GiveUp(@Nullable Integer status, String error) implements Ending {}
  }

  /**
   * Records how an attempt ended.
   *
   * @return whether the lease was still held; {@code false} changed nothing
   */
  Future<Boolean> end(long id, long fence, Ending ending);

  /**
   * Makes a delivery due again, its attempts counted anew; id, content and the time it was received
   * stay.
   *
   * @return the delivery as it is now; empty if there is none
   */
  Future<Optional<Delivery>> replay(long id, Instant now);

  /**
   * Replays a bounded piece of what a filter names, as {@link #replay(long, Instant)} does each;
   * what changed meanwhile is left alone.
   *
   * @param after where to go on: 0, or what the last call returned
   * @param limit how many deliveries are looked at
   */
  Future<Replayed> replay(ReplayFilter filter, long after, int limit, Instant now);

  /**
   * What to replay. Without a state: what ended, or waits for a reader; what is on its way is left
   * alone. With one: what is in it, except attempts under way and what is quarantined.
   *
   * @param fromId the first id
   * @param toId the last id
   * @param receivedFrom the first time of receipt
   * @param receivedBefore the first time of receipt that is too late
   */
  record ReplayFilter(
      @Nullable String source,
      @Nullable DeliveryState state,
      @Nullable String eventType,
      long fromId,
      long toId,
      @Nullable Instant receivedFrom,
      @Nullable Instant receivedBefore) {
    /** Refuses states that are never replayed. */
    public ReplayFilter {
      if (state == DeliveryState.QUARANTINED || state == DeliveryState.DELIVERING) {
        throw new IllegalArgumentException("what is " + state.text() + " is not replayed");
      }
    }

    boolean matches(Delivery delivery) {
      boolean wanted = state == null ? !delivery.isOnItsWay() : delivery.state() == state;
      Instant received = delivery.receivedAt();
      return wanted
          && delivery.state() != DeliveryState.QUARANTINED
          && (source == null || source.equals(delivery.source()))
          && (eventType == null || eventType.equals(delivery.eventType()))
          && delivery.id() >= fromId
          && delivery.id() <= toId
          && (receivedFrom == null || !received.isBefore(receivedFrom))
          && (receivedBefore == null || received.isBefore(receivedBefore));
    }
  }

  /**
   * A piece of a bulk replay.
   *
   * @param next where to go on; 0 at the end
   * @param looked how many deliveries were looked at
   * @param count how many were made due again
   */
  record Replayed(long next, int looked, int count) {}

  /** What each source has that is not delivered; bounded work, however many rows there are. */
  Future<Map<String, Backlog>> backlog();

  /**
   * What a source has that is not delivered.
   *
   * @param counts by state, without {@code delivered}; a state that is absent has none, and counts
   *     end at {@link #MOST}
   * @param oldestOpen when the oldest was received that is still to be delivered; null if none is
   */
  record Backlog(Map<DeliveryState, Long> counts, @Nullable Instant oldestOpen) {
    /** Where counting ends, so that a scrape's cost does too. */
    static final int MOST = 100_000;

    /** Copies the counts. */
    public Backlog {
      counts = Map.copyOf(counts);
    }
  }

  /** Deliveries in the order of their ids; the cost is that of the page, not of the table. */
  Future<List<Delivery>> list(Query query);

  /** Which deliveries to list, and how many. */
  record Query(@Nullable String source, @Nullable DeliveryState state, long after, int limit) {}

  /** One delivery. */
  Future<Optional<Delivery>> find(long id);

  /** The kept headers and the body of a delivery; empty if they are gone or never were. */
  Future<Optional<Content>> content(long id);

  /** What the sender sent. */
  record Content(String headers, byte[] body) {}

  /**
   * Removes what ended before that moment: a bounded piece of work, of {@code limit} deliveries.
   *
   * @param after where to go on: 0, or what the last call returned
   * @return where to go on; 0 at the end
   */
  Future<Long> sweep(long after, Instant endedBefore, Instant now, int limit);

  /**
   * Removes the content of the oldest that ended, delivered, dead or in quarantine, while the store
   * is larger than that: a bounded piece of work. What is open is never removed.
   *
   * @param after where to go on: 0, or what the last call returned
   * @return where to go on; 0 if the store is small enough, or nothing more has ended
   */
  Future<Long> shrink(long maxBytes, long after, int limit);

  /**
   * Seals anew, with the first key, a bounded piece of what another key sealed, or none.
   *
   * @param after where to go on: 0, or what the last call returned
   * @return where to go on; 0 at the end
   */
  Future<Long> reseal(long after, int limit);

  /**
   * Keeps what was rejected as evidence; the oldest of its source make room. It claims nothing, is
   * never delivered nor replayed, and what comes of it changes no answer.
   *
   * @param rejected its {@code verdict} is why
   */
  Future<Void> quarantine(Incoming rejected, ReceiverConfig.Quarantine bounds);

  /** Whether deliveries can be written and read now. */
  Future<Boolean> probe();

  /** Whether the last thing that was tried worked. */
  boolean isHealthy();

  /** Calls back, on any thread, with the source of deliveries that became due. */
  void onDue(DueListener listener);

  /** Hears that a source has something to deliver. */
  @FunctionalInterface
  interface DueListener {
    void due(String source);
  }

  /** Writes what waits, then closes. */
  Future<Void> close();
}
