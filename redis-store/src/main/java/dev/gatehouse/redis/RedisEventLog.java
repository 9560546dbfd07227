package dev.gatehouse.redis;

import static dev.gatehouse.redis.RedisLink.bytes;
import static dev.gatehouse.redis.RedisLink.text;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventLog;
import dev.gatehouse.events.LogEntry;
import dev.gatehouse.events.LogPage;
import dev.gatehouse.events.Position;
import dev.gatehouse.events.TopicPattern;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.ScriptOutputType;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An {@link EventLog} that several nodes share: a Redis stream for each tenant, in which the server
 * gives out the positions.
 *
 * <p>Once an append has succeeded, every node finds the event, in the same place. A published
 * message only wakes; a node that it did not reach hears of the append within a second from a set
 * of who appended when, and reads on from where it was. Where the node that appended was ended
 * before it could tell of it, the others hear of it within half a minute. What a node could not
 * read while Redis was away it reads afterwards.
 *
 * <p>A stream keeps {@linkplain Builder#maxEvents so many} events, bytes and minutes of a tenant;
 * so one tenant takes nothing from another, but a busy topic takes from the quiet ones of its own
 * tenant. What was dropped makes a gap for whoever had not read it.
 *
 * <h2>When Redis restarts</h2>
 *
 * A Redis that writes every append to its disk before it answers ({@code appendfsync always}) loses
 * nothing. Any other may lose the last second, and a replica that takes over what it had not heard:
 * nobody could tell. So after every restart and failover each reader is told of a gap, unless
 * {@link Builder#restartsLoseNothing} says that there is none. A Redis that was emptied is
 * recognised in any case.
 *
 * <p>Positions are made of the server's clock. They rise also where it is turned back, unless it is
 * turned back while Redis loses its data.
 */
public final class RedisEventLog implements EventLog {
  private static final Logger LOG = LoggerFactory.getLogger(RedisEventLog.class);
  private static final String BASE = Script.part("event-log.lua");
  private static final String TIME = Script.part("time.lua");
  private static final Script APPEND = Script.of(TIME, BASE, Script.part("event-append.lua"));
  private static final Script END = Script.of(TIME, BASE, Script.part("event-end.lua"));
  private static final Script READ = Script.of(TIME, BASE, Script.part("event-read.lua"));

  private static final long LOOK_MILLIS = 500;
  private static final long OVERLAP_MILLIS = 5_000;
  private static final int WAKE_ALL_EVERY = 60;
  private static final int MOST_TENANTS = 100_000;
  private static final int LOOKS = 8;
  private static final Duration LEAST_REMEMBERED = Duration.ofDays(1);

  private final RedisStore store;
  private final RedisLink link;
  private final Builder settings;
  private final String prefix;
  private final byte[] tenantsKey;
  private final String channel;
  private final byte[] durable;
  private final byte[] remember;
  private final EventFollowers followers = new EventFollowers();
  private final AtomicLong unreadable = new AtomicLong();
  private volatile boolean closed;
  private volatile long heardUpTo;
  private long looks;
  private long timer = -1;

  private RedisEventLog(Builder builder) {
    this.settings = builder;
    this.store = builder.store;
    this.link = store.link();
    this.prefix = store.prefix() + ":events:";
    this.tenantsKey = bytes(prefix + "tenants");
    this.channel = prefix + "wake";
    this.durable = bytes(builder.durable ? "1" : "0");
    Duration twice = builder.maxAge.multipliedBy(2);
    this.remember =
        bytes((twice.compareTo(LEAST_REMEMBERED) > 0 ? twice : LEAST_REMEMBERED).toMillis());
  }

  private Future<RedisEventLog> begin() {
    heardUpTo = serverMillis();
    store.wakes().listen(channel, this::woken, followers::wakeAll);
    timer = store.vertx().setPeriodic(LOOK_MILLIS, due -> look());
    return store
        .wakes()
        .subscribe(channel)
        .onFailure(refused -> store.vertx().cancelTimer(timer))
        .map(this);
  }

  /** Wakes nobody any more. The store stays open. */
  public Future<Void> close() {
    closed = true;
    store.vertx().cancelTimer(timer);
    return store.wakes().unsubscribe(channel);
  }

  /** How many entries could not be read as events, and were passed over. */
  public long unreadable() {
    return unreadable.get();
  }

  @Override
  public Future<Position> append(Event event) {
    Optional<TenantId> tenant = event.tenant();
    if (tenant.isEmpty()) {
      return Future.failedFuture(new IllegalArgumentException("the event has no tenant"));
    }
    List<byte[]> fields = StoredEvent.fields(tenant.get(), event);
    if (StoredEvent.size(fields) > settings.maxBytes) {
      return Future.failedFuture(
          new IllegalArgumentException("the event is larger than all that its tenant may keep"));
    }
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(durable);
    arguments.add(bytes(settings.maxEvents));
    arguments.add(bytes(settings.maxBytes));
    arguments.add(bytes(settings.maxAge.toMillis()));
    arguments.add(remember);
    arguments.addAll(fields);
    Future<byte[]> appended =
        link.run(
            APPEND, ScriptOutputType.VALUE, keys(tenant.get()), arguments.toArray(new byte[0][]));
    return appended.map(
        id -> {
          announce(tenant.get());
          return position(text(id));
        });
  }

  // Neither is waited for: who is not reached now hears of it when it looks.
  private void announce(TenantId tenant) {
    byte[] name = bytes(tenant.value());
    link.ask(redis -> redis.zadd(tenantsKey, (double) serverMillis(), name))
        .onFailure(e -> LOG.debug("an append could not be noted: {}", e.getMessage()));
    link.ask(redis -> redis.publish(bytes(channel), name))
        .onFailure(e -> LOG.debug("an append could not be announced: {}", e.getMessage()));
    followers.wake(tenant);
  }

  @Override
  public Future<LogPage> read(
      TenantId tenant, TopicPattern topics, Position after, int maxEntries, long maxBytes) {
    int most = Math.max(1, maxEntries);
    Future<List<Object>> answer =
        link.run(
            READ,
            ScriptOutputType.MULTI,
            keys(tenant),
            durable,
            remember,
            bytes(id(after)),
            bytes(luaPattern(topics)),
            bytes(most),
            bytes(maxBytes),
            bytes((long) most * LOOKS));
    return answer.map(this::page);
  }

  private LogPage page(List<Object> answer) {
    List<LogEntry> entries = new ArrayList<>();
    boolean damaged = false;
    for (Object each : (List<?>) answer.get(4)) {
      List<?> entry = (List<?>) each;
      Optional<LogEntry> read = entry(entry);
      read.ifPresent(entries::add);
      damaged |= read.isEmpty();
    }
    return new LogPage(
        entries,
        position(text(answer.get(0))),
        damaged || (Long) answer.get(1) == 1,
        (Long) answer.get(2) == 1,
        ((Long) answer.get(3)).intValue());
  }

  // One that cannot be read must not stop those behind it; it is a gap.
  private Optional<LogEntry> entry(List<?> entry) {
    try {
      return Optional.of(
          new LogEntry(position(text(entry.get(0))), StoredEvent.read((List<?>) entry.get(1))));
    } catch (RuntimeException e) {
      unreadable.incrementAndGet();
      LOG.error("an entry of the event log is no event: {}", e.getClass().getName());
      return Optional.empty();
    }
  }

  @Override
  public Future<Position> end(TenantId tenant) {
    Future<byte[]> answer = link.run(END, ScriptOutputType.VALUE, keys(tenant), durable, remember);
    return answer.map(id -> position(text(id)));
  }

  @Override
  public Following follow(TenantId tenant, Runnable wake) {
    return followers.add(tenant, wake);
  }

  @Override
  public Future<Set<TenantId>> tenants() {
    // by the time of their latest append: where there are more, those that are silent are left out
    return link.ask(redis -> redis.zrevrange(tenantsKey, 0, MOST_TENANTS - 1))
        .map(
            names -> {
              Set<TenantId> tenants = new HashSet<>(followers.tenants());
              names.forEach(name -> tenantOf(text(name)).ifPresent(tenants::add));
              return tenants;
            });
  }

  private void woken(String tenant) {
    tenantOf(tenant).ifPresent(followers::wake);
  }

  /** Looks for appends that no message told of. */
  private void look() {
    if (followers.isEmpty()) {
      heardUpTo = serverMillis();
      return;
    }
    if (++looks % WAKE_ALL_EVERY == 0) {
      // Also keeps alive what Redis knows of tenants that are only listened to.
      followers.wakeAll();
      forgetSilentTenants();
    }
    long now = serverMillis();
    Range<Long> recent =
        Range.from(
            Range.Boundary.including(heardUpTo - OVERLAP_MILLIS), Range.Boundary.unbounded());
    link.ask(
            redis ->
                redis.zrangebyscoreWithScores(tenantsKey, recent, Limit.create(0, MOST_TENANTS)))
        .onSuccess(
            appended -> {
              heardUpTo = now;
              appended.forEach(this::heard);
            })
        .onFailure(e -> LOG.debug("appends could not be looked for: {}", e.getMessage()));
  }

  private void heard(ScoredValue<byte[]> appended) {
    if (!closed) {
      tenantOf(text(appended.getValue()))
          .ifPresent(tenant -> followers.wake(tenant, appended.getScore()));
    }
  }

  private void forgetSilentTenants() {
    Range<Long> silent =
        Range.from(
            Range.Boundary.unbounded(),
            Range.Boundary.including(serverMillis() - Long.parseLong(text(remember))));
    link.ask(redis -> redis.zremrangebyscore(tenantsKey, silent))
        .onFailure(e -> LOG.debug("silent tenants were not forgotten: {}", e.getMessage()));
  }

  private long serverMillis() {
    return TimeUnit.NANOSECONDS.toMillis(store.clock().currentTimeNanos());
  }

  private static Optional<TenantId> tenantOf(String name) {
    return TenantId.isValid(name) ? Optional.of(TenantId.of(name)) : Optional.empty();
  }

  // A tenant's name holds neither a brace nor a colon, so no name reaches another's keys.
  private byte[][] keys(TenantId tenant) {
    String common = prefix + "{" + tenant.value() + "}:";
    return new byte[][] {bytes(common + "log"), bytes(common + "state")};
  }

  private static String luaPattern(TopicPattern topics) {
    StringBuilder pattern = new StringBuilder("^");
    for (String segment : topics.segments()) {
      pattern.append(pattern.length() == 1 ? "" : "%.");
      switch (segment) {
        case "*" -> pattern.append("[^.]+");
        case ">" -> pattern.append(".+");
        default -> pattern.append(segment.replace("-", "%-"));
      }
    }
    return pattern.append('$').toString();
  }

  private static String id(Position position) {
    return Long.toUnsignedString(position.major()) + "-" + Long.toUnsignedString(position.minor());
  }

  private static Position position(String id) {
    int dash = id.indexOf('-');
    return new Position(
        Long.parseUnsignedLong(id, 0, dash, 10),
        Long.parseUnsignedLong(id, dash + 1, id.length(), 10));
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final RedisStore store;
    private int maxEvents = 10_000;
    private long maxBytes = 16L << 20;
    private Duration maxAge = Duration.ofMinutes(10);
    private boolean durable;

    Builder(RedisStore store) {
      this.store = store;
    }

    /** The most events of a tenant; 10,000 by default. The same on all nodes. */
    public Builder maxEvents(int value) {
      this.maxEvents = value;
      return this;
    }

    /** The most bytes of a tenant; 16 MiB by default. The same on all nodes. */
    public Builder maxBytes(long value) {
      this.maxBytes = value;
      return this;
    }

    /** How long an event is kept; 10 minutes by default. The same on all nodes. */
    public Builder maxAge(Duration value) {
      this.maxAge = value;
      return this;
    }

    /**
     * Says that this Redis writes each append to its disk before it answers ({@code appendonly yes}
     * and {@code appendfsync always}) and that no replica takes over: a restart is no gap then.
     */
    public Builder restartsLoseNothing() {
      this.durable = true;
      return this;
    }

    /**
     * Opens it; one a store, which closing it leaves without messages that wake.
     *
     * @return fails if Redis cannot be asked
     * @throws IllegalArgumentException if a bound is not positive
     */
    public Future<RedisEventLog> open() {
      if (maxEvents < 1 || maxBytes < 1 || maxAge.toMillis() < 1) {
        throw new IllegalArgumentException("maxEvents, maxBytes and maxAge must be positive");
      }
      return new RedisEventLog(this).begin();
    }
  }
}
