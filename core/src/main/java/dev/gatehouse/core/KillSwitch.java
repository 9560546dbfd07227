package dev.gatehouse.core;

import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Switches that stop a tenant, a principal, a key, a source or an operation, from the next call on.
 *
 * <p>Doors ask it on every call, so it answers from memory and never blocks. It is changed by calls
 * here, or by messages that other nodes sent (a shared store {@linkplain #apply applies} what it
 * hears; operators reach all nodes by its {@link Panel}). At most {@value #MAX_ENGAGED} switches
 * are engaged at a time.
 */
public final class KillSwitch {
  /** The most switches that can be engaged. */
  public static final int MAX_ENGAGED = 10_000;

  /** What a switch stops. */
  public enum Kind {
    /** All calls for a tenant. */
    TENANT,
    /** All calls of a principal. */
    PRINCIPAL,
    /**
     * All webhooks that are proven by one key, named {@code source/key id} or by its key id. Tokens
     * of callers are not asked for their keys: take the key out of its issuer's key set, or stop
     * the principal or tenant.
     */
    KEY,
    /** A webhook source. */
    SOURCE,
    /** A GraphQL operation, a topic, or the like. */
    OPERATION
  }

  /** A kind and a name. */
  public record Target(Kind kind, String name) {}

  /**
   * An engaged switch.
   *
   * @param target what it stops
   * @param reason why, for the operator
   * @param since when it was engaged
   */
  public record Engaged(Target target, String reason, Instant since) {}

  /**
   * A change.
   *
   * @param engaged the switch
   * @param on whether it was engaged ({@code true}) or released
   */
  public record Change(Engaged engaged, boolean on) {}

  /**
   * Where operators change switches: those of this process, or of all nodes that share a store.
   *
   * <p>A failed future says that not every node could be told; its message says what stands.
   */
  public interface Panel {
    /** Stops the target; engaging twice keeps the first. */
    Future<Engaged> engage(Kind kind, String name, String reason);

    /** Lets the target's calls through again; returns whether it was stopped. */
    Future<Boolean> release(Kind kind, String name);
  }

  /** One call of {@link #onChange}, though its listener be given twice. */
  private static final class Registered {
    private final Consumer<Change> listener;

    private Registered(Consumer<Change> listener) {
      this.listener = listener;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(KillSwitch.class);

  private final InstantSource clock;
  private final ConcurrentMap<Target, Engaged> engaged = new ConcurrentHashMap<>();
  private final List<Registered> listeners = new CopyOnWriteArrayList<>();

  private KillSwitch(InstantSource clock) {
    this.clock = clock;
  }

  /** Switches in this process, none engaged. */
  public static KillSwitch create(InstantSource clock) {
    return new KillSwitch(clock);
  }

  /** Whether calls for this target are stopped. */
  public boolean stops(Kind kind, String name) {
    return !engaged.isEmpty() && engaged.containsKey(new Target(kind, name));
  }

  /**
   * Stops the target from the next call on; engaging twice keeps the first.
   *
   * @throws IllegalStateException if {@value #MAX_ENGAGED} switches are engaged already
   */
  public Engaged engage(Kind kind, String name, String reason) {
    Target target = new Target(kind, name);
    Engaged fresh = new Engaged(target, reason, clock.instant());
    Engaged earlier = keepFirst(fresh);
    if (earlier != null) {
      return earlier;
    }
    tell(new Change(fresh, true));
    return fresh;
  }

  /** Lets the target's calls through again; returns whether it was stopped. */
  public boolean release(Kind kind, String name) {
    Engaged removed = engaged.remove(new Target(kind, name));
    if (removed != null) {
      tell(new Change(removed, false));
    }
    return removed != null;
  }

  /**
   * Takes over what was changed elsewhere, with its time and reason, also where the target is
   * stopped already. Listeners hear of it only if it stops, or lets through, what it did not
   * before.
   *
   * @throws IllegalStateException as {@link #engage} does
   */
  public void apply(Change change) {
    Target target = change.engaged().target();
    if (!change.on()) {
      release(target.kind(), target.name());
      return;
    }
    if (keepLast(change.engaged()) == null) {
      tell(change);
    }
  }

  /** What {@link #onChange} began. */
  @FunctionalInterface
  public interface Listening {
    /** Ends it: of changes after this the listener hears nothing. */
    void end();
  }

  /** The panel of these switches alone. */
  public Panel panel() {
    return new Panel() {
      @Override
      public Future<Engaged> engage(Kind kind, String name, String reason) {
        return Future.succeededFuture(KillSwitch.this.engage(kind, name, reason));
      }

      @Override
      public Future<Boolean> release(Kind kind, String name) {
        return Future.succeededFuture(KillSwitch.this.release(kind, name));
      }
    };
  }

  /** What is engaged now, oldest first. */
  public List<Engaged> engaged() {
    return engaged.values().stream().sorted(Comparator.comparing(Engaged::since)).toList();
  }

  /**
   * Calls back, on the changing thread, after each change. What a listener throws is logged, and
   * keeps the change from nobody else.
   *
   * @return ends it; whoever lives shorter than these switches has to, or is never let go
   */
  public Listening onChange(Consumer<Change> listener) {
    Registered own = new Registered(listener);
    listeners.add(own);
    return () -> listeners.remove(own);
  }

  // Synchronized for the room, which two must not find at once; who takes away needs none.
  private synchronized @Nullable Engaged keepFirst(Engaged fresh) {
    requireRoom(fresh.target());
    return engaged.putIfAbsent(fresh.target(), fresh);
  }

  private synchronized @Nullable Engaged keepLast(Engaged fresh) {
    requireRoom(fresh.target());
    return engaged.put(fresh.target(), fresh);
  }

  private void requireRoom(Target target) {
    if (engaged.size() >= MAX_ENGAGED && !engaged.containsKey(target)) {
      throw new IllegalStateException(
          "more than " + MAX_ENGAGED + " kill switches: release some, or stop the whole service");
    }
  }

  private void tell(Change change) {
    for (Registered each : listeners) {
      try {
        each.listener.accept(change);
      } catch (Throwable e) { // an Error too: the doors after this one must hear of it
        LOG.error("a listener of kill switches failed: {}", each.listener.getClass().getName(), e);
      }
    }
  }
}
