package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Inbox.Ending;
import dev.gatehouse.webhook.WebhookObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * What is counted. Tags are source, outcome and reason, all of them from closed sets: nothing that
 * a request holds becomes a tag.
 */
final class Metrics {
  private static final String DELIVERED = "delivered";
  private static final String RETRY = "retry";
  private static final String DEAD = "dead";

  private record Key(String source, String outcome, String reason) {}

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<Key, Counter> webhooks = new ConcurrentHashMap<>();
  private final Map<Key, Counter> attempts = new ConcurrentHashMap<>();
  private final Map<String, Timer> acks = new ConcurrentHashMap<>();
  private final Map<String, Timer> attemptTimes = new ConcurrentHashMap<>();
  private final Counter reloads =
      Counter.builder("gatehouse_config_reloads")
          .description("Configurations that took effect after the start")
          .register(registry);
  private final Counter reloadFailures =
      Counter.builder("gatehouse_config_reload_failures")
          .description("Configurations that were refused after the start")
          .register(registry);

  /** Counts a request that ended. */
  void webhook(String source, String outcome, String reason) {
    webhooks
        .computeIfAbsent(
            new Key(source, outcome, reason),
            key ->
                Counter.builder("gatehouse_webhooks")
                    .description("Requests to the hooks, by how they ended")
                    .tag("source", source)
                    .tag("outcome", outcome)
                    .tag("reason", reason)
                    .register(registry))
        .increment();
  }

  /** Counts what the handler knows; what reached the inbox is counted there, where it is known. */
  void ended(WebhookObserver.Ended request) {
    if (request.status() >= 200 && request.status() <= 299) {
      acks.computeIfAbsent(request.source(), this::ackTimer).record(request.duration());
    }
    switch (request.outcome()) {
      case ACCEPTED, OBSERVED -> {}
      case FAILED -> {
        if (request.reason().equals("handler_timeout")) {
          webhook(request.source(), "unavailable", "store_slow");
        }
      }
      default ->
          webhook(
              request.source(),
              dev.gatehouse.core.StrictJson.nameOf(request.outcome()).replace('-', '_'),
              request.reason());
    }
  }

  private Timer ackTimer(String source) {
    return Timer.builder("gatehouse_ack")
        .description("From a request's head to its 2xx: verified, and on the disk")
        .tag("source", source)
        .serviceLevelObjectives(millis(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000))
        .register(registry);
  }

  /** An attempt had its answer, or none in time. */
  void attemptTook(String source, long nanos) {
    attemptTimes
        .computeIfAbsent(
            source,
            name ->
                Timer.builder("gatehouse_delivery_attempt")
                    .description("From the begin of an attempt to its answer, or its giving up")
                    .tag("source", name)
                    .serviceLevelObjectives(
                        millis(5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 15_000, 60_000))
                    .register(registry))
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private static Duration[] millis(long... all) {
    return Arrays.stream(all).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }

  /**
   * Counts this source's attempts from nothing on: an alert on the increase of a counter does not
   * see what a counter begins with, and so not the first dead letter.
   */
  void expectAttempts(String source) {
    for (String outcome : List.of(DELIVERED, RETRY, DEAD)) {
      attempts(source, outcome);
    }
  }

  void attempted(String source, Ending ending) {
    String outcome =
        ending instanceof Ending.Done ? DELIVERED : ending instanceof Ending.Retry ? RETRY : DEAD;
    attempts(source, outcome).increment();
  }

  private Counter attempts(String source, String outcome) {
    return attempts.computeIfAbsent(
        new Key(source, outcome, ""),
        key ->
            Counter.builder("gatehouse_delivery_attempts")
                .description("Attempts to deliver, by how they ended")
                .tag("source", source)
                .tag("outcome", outcome)
                .register(registry));
  }

  void reloaded() {
    reloads.increment();
  }

  void reloadFailed() {
    reloadFailures.increment();
  }

  /** Shows what the inbox's writer does. */
  void watch(InboxWriter writer) {
    count("gatehouse_inbox_commits", "Transactions committed", writer, InboxWriter::commits);
    count("gatehouse_inbox_writes", "Pieces of work in them", writer, InboxWriter::written);
    Gauge.builder("gatehouse_inbox_queue", writer, InboxWriter::queued)
        .description("Pieces of work that wait to be written")
        .register(registry);
  }

  void watch(Dispatcher dispatcher) {
    Gauge.builder("gatehouse_deliveries_in_flight", dispatcher, Dispatcher::inFlight)
        .description("Attempts under way")
        .register(registry);
  }

  private <T> void count(String name, String what, T of, ToDoubleFunction<T> value) {
    FunctionCounter.builder(name, of, value).description(what).register(registry);
  }

  /** How the requests of a source ended so far, by outcome. */
  Map<String, Long> outcomes(String source) {
    Map<String, Long> outcomes = new TreeMap<>();
    webhooks.forEach(
        (key, counter) -> {
          if (key.source().equals(source)) {
            outcomes.merge(key.outcome(), (long) counter.count(), Long::sum);
          }
        });
    return outcomes;
  }

  /** Where more is registered. */
  MeterRegistry registry() {
    return registry;
  }

  /** Everything, as Prometheus reads it. */
  String scrape() {
    return registry.scrape();
  }
}
