package dev.gatehouse.events;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToLongFunction;

/**
 * Shows a hub's counts to Micrometer. Tags are from closed sets: no tenant, principal or topic
 * becomes one.
 *
 * <p>Micrometer is an optional dependency; nothing else here needs it.
 */
public final class EventMetrics implements MeterBinder {
  private final EventHub hub;

  private EventMetrics(EventHub hub) {
    this.hub = hub;
  }

  /** The metrics of that hub. */
  public static EventMetrics of(EventHub hub) {
    return new EventMetrics(hub);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("gatehouse_event_connections", hub, it -> it.stats().connections())
        .description("Connections that are open")
        .register(registry);
    Gauge.builder("gatehouse_event_subscriptions", hub, it -> it.stats().subscriptions())
        .description("Subscriptions that are open")
        .register(registry);
    for (Count count : Count.values()) {
      counter("gatehouse_events", "outcome", count.code(), stats -> stats.count(count))
          .description("What happened to events, by outcome")
          .register(registry);
    }
    for (EndReason reason : EndReason.values()) {
      counter(
              "gatehouse_event_ends",
              "reason",
              reason.code(),
              stats -> stats.ended().getOrDefault(reason, 0L))
          .description("Subscriptions that ended, by reason")
          .register(registry);
    }
    for (Refusal.Code code : Refusal.Code.values()) {
      refusals("publication", code, stats -> stats.refusedPublications().getOrDefault(code, 0L))
          .register(registry);
      refusals("subscription", code, stats -> stats.refusedSubscriptions().getOrDefault(code, 0L))
          .register(registry);
      refusals("connection", code, stats -> stats.refusedConnections().getOrDefault(code, 0L))
          .register(registry);
    }
  }

  private FunctionCounter.Builder<EventHub> refusals(
      String what, Refusal.Code code, ToLongFunction<EventStats> value) {
    return counter("gatehouse_event_refusals", "reason", code.code(), value)
        .tag("what", what)
        .description("What was refused, by what it was and why");
  }

  private FunctionCounter.Builder<EventHub> counter(
      String name, String tag, String value, ToLongFunction<EventStats> count) {
    return FunctionCounter.builder(name, hub, it -> count.applyAsLong(it.stats())).tag(tag, value);
  }
}
