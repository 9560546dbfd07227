package dev.gatehouse.receiver;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
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

  /** Deliveries in the order of their ids. */
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
