package dev.gatehouse.events;

import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.Set;

/**
 * Keeps the latest events of each tenant in their order, so that a subscription can be taken up
 * where it was left.
 *
 * <p>The hub delivers what it reads from here and nothing else: what is appended by another node to
 * a shared log arrives like what is appended by this one, and an event that is replayed has the
 * place that it had live. Every implementation guarantees:
 *
 * <ul>
 *   <li>Positions of one tenant rise in the order of appending, and none is ever given twice, also
 *       after what was kept is lost. No operation on one tenant gives entries of another.
 *   <li>Once {@link #append} has succeeded, each {@link #read} that begins later finds the entry,
 *       or says that there is a gap.
 *   <li>After an append, each follower of the tenant is woken, possibly for several at once.
 *   <li>All of it is bounded. What falls out makes a gap for whoever had still to read it, and for
 *       nobody else as far as the log can tell.
 * </ul>
 *
 * <p>Safe for any thread. Futures may complete on any thread. A failed future says that the log
 * could not be asked.
 */
public interface EventLog {
  /** Ends what it was returned for. */
  @FunctionalInterface
  interface Following {
    /** Wakes the follower no more, a wake that is under way excepted. */
    void end();
  }

  /**
   * Appends an event to its tenant's log.
   *
   * @param event an event with a tenant
   */
  Future<Position> append(Event event);

  /**
   * Reads on from a position.
   *
   * @param tenant whose entries
   * @param topics which of them
   * @param after the position behind which to begin; one that the log does not know gives a page
   *     without entries, with a gap, up to the log's end
   * @param maxEntries the most entries to return, at least 1
   * @param maxBytes about the most bytes of events to return; one entry is returned even if it is
   *     larger
   */
  Future<LogPage> read(
      TenantId tenant, TopicPattern topics, Position after, int maxEntries, long maxBytes);

  /**
   * Whether entries of these topics that stood behind the position may be lost: asked where a page
   * of more topics had a gap, so that only those are told of it whom it concerns. A log that keeps
   * all topics of a tenant together cannot tell, and says yes, as this does.
   *
   * @param tenant whose entries
   * @param topics which of them
   * @param after the position that the page was read from
   */
  default Future<Boolean> hasLost(TenantId tenant, TopicPattern topics, Position after) {
    return Future.succeededFuture(true);
  }

  /** The position of the tenant's latest entry, or one before all that will come. */
  Future<Position> end(TenantId tenant);

  /**
   * Wakes the follower after each append for the tenant, on any thread; it returns at once and then
   * reads.
   */
  Following follow(TenantId tenant, Runnable wake);

  /** The tenants that have something in the log, or are followed, as far as the log knows. */
  Future<Set<TenantId>> tenants();

  /** Keeps at most 1,000 events and 1 MiB a topic, for 10 minutes, and 64 MiB in all. */
  static MemoryEventLog inMemory() {
    return MemoryEventLog.create(new MemoryLogOptions(), InstantSource.system());
  }
}
