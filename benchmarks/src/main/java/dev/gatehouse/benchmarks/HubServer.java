package dev.gatehouse.benchmarks;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.Event;
import dev.gatehouse.events.EventHub;
import dev.gatehouse.events.EventLimits;
import dev.gatehouse.events.EventPolicy;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;

/** A server before a hub: everything but its door. */
abstract class HubServer implements FanoutServer {
  private static final TenantId TENANT = TenantId.of("acme");

  /** Lets so many in, and more. */
  static final Rate PLENTY = Rate.perSecond(MANY, MANY);

  final KillSwitch switches = KillSwitch.create(InstantSource.system());
  final EventHub hub;
  private final AtomicInteger callers = new AtomicInteger();
  private int next;

  HubServer(EventHub.Builder begun) {
    hub =
        begun
            .policy(EventPolicy.everyoneOfTheTenant())
            .killSwitch(switches)
            .limits(
                EventLimits.builder()
                    .connections(MANY, MANY, MANY)
                    .subscriptions(MANY, MANY, MANY)
                    .admissions(PLENTY)
                    .operations(PLENTY)
                    .build())
            .build();
  }

  /** Somebody new of the one tenant. */
  final Principal caller() {
    String id = "caller-" + callers.incrementAndGet();
    return Principal.vouchedBy("benchmark", Principal.Kind.USER, id).tenant(TENANT).build();
  }

  @Override
  public final void publish(int count, int bytes) {
    for (int i = 0; i < count; i++) {
      hub.publish(Event.of(TENANT, TOPIC, FanoutServer.data(next++, bytes)));
    }
  }

  @Override
  public final void revoke() {
    switches.engage(KillSwitch.Kind.TENANT, TENANT.value(), "benchmark");
  }
}
