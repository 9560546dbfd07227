package dev.gatehouse.receiver;

import dev.gatehouse.core.Problems;
import dev.gatehouse.receiver.Deliver.EventBusAddress;
import dev.gatehouse.receiver.Deliver.RedisStream;
import dev.gatehouse.receiver.Deliver.Topic;
import dev.gatehouse.receiver.Deliver.Url;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.time.InstantSource;

/** Makes a sink for each kind of place; the classes of a kind are loaded when one is made. */
final class Sinks {
  private static final int MAX_CONNECTIONS = 1024;

  private final Vertx vertx;
  private final boolean embedded;
  private final InstantSource clock;
  private final Destination.Resolver resolver;
  private final HttpClient client;

  /**
   * The sinks of a receiver.
   *
   * @param embedded whether the Vert.x is somebody's who may listen on its event bus
   */
  Sinks(Vertx vertx, boolean embedded, InstantSource clock, Destination.Resolver resolver) {
    this.vertx = vertx;
    this.embedded = embedded;
    this.clock = clock;
    this.resolver = resolver;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setDecompressionSupported(false)
                .setKeepAliveTimeout(30)
                .setIdleTimeout(600),
            new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS).setMaxWaitQueueSize(-1));
  }

  /**
   * Whether a sink can be made.
   *
   * @throws IllegalArgumentException if not; the message says why
   */
  void check(Source source, Deliver deliver) {
    Problems problems = new Problems();
    if (!embedded) {
      checkAlone(source, deliver, problems);
    }
    problems.throwIfAny();
    headers(source, deliver);
  }

  /** What a receiver with a Vert.x of its own cannot deliver to. */
  static void checkAlone(Source source, Deliver deliver, Problems problems) {
    if (deliver.target() instanceof EventBusAddress) {
      problems.add(
          "sources." + source.name() + ".deliver.eventBus",
          "needs a receiver within your own Vert.x, whose event bus somebody consumes: use to, kafka"
              + " or redis here");
    }
  }

  private DeliveryHeaders headers(Source source, Deliver deliver) {
    boolean http = deliver.target() instanceof Url;
    String url = http ? ((Url) deliver.target()).to().toString() : deliver.target().place();
    return new DeliveryHeaders(source.name(), deliver, url, clock);
  }

  /**
   * The sink of a source that delivers.
   *
   * @throws IllegalArgumentException if the secret to sign with is refused
   */
  Sink of(Source source, Deliver deliver) {
    Deliver.Target target = deliver.target();
    DeliveryHeaders headers = headers(source, deliver);
    if (target instanceof Url http) {
      Destination destination = new Destination(http.to(), http.allowPrivate());
      return new HttpSink(vertx, client, resolver, clock, deliver.timeout(), destination, headers);
    }
    if (target instanceof Topic topic) {
      return new KafkaSink(vertx, source.name(), topic, deliver.timeout(), headers);
    }
    if (target instanceof RedisStream stream) {
      return new RedisSink(vertx, stream, deliver.timeout(), headers);
    }
    EventBusAddress bus = (EventBusAddress) target;
    return new EventBusSink(vertx, bus.address(), deliver.timeout(), headers);
  }

  Future<Void> close() {
    return client.close().eventually(resolver::close);
  }
}
