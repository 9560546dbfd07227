package dev.gatehouse.graphql.http;

import graphql.language.OperationDefinition.Operation;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts and times operations in Micrometer, with tags that no caller can make more of: no name of
 * an operation, no caller, no tenant.
 *
 * <ul>
 *   <li>{@code gatehouse.graphql.operations} (timer): {@code transport}, {@code kind} ({@code
 *       query}, {@code mutation}, {@code subscription}, {@code unknown}), {@code outcome} as {@link
 *       OperationObserver.Answered#outcome};
 *   <li>{@code gatehouse.graphql.connections} (gauge): open sockets and event streams, {@code
 *       transport};
 *   <li>{@code gatehouse.graphql.events} (counter): events of subscriptions that were sent, {@code
 *       transport}.
 * </ul>
 */
public final class MicrometerObserver implements OperationObserver {
  private final MeterRegistry registry;
  private final Map<Transport, AtomicInteger> open = new EnumMap<>(Transport.class);
  private final Map<Transport, Counter> events = new EnumMap<>(Transport.class);

  private MicrometerObserver(MeterRegistry registry) {
    this.registry = registry;
    for (Transport transport : new Transport[] {Transport.WEBSOCKET, Transport.SSE}) {
      AtomicInteger connections = new AtomicInteger();
      open.put(transport, connections);
      Gauge.builder("gatehouse.graphql.connections", connections, AtomicInteger::get)
          .tag("transport", name(transport))
          .description("Open sockets and event streams")
          .register(registry);
      events.put(
          transport,
          Counter.builder("gatehouse.graphql.events")
              .tag("transport", name(transport))
              .description("Events of subscriptions that were sent")
              .register(registry));
    }
  }

  /** An observer that writes to the registry. */
  public static MicrometerObserver create(MeterRegistry registry) {
    return new MicrometerObserver(registry);
  }

  @Override
  public void answered(Answered operation) {
    Timer.builder("gatehouse.graphql.operations")
        .tag("transport", name(operation.transport()))
        .tag("kind", operation.kind().map(MicrometerObserver::name).orElse("unknown"))
        .tag("outcome", operation.outcome())
        .description("Operations and how they ended")
        .register(registry)
        .record(operation.took());
  }

  @Override
  public void connections(Transport transport, int change) {
    AtomicInteger connections = open.get(transport);
    if (connections != null) {
      connections.addAndGet(change);
    }
  }

  @Override
  public void eventSent(Transport transport) {
    Counter counter = events.get(transport);
    if (counter != null) {
      counter.increment();
    }
  }

  private static String name(Transport transport) {
    return transport.name().toLowerCase(Locale.ROOT);
  }

  private static String name(Operation kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
