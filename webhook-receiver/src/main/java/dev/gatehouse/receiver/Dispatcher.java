package dev.gatehouse.receiver;

import dev.gatehouse.receiver.ReceiverConfig.Source;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Delivers what is due: one {@link Lane} for each source that has a destination.
 *
 * <p>It is woken by the inbox when something was stored, by its own timers when a retry is due, and
 * by itself when a slot is free; it never polls.
 */
final class Dispatcher {
  private static final int MAX_CONNECTIONS = 1024;

  private final Vertx vertx;
  private final Context context;
  private final Inbox inbox;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Destination.Resolver resolver;
  private final Metrics metrics;
  private final HttpClient client;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  Dispatcher(
      Vertx vertx,
      Inbox inbox,
      InstantSource clock,
      RandomGenerator random,
      Destination.Resolver resolver,
      Metrics metrics) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.inbox = inbox;
    this.clock = clock;
    this.random = random;
    this.resolver = resolver;
    this.metrics = metrics;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setDecompressionSupported(false)
                .setKeepAliveTimeout(30)
                .setIdleTimeout(600),
            new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS).setMaxWaitQueueSize(-1));
    inbox.onDue(this::wake);
  }

  /** Looks names up with the system's resolver, on threads that may block. */
  static Destination.Resolver systemResolver(Vertx vertx) {
    return name -> vertx.executeBlocking(() -> List.of(InetAddress.getAllByName(name)), false);
  }

  /**
   * Delivers for these sources from now on; what is under way for others ends.
   *
   * @throws IllegalArgumentException if a secret to sign with is refused; nothing changes then
   */
  void serve(List<Source> sources) {
    Map<String, HttpSink> sinks = new HashMap<>();
    for (Source source : sources) {
      source
          .deliver()
          .filter(deliver -> source.enabled())
          .ifPresent(
              deliver ->
                  sinks.put(
                      source.name(),
                      new HttpSink(vertx, client, resolver, clock, source.name(), deliver)));
    }
    lanes.forEach(
        (name, lane) -> {
          if (!sinks.containsKey(name)) {
            lanes.remove(name);
            lane.retire();
          }
        });
    for (Source source : sources) {
      HttpSink sink = sinks.get(source.name());
      source
          .deliver()
          .filter(deliver -> sink != null)
          .ifPresent(
              deliver ->
                  lanes
                      .computeIfAbsent(
                          source.name(),
                          name -> new Lane(name, vertx, context, inbox, clock, random, metrics))
                      .use(java.util.Objects.requireNonNull(sink), deliver));
    }
  }

  private void wake(String source) {
    Lane lane = lanes.get(source);
    if (lane != null && !stopping) {
      lane.wake();
    }
  }

  /** How many attempts are under way. */
  int inFlight() {
    return lanes.values().stream().mapToInt(Lane::inFlight).sum();
  }

  /**
   * Begins nothing new and waits for what is under way, but not longer than that; what is not done
   * then is tried again after the next start.
   */
  Future<Void> stop(Duration bound) {
    stopping = true;
    List<Future<?>> ends = new ArrayList<>();
    lanes.values().forEach(lane -> ends.add(lane.retire()));
    Promise<Void> stopped = Promise.promise();
    long timer = vertx.setTimer(Math.max(1, bound.toMillis()), late -> stopped.tryComplete());
    Future.join(ends).onComplete(done -> stopped.tryComplete());
    return stopped.future().onComplete(done -> vertx.cancelTimer(timer)).eventually(client::close);
  }
}
