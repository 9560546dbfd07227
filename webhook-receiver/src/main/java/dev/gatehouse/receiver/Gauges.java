package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Inbox.Backlog;
import dev.gatehouse.receiver.RoutingTable.Route;
import dev.gatehouse.webhook.BodyBudget;
import dev.gatehouse.webhook.WebhookVerifier.KeyStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is looked up when somebody asks for the metrics: backlogs, circuits, keys, memory and files.
 * Tags are sources, keys and states, all of them configured or of a closed set.
 *
 * <p>A store that does not answer in two seconds delays nobody: its last numbers stand.
 */
final class Gauges {
  private static final long PATIENCE_SECONDS = 2;

  private final Inbox inbox;
  private final Sources sources;
  private final Dispatcher dispatcher;
  private final InstantSource clock;
  private final MultiGauge deliveries;
  private final MultiGauge oldest;
  private final MultiGauge circuits;
  private final MultiGauge keys;
  private @Nullable Future<Void> underWay;

  Gauges(
      MeterRegistry registry,
      Inbox inbox,
      Sources sources,
      Dispatcher dispatcher,
      InstantSource clock) {
    this.inbox = inbox;
    this.sources = sources;
    this.dispatcher = dispatcher;
    this.clock = clock;
    this.deliveries =
        MultiGauge.builder("gatehouse_deliveries")
            .description("Deliveries that are not delivered, by state; counted up to 100,000")
            .register(registry);
    this.oldest =
        MultiGauge.builder("gatehouse_backlog_oldest_seconds")
            .description("The age of the oldest delivery that has not ended; 0 if all have")
            .register(registry);
    this.circuits =
        MultiGauge.builder("gatehouse_circuit_state")
            .description("The circuit of a source's destination: 0 closed, 1 half-open, 2 open")
            .register(registry);
    this.keys =
        MultiGauge.builder("gatehouse_key_last_used_timestamp_seconds")
            .description("When a key last verified a request; 0 if it has not since the start")
            .register(registry);
    Gauge.builder("gatehouse_bodies_in_flight_bytes", sources.budget(), BodyBudget::inFlight)
        .description("Bytes of bodies that are in memory now")
        .register(registry);
    Gauge.builder("gatehouse_bodies_budget_bytes", sources.budget(), BodyBudget::capacity)
        .description("How many there may be")
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /** Shows how large the database's files are. */
  static void watchFile(MeterRegistry registry, Path database) {
    Gauge.builder("gatehouse_store_bytes", database, Gauges::size)
        .description("The size of the database with its log")
        .register(registry);
  }

  private static double size(Path database) {
    double bytes = 0;
    for (String suffix : List.of("", "-wal")) {
      try {
        bytes += Files.size(Path.of(database + suffix));
      } catch (IOException absent) {
        // a log that is empty may not be there
      }
    }
    return bytes;
  }

  /** Looks again; ends when everything is up to date, or was waited for long enough. */
  synchronized Future<Void> refresh() {
    if (underWay == null || underWay.isComplete()) {
      refreshOwn();
      underWay =
          inbox
              .backlog()
              .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .onSuccess(this::show)
              .<Void>mapEmpty()
              .otherwiseEmpty();
    }
    return underWay;
  }

  private void refreshOwn() {
    List<Row<?>> states = new ArrayList<>();
    dispatcher
        .circuits()
        .forEach((source, state) -> states.add(Row.of(Tags.of("source", source), state.value())));
    circuits.register(states, true);
    List<Row<?>> used = new ArrayList<>();
    for (Route route : sources.routes()) {
      for (KeyStatus key : route.verifier().keyStatus()) {
        long at = route.keyUse().lastUsed(key.id()).map(i -> i.getEpochSecond()).orElse(0L);
        used.add(Row.of(Tags.of("source", route.source().name(), "key", key.id()), at));
      }
    }
    keys.register(used, true);
  }

  private void show(Map<String, Backlog> backlogs) {
    List<Row<?>> counts = new ArrayList<>();
    List<Row<?>> ages = new ArrayList<>();
    for (Route route : sources.routes()) {
      String source = route.source().name();
      Backlog backlog = backlogs.getOrDefault(source, new Backlog(Map.of(), null));
      for (DeliveryState state : DeliveryState.values()) {
        if (state != DeliveryState.DELIVERED) {
          long count = backlog.counts().getOrDefault(state, 0L);
          counts.add(Row.of(Tags.of("source", source, "state", state.text()), count));
        }
      }
      ages.add(Row.of(Tags.of("source", source), age(backlog)));
    }
    deliveries.register(counts, true);
    oldest.register(ages, true);
  }

  private double age(Backlog backlog) {
    return backlog.oldestOpen() == null
        ? 0
        : Math.max(0, Duration.between(backlog.oldestOpen(), clock.instant()).toMillis() / 1e3);
  }
}
