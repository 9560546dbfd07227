package dev.gatehouse.events;

import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An {@link EventLog} in this process, bounded for each topic and tenant, and in all.
 *
 * <p>It ends with the process: a position of an earlier one is unknown here.
 */
public final class MemoryEventLog implements EventLog {
  private final MemoryLogOptions options;
  private final InstantSource clock;
  // Positions of another process must not be taken for ours: they would skip or repeat in silence.
  private final long incarnation = new SecureRandom().nextLong();
  // One for all tenants: a tenant that was forgotten and comes again goes on where nobody was.
  private final AtomicLong sequence = new AtomicLong();
  private final AtomicLong held = new AtomicLong();
  private final Map<TenantId, TenantLog> tenants = new ConcurrentHashMap<>();

  private MemoryEventLog(MemoryLogOptions options, InstantSource clock) {
    options.validate();
    this.options = new MemoryLogOptions(options);
    this.clock = clock;
  }

  /**
   * An empty log.
   *
   * @throws IllegalArgumentException if a bound is not positive
   */
  public static MemoryEventLog create(MemoryLogOptions options, InstantSource clock) {
    return new MemoryEventLog(options, clock);
  }

  @Override
  public Future<Position> append(Event event) {
    Optional<TenantId> tenant = event.tenant();
    if (tenant.isEmpty()) {
      return Future.failedFuture(new IllegalArgumentException("the event has no tenant"));
    }
    if (event.weight() > options.bytesPerTopic()) {
      return Future.failedFuture(
          new IllegalArgumentException("the event is larger than all that its topic may keep"));
    }
    Instant now = clock.instant();
    TenantLog log = roomFor(tenant.get());
    long place = log.append(event, now);
    while (place == TenantLog.CLOSED) {
      log = roomFor(tenant.get());
      place = log.append(event, now);
    }
    if (held.get() > options.bytes()) {
      makeRoom();
    }
    log.wake();
    return Future.succeededFuture(new Position(incarnation, place));
  }

  @Override
  public Future<LogPage> read(
      TenantId tenant, TopicPattern topics, Position after, int maxEntries, long maxBytes) {
    TenantLog log = tenants.get(tenant);
    if (log == null) {
      return Future.succeededFuture(TenantLog.nothing(after, endOfNothing()));
    }
    return Future.succeededFuture(
        log.read(topics, after, Math.max(1, maxEntries), maxBytes, clock.instant()));
  }

  @Override
  public Future<Boolean> hasLost(TenantId tenant, TopicPattern topics, Position after) {
    TenantLog log = tenants.get(tenant);
    return Future.succeededFuture(log == null || log.hasLost(topics, after));
  }

  @Override
  public Future<Position> end(TenantId tenant) {
    // It is remembered from now on: what comes after this end must not look lost.
    return Future.succeededFuture(roomFor(tenant).end());
  }

  private Position endOfNothing() {
    return new Position(incarnation, sequence.get());
  }

  @Override
  public Following follow(TenantId tenant, Runnable wake) {
    TenantLog log = roomFor(tenant);
    while (!log.follow(wake)) {
      log = roomFor(tenant);
    }
    TenantLog followed = log;
    return () -> followed.unfollow(wake);
  }

  @Override
  public Future<Set<TenantId>> tenants() {
    return Future.succeededFuture(Set.copyOf(tenants.keySet()));
  }

  /** The bytes of events that are kept now, about. */
  public long bytes() {
    return held.get();
  }

  private TenantLog roomFor(TenantId tenant) {
    TenantLog known = tenants.get(tenant);
    if (known != null && !known.isClosed()) {
      return known;
    }
    if (tenants.size() >= options.tenants()) {
      forgetOne();
    }
    return tenants.compute(
        tenant,
        (name, log) ->
            log == null || log.isClosed()
                ? new TenantLog(options, incarnation, sequence, held)
                : log);
  }

  // The longest silent that nobody follows; where all are followed, the hub's limits bound them.
  private void forgetOne() {
    tenants.entrySet().stream()
        .min(Comparator.comparingLong(each -> each.getValue().lastUse()))
        .filter(each -> each.getValue().closeUnlessFollowed())
        .ifPresent(each -> tenants.remove(each.getKey(), each.getValue()));
  }

  // A sixteenth at a time: looking for the largest tenant is not paid for with each event.
  private void makeRoom() {
    long target = options.bytes() - options.bytes() / 16;
    long before = Long.MAX_VALUE;
    while (held.get() > target && held.get() < before) {
      before = held.get();
      tenants.values().stream()
          .max(Comparator.comparingLong(TenantLog::bytes))
          .ifPresent(largest -> largest.giveUp(held.get() - target));
    }
  }
}
