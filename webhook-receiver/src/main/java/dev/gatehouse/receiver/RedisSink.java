package dev.gatehouse.receiver;

import dev.gatehouse.receiver.Deliver.RedisStream;
import dev.gatehouse.redis.SilenceWatch;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisReadOnlyException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Adds deliveries of one source to a stream of Redis: each header is a field of the entry, the body
 * is the one field {@code body}. The stream keeps about as many entries as is configured, whoever
 * has read them; how durable they are is Redis' setting.
 *
 * <p>The client is loaded and connects with the first delivery; commands that wait are bounded.
 */
final class RedisSink implements Sink {
  private static final int MAX_WAITING = 2048;
  private static final int SILENT_ATTEMPTS = 2;
  private static final String BODY = "body";

  private final Vertx vertx;
  private final RedisStream target;
  private final Duration timeout;
  private final DeliveryHeaders headers;
  private final byte[] stream;
  private final Function<Duration, ClientResources> makeResources;
  // held while the client is made, which takes long: by workers only
  private final Object making = new Object();
  private @Nullable ClientResources resources;
  private @Nullable RedisClient client;
  private @Nullable Future<StatefulRedisConnection<byte[], byte[]>> connection;
  private volatile boolean closed;

  RedisSink(Vertx vertx, RedisStream target, Duration timeout, DeliveryHeaders headers) {
    this(vertx, target, timeout, headers, RedisSink::resources);
  }

  RedisSink(
      Vertx vertx,
      RedisStream target,
      Duration timeout,
      DeliveryHeaders headers,
      Function<Duration, ClientResources> makeResources) {
    this.makeResources = makeResources;
    this.vertx = vertx;
    this.target = target;
    this.timeout = timeout;
    this.headers = headers;
    this.stream = target.stream().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Future<Answer> post(Leased delivery) {
    Object[] entry;
    try {
      entry = entry(delivery);
    } catch (IllegalArgumentException e) {
      return Future.succeededFuture(new Answer.Never("the delivery could not be signed"));
    }
    Promise<Answer> answer = Promise.promise();
    long timer =
        vertx.setTimer(
            timeout.toMillis(),
            late ->
                answer.tryComplete(
                    new Answer.None("Redis has not taken it within " + Durations.format(timeout))));
    connected()
        .compose(redis -> add(redis, entry))
        .onComplete(
            id -> answer.tryComplete(new Answer.Taken()),
            failure -> answer.tryComplete(answer(failure)));
    return answer.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  /** Names and values by turns. */
  private Object[] entry(Leased delivery) {
    MultiMap all = MultiMap.caseInsensitiveMultiMap();
    headers.addTo(all, delivery);
    List<byte[]> entry = new ArrayList<>();
    for (String name : all.names()) {
      if (name.equalsIgnoreCase(BODY)) {
        continue; // a header of the sender's, which nobody verified
      }
      String value = String.join(", ", all.getAll(name));
      entry.add(name.getBytes(StandardCharsets.UTF_8));
      entry.add(value.getBytes(StandardCharsets.UTF_8));
    }
    entry.add(BODY.getBytes(StandardCharsets.UTF_8));
    entry.add(delivery.body());
    return entry.toArray();
  }

  private Future<String> add(StatefulRedisConnection<byte[], byte[]> redis, Object[] entry) {
    XAddArgs bound = XAddArgs.Builder.maxlen(target.maxLength()).approximateTrimming();
    return Future.fromCompletionStage(
            redis.async().xadd(stream, bound, entry), vertx.getOrCreateContext())
        .recover(failure -> leftIfReplica(redis, failure));
  }

  // Whoever was demoted keeps its connections; what took over stands at the address now or soon.
  private Future<String> leftIfReplica(
      StatefulRedisConnection<byte[], byte[]> redis, Throwable failure) {
    if (failure instanceof RedisReadOnlyException) {
      return Future.fromCompletionStage(redis.async().quit(), vertx.getOrCreateContext())
          .transform(left -> Future.failedFuture(failure));
    }
    return Future.failedFuture(failure);
  }

  private synchronized Future<StatefulRedisConnection<byte[], byte[]>> connected() {
    if (closed) {
      return Future.failedFuture(new RedisConnectionException("closed"));
    }
    if (connection == null || connection.failed()) {
      // making a client loads its classes and starts its threads: nothing for an event loop
      connection =
          vertx
              .executeBlocking(this::connect, false)
              .compose(made -> Future.fromCompletionStage(made, vertx.getOrCreateContext()));
    }
    return connection;
  }

  private CompletionStage<StatefulRedisConnection<byte[], byte[]>> connect() {
    RedisURI uri = RedisURI.create(target.url().revealText());
    uri.setTimeout(timeout);
    return client().connectAsync(ByteArrayCodec.INSTANCE, uri);
  }

  private RedisClient client() {
    synchronized (making) {
      if (closed) {
        throw new RedisConnectionException("closed");
      }
      if (client == null) {
        // its attempts failed by then: the next ones take a new connection
        resources = makeResources.apply(timeout.multipliedBy(SILENT_ATTEMPTS));
        client = RedisClient.create(resources);
        client.setOptions(options());
      }
      return client;
    }
  }

  private static ClientResources resources(Duration patience) {
    return ClientResources.builder().nettyCustomizer(SilenceWatch.over(patience)).build();
  }

  private ClientOptions options() {
    return ClientOptions.builder()
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .requestQueueSize(MAX_WAITING)
        // its attempt has ended: sent again, the entry would stand there once more
        .replayFilter(command -> true)
        .timeoutOptions(TimeoutOptions.enabled(timeout))
        .socketOptions(SocketOptions.builder().connectTimeout(timeout).build())
        .build();
  }

  private static Answer answer(Throwable failure) {
    if (failure instanceof RedisCommandExecutionException) {
      return new Answer.None("Redis refused the entry");
    }
    if (failure instanceof RedisConnectionException) {
      return new Answer.None("Redis takes no connection");
    }
    return new Answer.None("Redis has not taken it (" + failure.getClass().getSimpleName() + ")");
  }

  @Override
  public Future<Void> close() {
    closed = true;
    return vertx.executeBlocking(this::shutDown, false).compose(ended -> ended);
  }

  private Future<Void> shutDown() {
    synchronized (making) {
      ClientResources held = resources;
      if (client == null || held == null) {
        return Future.succeededFuture();
      }
      return Future.fromCompletionStage(client.shutdownAsync(0, 2, TimeUnit.SECONDS))
          .transform(done -> ended(held));
    }
  }

  private static Future<Void> ended(ClientResources resources) {
    Promise<Void> ended = Promise.promise();
    resources.shutdown(0, 2, TimeUnit.SECONDS).addListener(done -> ended.complete());
    return ended.future();
  }
}
