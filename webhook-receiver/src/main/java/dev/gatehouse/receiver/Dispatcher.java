package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Source;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Delivers what is due: one {@link Lane} for each source that has a destination, one {@link Gate}
 * for each destination, which all its sources share.
 *
 * <p>It is woken by the inbox when something was stored, by its own timers when a retry is due, and
 * by itself when a place is free; it never polls.
 */
final class Dispatcher {
  private final Vertx vertx;
  private final Context context;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Lane.Surroundings around;
  private final Sinks sinks;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();
  private final Map<String, Gate> gateOfSource = new ConcurrentHashMap<>();
  // of sources that no longer are, until their last attempts have ended
  private final Set<Lane> retired = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  Dispatcher(
      Vertx vertx,
      Inbox inbox,
      InstantSource clock,
      RandomGenerator random,
      Sinks sinks,
      Metrics metrics) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.clock = clock;
    this.random = random;
    this.around = new Lane.Surroundings(vertx, context, inbox, clock, random, metrics);
    this.sinks = sinks;
    inbox.onDue(this::wake);
  }

  /**
   * Makes what delivering for these sources takes; nothing changes yet.
   *
   * @throws IllegalArgumentException if they cannot be delivered for; the message says why
   */
  Prepared prepare(List<Source> sources) {
    for (Source source : sources) {
      deliver(source).ifPresent(deliver -> sinks.check(source, deliver));
    }
    Prepared prepared = new Prepared(sources);
    try {
      sources.forEach(prepared::make);
      return prepared;
    } catch (RuntimeException | Error e) {
      prepared.discard();
      throw e;
    }
  }

  /** Sinks and limits of sources that are not delivered for yet. */
  final class Prepared {
    private final List<Source> sources;
    private final Map<String, Sink> made = new HashMap<>();
    private final Map<String, Gate.Limits> limits = new HashMap<>();

    private Prepared(List<Source> sources) {
      this.sources = sources;
    }

    private void make(Source source) {
      deliver(source)
          .ifPresent(
              deliver -> {
                made.put(source.name(), sinks.of(source, deliver));
                limits.merge(deliver.target().place(), limits(deliver), Gate.Limits::and);
              });
    }

    /**
     * Delivers for these sources from now on; what is under way for others ends. After a stop it
     * only lets go of what was made.
     */
    void serve() {
      if (stopping) {
        discard();
        return;
      }
      limits.forEach(Dispatcher.this::useLimits);
      gates.keySet().retainAll(limits.keySet());
      retireOthers(made);
      for (Source source : sources) {
        deliver(source)
            .ifPresent(
                deliver -> {
                  around.metrics().expectAttempts(source.name());
                  use(source.name(), deliver, made);
                });
      }
      if (stopping) { // since, and these lanes were not there yet perhaps
        allLanes().forEach(Lane::retire);
      }
    }

    /** Lets go of what was made. */
    Future<Void> discard() {
      return Future.join(made.values().stream().map(Sink::close).toList()).mapEmpty();
    }
  }

  /** Where its deliveries go, if they go anywhere now. */
  static Optional<Deliver> deliver(Source source) {
    return source.deliver().filter(deliver -> source.enabled());
  }

  private static Gate.Limits limits(Deliver deliver) {
    return new Gate.Limits(deliver.concurrency(), deliver.rate(), deliver.circuit());
  }

  private void useLimits(String target, Gate.Limits limits) {
    Gate known = gates.get(target);
    if (known == null) {
      gates.put(target, new Gate(limits, clock, random));
    } else {
      context.runOnContext(now -> known.use(limits));
    }
  }

  private void retireOthers(Map<String, Sink> made) {
    gateOfSource.keySet().retainAll(made.keySet());
    lanes.forEach(
        (name, lane) -> {
          if (!made.containsKey(name)) {
            retired.add(lane);
            lanes.remove(name);
            lane.retire().onComplete(ended -> retired.remove(lane));
          }
        });
  }

  private void use(String source, Deliver deliver, Map<String, Sink> made) {
    Gate gate = Objects.requireNonNull(gates.get(deliver.target().place()));
    gateOfSource.put(source, gate);
    lanes
        .computeIfAbsent(source, name -> new Lane(name, around))
        .use(Objects.requireNonNull(made.get(source)), deliver, gate);
  }

  private void wake(String source) {
    Lane lane = lanes.get(source);
    if (lane != null && !stopping) {
      lane.wake();
    }
  }

  /** How many attempts are under way. */
  int inFlight() {
    return allLanes().mapToInt(Lane::inFlight).sum();
  }

  private Stream<Lane> allLanes() {
    return Stream.concat(lanes.values().stream(), retired.stream());
  }

  /** How the circuit of each source's destination stands. */
  Map<String, Circuit.State> circuits() {
    Map<String, Circuit.State> states = new HashMap<>();
    gateOfSource.forEach((source, gate) -> states.put(source, gate.circuitState()));
    return states;
  }

  /**
   * Begins nothing new and waits for what is under way, but not longer than that; what is not done
   * then is tried again after the next start.
   */
  Future<Void> stop(Duration bound) {
    stopping = true;
    List<Future<?>> ends = new ArrayList<>();
    allLanes().forEach(lane -> ends.add(lane.retire()));
    Promise<Void> stopped = Promise.promise();
    long timer = vertx.setTimer(Math.max(1, bound.toMillis()), late -> stopped.tryComplete());
    Future.join(ends).onComplete(done -> stopped.tryComplete());
    return stopped.future().onComplete(done -> vertx.cancelTimer(timer)).eventually(sinks::close);
  }
}
