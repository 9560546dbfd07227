package dev.gatehouse.events;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One event loop, and the tenants that live on it: whatever concerns a tenant's subscriptions
 * happens here, one thing after the other, so none of it needs a lock.
 *
 * <p>Tenants that have something to deliver take turns, each with a bounded number of deliveries,
 * and after two milliseconds the lane lets the loop's other work pass: neither an event with ten
 * thousand subscribers nor a tenant that publishes without pause holds up anybody else. Looking
 * after all connections, when a switch or the policy has changed and four times a second, has a
 * part of each round, and goes on in the next.
 */
final class Lane {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long CATCH_UP_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
  private static final int TASKS_A_ROUND = 64;
  private static final int DELIVERIES_A_TURN = 256;

  private final ContextInternal context;
  private final HubState hub;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicBoolean catchingUp = new AtomicBoolean();

  // Only this lane's thread goes behind this line.
  private final Decisions decisions;
  private final Map<TenantId, TenantShard> shards = new HashMap<>();
  private final Set<EventConnection> connections = new LinkedHashSet<>();
  private final Deque<TenantShard> active = new ArrayDeque<>();
  private final Deque<Member> outdated = new ArrayDeque<>();
  private Iterator<EventConnection> sweep = Collections.emptyIterator();
  private boolean sweepDue;

  Lane(HubState hub, ContextInternal context) {
    this.hub = hub;
    this.context = context;
    this.decisions = new Decisions(hub.policy());
  }

  /** Runs the task on this lane, after those given before it. Safe for any thread. */
  void execute(Runnable task) {
    tasks.add(task);
    schedule();
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(go -> run());
    }
  }

  private void run() {
    long end = System.nanoTime() + SLICE_NANOS;
    boolean worked = true;
    try {
      while (worked && System.nanoTime() - end < 0) {
        worked = runTasks(end);
        worked |= runTurn();
        worked |= catchUpOn();
      }
    } finally {
      scheduled.set(false);
      if (!tasks.isEmpty() || !active.isEmpty() || isCatchingUp()) {
        schedule();
      }
    }
  }

  private boolean runTasks(long end) {
    int done = 0;
    Runnable task = tasks.poll();
    while (task != null) {
      guarded(task);
      done++;
      // Some decide all that a subscriber's queue holds.
      boolean more = done < TASKS_A_ROUND && System.nanoTime() - end < 0;
      task = more ? tasks.poll() : null;
    }
    return done > 0;
  }

  private boolean runTurn() {
    TenantShard shard = active.poll();
    if (shard == null) {
      return false;
    }
    try {
      guarded(() -> shard.turn(DELIVERIES_A_TURN));
    } finally {
      if (shard.isBusy()) {
        active.add(shard);
      } else {
        shard.leftTheRound();
      }
    }
    return true;
  }

  // What fails for one must not end the lane for all.
  private static void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a piece of a lane's work failed", e);
    }
  }

  /** Gives the tenant a turn. On the lane only. */
  void activate(TenantShard shard) {
    if (shard.entersTheRound()) {
      active.add(shard);
      schedule();
    }
  }

  /** The tenant's subscriptions; there is no other way to them. On the lane only. */
  TenantShard shard(TenantId tenant) {
    return shards.computeIfAbsent(
        tenant,
        name -> {
          TenantShard shard = new TenantShard(hub, this, name);
          shard.start();
          return shard;
        });
  }

  void forget(TenantShard shard) {
    shards.remove(shard.tenant(), shard);
  }

  Decisions decisions() {
    return decisions;
  }

  void opened(EventConnection connection) {
    connections.add(connection);
  }

  void closed(EventConnection connection) {
    connections.remove(connection);
  }

  /**
   * Has everything looked at soon, however many changes ask for it meanwhile. Safe for any thread.
   */
  void catchUpSoon() {
    if (catchingUp.compareAndSet(false, true)) {
      execute(this::catchUp);
    }
  }

  private void catchUp() {
    // First, so that a change that comes while we look makes us look again.
    catchingUp.set(false);
    sweepDue = true;
  }

  /** Has the member do soon what has become necessary since its queue was filled. On the lane. */
  void catchUp(Member member) {
    outdated.add(member);
  }

  /** Ends what may live no longer, and asks anew where the policy or the switches have changed. */
  private boolean catchUpOn() {
    long end = System.nanoTime() + CATCH_UP_NANOS;
    int done = 0;
    while (isCatchingUp() && (done == 0 || System.nanoTime() - end < 0)) {
      guarded(this::catchUpNext);
      done++;
    }
    return done > 0;
  }

  private void catchUpNext() {
    Member member = outdated.poll();
    if (member != null) {
      member.catchUp();
    } else if (sweep.hasNext()) {
      sweep.next().catchUp();
    } else {
      // Only when all were looked at: whoever comes last must not wait while changes go on.
      sweepDue = false;
      sweep = List.copyOf(connections).iterator();
    }
  }

  private boolean isCatchingUp() {
    return sweepDue || sweep.hasNext() || !outdated.isEmpty();
  }

  /** Ends the connections of these principals. On the lane only. */
  void end(Predicate<Principal> whose, EndReason reason) {
    for (EventConnection connection : List.copyOf(connections)) {
      if (whose.test(connection.principal())) {
        connection.end(reason);
      }
    }
  }

  int tenants() {
    return shards.size();
  }

  /**
   * Whether the tenant's log holds what was not matched yet, as far as is known, or not all
   * connections were looked after. On the lane.
   */
  boolean isBusy(TenantId tenant) {
    TenantShard shard = shards.get(tenant);
    return isCatchingUp() || (shard != null && shard.isBusy());
  }
}
