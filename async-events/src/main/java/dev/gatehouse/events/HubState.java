package dev.gatehouse.events;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.AuditEvent.Outcome;
import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Permit;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.TenantId;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the parts of a hub share: its settings, its counts, and what is switched off. */
final class HubState {
  private static final String DOOR = "events";
  private static final long MAX_CALLERS = 100_000;

  private final VertxInternal vertx;
  private final EventLog log;
  private final EventPolicy policy;
  private final PolicyDesk desk;
  private final TopicCatalogue topics;
  private final EventLimits limits;
  private final CursorKeys cursors;
  private final KillSwitch killSwitch;
  private final AuditSink audit;
  private final InstantSource clock;
  private final EventCounters counters = new EventCounters();
  private final DrainLoop.Loops loops = new DrainLoop.Loops();
  private final Occupancy connections;
  private final Occupancy subscriptions;
  private final AdmissionPace pace;
  private final RateLimiter.InMemory operations;
  private final RateLimiter.InMemory replays;
  private final List<Lane> lanes = new ArrayList<>();
  private volatile StoppedTopics stopped;
  private volatile boolean closed;
  private volatile KillSwitch.@Nullable Listening listening;

  HubState(EventHub.Builder from) {
    this.vertx = (VertxInternal) from.vertx;
    this.log = new GuardedLog(from.log);
    this.policy = from.requiredPolicy();
    this.topics = from.topics;
    this.limits = from.limits;
    this.cursors = from.cursors;
    this.killSwitch = from.killSwitch();
    this.audit = from.audit.guarded();
    this.clock = from.clock;
    this.desk = new PolicyDesk(policy, limits.policyTime(), limits.subscriptions().tenant());
    this.connections = new Occupancy(limits.connections());
    this.subscriptions = new Occupancy(limits.subscriptions());
    this.pace = new AdmissionPace(limits.admissions(), clock, from.random);
    this.operations =
        (RateLimiter.InMemory) RateLimiter.inMemory(limits.operations(), MAX_CALLERS, clock);
    this.replays = (RateLimiter.InMemory) RateLimiter.inMemory(limits.replay(), MAX_CALLERS, clock);
    this.stopped = StoppedTopics.of(killSwitch);
  }

  /** Begins to work, once the state is complete. */
  void start(int laneCount) {
    for (int i = 0; i < laneCount; i++) {
      lanes.add(new Lane(this, vertx.createEventLoopContext()));
    }
    listening = killSwitch.onChange(this::changed);
    // What was engaged before we listened.
    restop();
  }

  private void changed(KillSwitch.Change change) {
    if (closed) {
      return;
    }
    if (change.engaged().target().kind() == KillSwitch.Kind.OPERATION) {
      restop();
    }
    lanes.forEach(Lane::catchUpSoon);
  }

  // Two changes at a time must not leave the older state behind.
  private synchronized void restop() {
    stopped = StoppedTopics.of(killSwitch);
  }

  VertxInternal vertx() {
    return vertx;
  }

  EventLog log() {
    return log;
  }

  EventPolicy policy() {
    return policy;
  }

  PolicyDesk desk() {
    return desk;
  }

  TopicCatalogue topics() {
    return topics;
  }

  EventLimits limits() {
    return limits;
  }

  CursorKeys cursors() {
    return cursors;
  }

  EventCounters counters() {
    return counters;
  }

  DrainLoop.Loops loops() {
    return loops;
  }

  Occupancy connections() {
    return connections;
  }

  Occupancy subscriptions() {
    return subscriptions;
  }

  AdmissionPace pace() {
    return pace;
  }

  List<Lane> lanes() {
    return lanes;
  }

  Lane lane(TenantId tenant) {
    return lanes.get(Math.floorMod(tenant.hashCode(), lanes.size()));
  }

  Instant now() {
    return clock.instant();
  }

  boolean isClosed() {
    return closed;
  }

  void close() {
    closed = true;
    KillSwitch.Listening begun = listening;
    if (begun != null) {
      begun.end();
    }
  }

  /** The topics that are stopped at present; the same object until that changes. */
  StoppedTopics stopped() {
    return stopped;
  }

  boolean stops(TenantId tenant, Topic topic) {
    return killSwitch.stops(KillSwitch.Kind.TENANT, tenant.value()) || stopped.stops(topic);
  }

  /** Why this principal may not go on, if it may not. */
  @Nullable EndReason verdict(TenantId tenant, Principal principal) {
    if (closed) {
      return EndReason.SHUTDOWN;
    }
    if (killSwitch.stops(KillSwitch.Kind.PRINCIPAL, principal.id())
        || killSwitch.stops(KillSwitch.Kind.TENANT, tenant.value())) {
      return EndReason.CREDENTIALS_REVOKED;
    }
    return principal.isExpired(clock) ? EndReason.CREDENTIALS_EXPIRED : null;
  }

  /** When the caller may operate again; empty if now. */
  Optional<Duration> operates(Occupancy.Caller caller) {
    Permit permit = operations.tryAcquire(caller.key(), 1);
    return permit.granted() ? Optional.empty() : Optional.of(permit.retryAfter());
  }

  /** Whether the caller may have its log read on; costs what one entry does. */
  boolean mayReplay(Member member) {
    return replays.tryAcquire(member.connection().caller().key(), 1).granted();
  }

  /** Whether the caller could pay for what was looked at; if not, it owes it, and must stop. */
  boolean paysForReplay(Member member, int entries) {
    String key = member.connection().caller().key();
    boolean paid = replays.tryAcquire(key, entries).granted();
    if (!paid) {
      replays.spend(key, entries);
    }
    return paid;
  }

  void denied(Member member, Event event, TopicDeclaration declared, Ruling ruling) {
    boolean broken = ruling.kind() == Ruling.Kind.BROKEN;
    counters.add(broken ? Count.UNDECIDED : Count.DENIED);
    Outcome outcome = broken ? Outcome.BROKEN : Outcome.DENIED;
    if (declared.isAudited() && audit.records(outcome)) {
      audit.record(
          about("deliver", outcome, ruling.code(), member)
              .detail("topic", event.topic().name())
              .detail("event", event.id())
              .build());
    }
  }

  void delivered(Member member, Delivery delivery) {
    if (!(delivery instanceof Delivery.Message message)) {
      return;
    }
    counters.add(Count.DELIVERED);
    if (topics.isAudited(message.event().topic()) && audit.records(Outcome.ALLOWED)) {
      audit.record(
          about("deliver", Outcome.ALLOWED, "ok", member)
              .detail("topic", message.event().topic().name())
              .detail("event", message.event().id())
              .build());
    }
  }

  void ended(Member member, EndReason reason) {
    subscriptions.giveBack(member.connection().caller());
    counters.ended(reason);
    boolean usual = reason == EndReason.COMPLETED || reason == EndReason.SHUTDOWN;
    Outcome outcome =
        usual ? Outcome.ALLOWED : reason == EndReason.UNAVAILABLE ? Outcome.BROKEN : Outcome.DENIED;
    if (audit.records(outcome)) {
      audit.record(
          about("end", outcome, reason.code(), member)
              .detail("topics", member.topics().text())
              .build());
    }
  }

  void foreignEntry() {
    counters.add(Count.FOREIGN_ENTRIES);
    if (audit.records(Outcome.BROKEN)) {
      audit.record(AuditEvent.of(now(), DOOR, "read", Outcome.BROKEN, "foreign_entry").build());
    }
  }

  private AuditEvent.Builder about(String action, Outcome outcome, String code, Member member) {
    return about(action, outcome, code, member.connection().tenant(), member.connection());
  }

  private AuditEvent.Builder about(
      String action, Outcome outcome, String code, TenantId tenant, EventConnection connection) {
    return AuditEvent.of(now(), DOOR, action, outcome, code)
        .subject(connection.principal().id())
        .tenant(tenant);
  }

  void subscribed(EventConnection connection, TopicPattern asked, @Nullable Refusal refusal) {
    if (refusal != null) {
      counters.refusedSubscription(refusal.code());
    }
    Outcome outcome =
        refusal == null ? Outcome.ALLOWED : refusal.isBroken() ? Outcome.BROKEN : Outcome.DENIED;
    if (audit.records(outcome)) {
      audit.record(
          about(
                  "subscribe",
                  outcome,
                  refusal == null ? "ok" : refusal.code().code(),
                  connection.tenant(),
                  connection)
              .detail("topics", asked.text())
              .build());
    }
  }

  void refusedConnection(Principal principal, Refusal refusal) {
    counters.refusedConnection(refusal.code());
    if (audit.records(Outcome.DENIED)) {
      audit.record(
          AuditEvent.of(now(), DOOR, "connect", Outcome.DENIED, refusal.code().code())
              .subject(principal.id())
              .tenant(principal.tenant().orElse(null))
              .build());
    }
  }

  /** Somebody came to a door and proved nothing. */
  void refusedCaller(String code) {
    if (audit.records(Outcome.DENIED)) {
      audit.record(AuditEvent.of(now(), DOOR, "authenticate", Outcome.DENIED, code).build());
    }
  }

  void published(Event event, @Nullable Refusal refusal) {
    if (refusal == null) {
      counters.add(Count.PUBLISHED);
      return;
    }
    counters.refusedPublication(refusal.code());
    Outcome outcome = refusal.isBroken() ? Outcome.BROKEN : Outcome.DENIED;
    if (audit.records(outcome)) {
      audit.record(
          AuditEvent.of(now(), DOOR, "publish", outcome, refusal.code().code())
              .tenant(event.tenant().orElse(null))
              .detail("topic", event.topic().name())
              .detail("event", event.id())
              .build());
    }
  }
}
