package dev.gatehouse.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.TenantId;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A hub in memory with a clock, switches, an audit and a policy that tests can reach. */
abstract class HubTest {
  protected final MovableClock clock = new MovableClock();
  protected final KillSwitch killSwitch = KillSwitch.create(clock);
  protected final AuditSink.InMemory audit = AuditSink.inMemory(10_000);
  protected final RulesPolicy policy = new RulesPolicy();
  protected final CursorKeys cursors = CursorKeys.random();
  protected final MemoryEventLog log = MemoryEventLog.create(logOptions(), clock);
  protected final Vertx vertx = Vertx.vertx();
  protected EventHub hub;

  @BeforeEach
  void openHub() {
    hub = settings().build();
  }

  @AfterEach
  void closeHub() {
    Await.get(hub.close());
    Await.get(vertx.close());
  }

  protected MemoryLogOptions logOptions() {
    return new MemoryLogOptions();
  }

  protected EventHub.Builder settings() {
    return EventHub.builder(vertx)
        .log(log)
        .policy(policy)
        .killSwitch(killSwitch)
        .audit(audit)
        .clock(clock)
        .cursors(cursors)
        .limits(limits().build());
  }

  protected EventLimits.Builder limits() {
    return EventLimits.builder();
  }

  protected void publish(TenantId tenant, String topic, String id) {
    publish(Event.builder(topic).tenant(tenant).id(id).build());
  }

  protected void publish(TenantId tenant, String topic, String id, JsonObject data) {
    publish(Event.builder(topic).tenant(tenant).id(id).data(EventData.json(data)).build());
  }

  protected void publish(Event event) {
    assertThat(Await.get(hub.publish(event))).isEqualTo(new Published.Accepted());
  }

  protected Refusal.Code refused(Event event) {
    Published published = Await.get(hub.publish(event));
    assertThat(published).isInstanceOf(Published.Refused.class);
    return ((Published.Refused) published).refusal().code();
  }

  protected Refusal.Code refused(dev.gatehouse.core.Principal principal) {
    Admission admission = hub.admit(principal);
    assertThat(admission).isInstanceOf(Admission.Refused.class);
    return ((Admission.Refused) admission).refusal().code();
  }

  /** Waits until the tenant's lane has done all that it was given. */
  protected void settle(TenantId tenant) {
    Await.lane(hub, tenant);
  }

  protected long count(Count what) {
    return hub.stats().count(what);
  }
}
