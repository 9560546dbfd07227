package dev.gatehouse.events;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Refusal.Code;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings events to subscribers, so that those of another tenant are out of a subscriber's reach.
 *
 * <p>What a subscriber gets, it gets because its credential says its tenant, the policy lets it
 * subscribe to the topics and see the event, and its filter wants it; in the order of the tenant's
 * log, as fast as it asks, and at most once for as long as it stays connected. Where something is
 * missing, a gap is marked.
 *
 * <pre>{@code
 * EventHub hub = EventHub.create(vertx, EventLog.inMemory(), catalogue.policy());
 * hub.publish(Event.of(TenantId.of("acme"), "orders.paid", order));
 * }</pre>
 *
 * <p><b>Threads.</b> Everything here may be called on any thread. A tenant's subscriptions live on
 * one of the hub's lanes, an event loop each, where every decision about them is made, one after
 * the other; a subscription's handler runs on the context on which it was opened. In between is the
 * subscription's bounded queue. Publishing appends to the log, and returns; the lane reads the log.
 */
public final class EventHub {
  private static final Logger LOG = LoggerFactory.getLogger(EventHub.class);
  private static final long SWEEP_MILLIS = 250;

  private final HubState state;
  private final long sweeper;

  private EventHub(HubState state, int lanes) {
    this.state = state;
    state.start(lanes);
    this.sweeper =
        state.vertx().setPeriodic(SWEEP_MILLIS, id -> state.lanes().forEach(Lane::catchUpSoon));
  }

  /** A hub with that log and policy, and the defaults for everything else. */
  public static EventHub create(Vertx vertx, EventLog log, EventPolicy policy) {
    return builder(vertx).log(log).policy(policy).build();
  }

  /** Begins a hub; it needs a policy, or a catalogue of topics from which one follows. */
  public static Builder builder(Vertx vertx) {
    return new Builder(vertx);
  }

  /**
   * Gives an event to the subscribers of its tenant.
   *
   * @return accepted once it is in the log; refused if it has no tenant, or may not be published; a
   *     failure if the log could not take it
   */
  public Future<Published> publish(Event event) {
    Refusal refusal = refusalOf(event);
    Optional<TenantId> tenant = event.tenant();
    if (refusal != null || tenant.isEmpty()) {
      return refuse(event, refusal == null ? tenantless() : refusal);
    }
    Event timed = event.time().isPresent() ? event : event.at(state.now());
    return state
        .log()
        .append(timed)
        .<Published>map(position -> accepted(timed))
        .onFailure(e -> state.published(timed, Refusal.of(Code.UNAVAILABLE, "the log failed")));
  }

  private Published accepted(Event event) {
    state.published(event, null);
    return new Published.Accepted();
  }

  private Future<Published> refuse(Event event, Refusal refusal) {
    state.published(event, refusal);
    return Future.succeededFuture(new Published.Refused(refusal));
  }

  private static Refusal tenantless() {
    return Refusal.of(Code.TENANT_REQUIRED, "an event without a tenant is delivered to nobody");
  }

  private @Nullable Refusal refusalOf(Event event) {
    if (state.isClosed()) {
      return Refusal.of(Code.CLOSED, "the hub is closed");
    }
    if (event.tenant().isEmpty()) {
      return tenantless();
    }
    if (event.weight() > state.limits().eventBytes()) {
      return Refusal.of(Code.TOO_LARGE, "the event is larger than may be published");
    }
    if (!state.topics().has(event.topic())) {
      return Refusal.of(Code.UNDECLARED_TOPIC, "the topic is not declared");
    }
    if (state.stops(event.tenant().get(), event.topic())) {
      return Refusal.of(Code.STOPPED, "the tenant or the topic is stopped");
    }
    return null;
  }

  /**
   * The same on behalf of a caller, who can publish for its own tenant and for no other.
   *
   * <p>Whether it may publish at all is the caller's business: no policy is asked here.
   */
  public Future<Published> publish(Principal publisher, Event event) {
    Optional<TenantId> own = publisher.tenant();
    if (own.isEmpty()) {
      return refuse(event, tenantless());
    }
    if (event.tenant().isPresent() && !event.tenant().equals(own)) {
      return refuse(event, Refusal.of(Code.FOREIGN_TENANT, "the event is of another tenant"));
    }
    EndReason verdict = state.verdict(own.get(), publisher);
    Refusal refusal = EventConnection.refusalOf(verdict);
    return refusal == null ? publish(event) : refuse(event, refusal);
  }

  /**
   * Publishes one event for every tenant that the log knows, each its own copy: the one way in
   * which an event reaches more than one tenant.
   *
   * @param event an event without a tenant
   * @return for how many tenants it was accepted; a failure if the log could not name them
   * @throws IllegalArgumentException if the event has a tenant: it is that tenant's alone
   */
  public Future<Integer> broadcast(Event event) {
    if (event.tenant().isPresent()) {
      throw new IllegalArgumentException("an event with a tenant is that tenant's alone");
    }
    return state
        .log()
        .tenants()
        .compose(
            tenants -> {
              List<Future<Published>> all = new ArrayList<>();
              for (TenantId tenant : tenants) {
                all.add(publish(event.toBuilder().tenant(tenant).build()));
              }
              return Future.join(all).map(done -> all).otherwise(all).map(done -> accepted(done));
            });
  }

  private static int accepted(List<Future<Published>> all) {
    return (int)
        all.stream().filter(each -> each.succeeded() && each.result().isAccepted()).count();
  }

  /**
   * Lets a caller in, or says no: to a principal without a tenant, one whose credential is over or
   * who is switched off, and beyond what the node lets in. The tenant of everything on the
   * connection is the principal's.
   */
  public Admission admit(Principal principal) {
    Optional<TenantId> tenant = principal.tenant();
    if (tenant.isEmpty()) {
      return refuse(principal, Refusal.of(Code.TENANT_REQUIRED, "the credential names no tenant"));
    }
    Refusal refusal = EventConnection.refusalOf(state.verdict(tenant.get(), principal));
    if (refusal != null) {
      return refuse(principal, refusal);
    }
    Occupancy.Caller caller = Occupancy.Caller.of(tenant.get(), principal);
    Optional<Duration> wait = state.pace().askedToWait(caller);
    if (wait.isPresent()) {
      return refuse(principal, Refusal.later(Code.BUSY, "too many connect at once", wait.get()));
    }
    if (!state.connections().take(caller)) {
      return refuse(
          principal,
          Refusal.of(Code.TOO_MANY_CONNECTIONS, "there are as many connections as may be"));
    }
    ContextInternal context = state.vertx().getOrCreateContext();
    EventConnection connection = new EventConnection(state, tenant.get(), principal, context);
    state.lane(tenant.get()).execute(connection::opened);
    return new Admission.Admitted(connection);
  }

  private Admission refuse(Principal principal, Refusal refusal) {
    state.refusedConnection(principal, refusal);
    return new Admission.Refused(refusal);
  }

  /**
   * Ends the connections of these principals on this node: what is queued for them is thrown away.
   * To keep them out as well, engage their kill switch, or have their credentials refused.
   *
   * <p>A principal for which the test throws counts as one of them; that is logged, once a call.
   *
   * @param whose tells them; called on the hub's lanes, on several at once
   */
  public void revoke(Predicate<Principal> whose) {
    Predicate<Principal> tested = failingClosed(whose);
    for (Lane lane : state.lanes()) {
      lane.execute(() -> lane.end(tested, EndReason.CREDENTIALS_REVOKED));
    }
  }

  // One that cannot be told from those to be ended must not stay, nor keep the others open.
  private static Predicate<Principal> failingClosed(Predicate<Principal> whose) {
    AtomicBoolean logged = new AtomicBoolean();
    return principal -> {
      try {
        return whose.test(principal);
      } catch (RuntimeException | Error e) {
        if (!logged.getAndSet(true)) {
          LOG.error("a test of whom to revoke failed; whom it failed for is revoked", e);
        }
        return true;
      }
    };
  }

  /** The topics that this hub has. */
  public TopicCatalogue topics() {
    return state.topics();
  }

  /** The limits that this hub, and the doors before it, keep. */
  public EventLimits limits() {
    return state.limits();
  }

  /** What the hub holds now, and did so far. */
  public EventStats stats() {
    return state.counters().snapshot(state.connections().count(), state.subscriptions().count());
  }

  /** Ends all connections with {@link EndReason#SHUTDOWN}, and lets nobody in any more. */
  public Future<Void> close() {
    state.close();
    state.vertx().cancelTimer(sweeper);
    List<Future<Void>> lanes = new ArrayList<>();
    for (Lane lane : state.lanes()) {
      Promise<Void> over = Promise.promise();
      lane.execute(
          () -> {
            lane.end(anybody -> true, EndReason.SHUTDOWN);
            lane.execute(() -> over.complete());
          });
      lanes.add(over.future());
    }
    return Future.join(lanes).mapEmpty();
  }

  HubState state() {
    return state;
  }

  /** Collects a hub. */
  public static final class Builder {
    final Vertx vertx;
    EventLog log = EventLog.inMemory();
    TopicCatalogue topics = TopicCatalogue.open();
    EventLimits limits = EventLimits.defaults();
    CursorKeys cursors = CursorKeys.random();
    AuditSink audit = AuditSink.none();
    InstantSource clock = InstantSource.system();
    RandomGenerator random = new Random();
    private @Nullable EventPolicy policy;
    private @Nullable KillSwitch switches;
    private int lanes = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private Builder(Vertx vertx) {
      this.vertx = vertx;
    }

    /** Where events are kept; in memory unless told otherwise. */
    public Builder log(EventLog value) {
      this.log = value;
      return this;
    }

    /** Who may subscribe and see; that of the catalogue unless told otherwise. */
    public Builder policy(EventPolicy value) {
      this.policy = value;
      return this;
    }

    /** The topics that there are; with a catalogue no other can be published. */
    public Builder topics(TopicCatalogue value) {
      this.topics = value;
      return this;
    }

    /** How much one may take. */
    public Builder limits(EventLimits value) {
      this.limits = value;
      return this;
    }

    /** The keys of cursors; random unless told otherwise, so that they end with this process. */
    public Builder cursors(CursorKeys value) {
      this.cursors = value;
      return this;
    }

    /** The switches that are asked: principals by id, tenants, topics (as operations). */
    public Builder killSwitch(KillSwitch value) {
      this.switches = value;
      return this;
    }

    /** Where decisions are recorded. */
    public Builder audit(AuditSink value) {
      this.audit = value;
      return this;
    }

    /** The clock of expiry, limits and event times. */
    public Builder clock(InstantSource value) {
      this.clock = value;
      return this;
    }

    /** What spreads retry hints. */
    public Builder random(RandomGenerator value) {
      this.random = value;
      return this;
    }

    /**
     * How many event loops share the tenants; half the processors unless told otherwise.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder lanes(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("a hub has at least one lane");
      }
      this.lanes = value;
      return this;
    }

    EventPolicy requiredPolicy() {
      if (policy != null) {
        return policy;
      }
      if (topics.declarations().isEmpty()) {
        throw new IllegalStateException(
            "a hub needs a policy: give one, or a catalogue of topics whose scopes say who may");
      }
      return topics.policy();
    }

    KillSwitch killSwitch() {
      return switches == null ? KillSwitch.create(clock) : switches;
    }

    /**
     * The hub.
     *
     * @throws IllegalStateException if there is neither a policy nor a catalogue
     */
    public EventHub build() {
      return new EventHub(new HubState(this), lanes);
    }
  }
}
