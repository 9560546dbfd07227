package dev.gatehouse.redis;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.RateLimiter.Rate;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * The state that several nodes share, in one Redis; what Redis cannot answer fails, within a bound.
 *
 * <pre>{@code
 * RedisStore.builder(vertx, "redis://redis.internal:6379")
 *     .connect()
 *     .onSuccess(store -> mount(WebhookHandler.create(github, store.claims().build())));
 * }</pre>
 *
 * <h2>When Redis is away</h2>
 *
 * Commands fail at once while there is no connection, and within the command timeout while there is
 * one that does not answer. Nothing is kept to be sent later, and nothing that was sent is sent a
 * second time. The connection comes back by itself, at most {@link #MAX_RECONNECT_PAUSE} after
 * Redis does; one that has gone silent is given up after three command timeouts, and one to a Redis
 * that has become a replica within about a second, so that the address leads to what took over.
 *
 * <h2>What Redis must be</h2>
 *
 * Redis 6.2 or later with {@code maxmemory-policy noeviction}: with any other, Redis makes room by
 * forgetting claims, and what was forgotten runs again; such a server is refused. What survives a
 * crash of Redis is what it had written: {@code appendonly yes} with {@code appendfsync always}
 * loses nothing, {@code everysec} about a second. A replica that takes over may not have heard of
 * the last claims.
 */
public final class RedisStore {
  /** The longest pause before connecting again is tried. */
  public static final Duration MAX_RECONNECT_PAUSE = Duration.ofMillis(500);

  /** The longest that a connection or a command may be waited for. */
  public static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

  private static final int SILENT_COMMANDS = 3;

  private final Vertx vertx;
  private final RedisClient client;
  private final ClientResources resources;
  private final String prefix;
  private final RedisLink link;
  private final StatefulRedisPubSubConnection<String, String> wakes;
  private final RedisClock clock;
  private final RedisSignals signals;

  private RedisStore(
      Builder builder,
      RedisClient client,
      ClientResources resources,
      StatefulRedisConnection<byte[], byte[]> commands,
      StatefulRedisPubSubConnection<String, String> wakes) {
    this.vertx = builder.vertx;
    this.prefix = builder.keyPrefix;
    this.client = client;
    this.resources = resources;
    this.link = new RedisLink(vertx, commands);
    this.wakes = wakes;
    this.clock = new RedisClock(vertx, link);
    this.signals = new RedisSignals(vertx, link, wakes, prefix);
  }

  /**
   * Begins a store.
   *
   * @param url such as {@code redis://host:6379/0} or {@code rediss://user:password@host:6380}
   * @throws IllegalArgumentException if it is none; the message does not repeat it
   */
  public static Builder builder(Vertx vertx, String url) {
    return new Builder(vertx, url);
  }

  /** Why this is no URL of a Redis, as the end of a sentence that does not repeat it. */
  public static Optional<String> refusal(String url) {
    try {
      RedisURI uri = RedisURI.create(url);
      if (uri.getHost() != null && !uri.getHost().isBlank()) {
        return Optional.empty();
      }
    } catch (RuntimeException unreadable) {
      // its message repeats the URL, which may hold a password
    }
    return Optional.of("must be such as redis://host:6379 or rediss://user:password@host:6380");
  }

  /** Begins claims. */
  public RedisClaims.Builder claims() {
    return new RedisClaims.Builder(link, prefix);
  }

  /**
   * Buckets that all nodes spend from.
   *
   * @param name what is limited; limiters of one name share their buckets
   * @param rate the same on all nodes; with another rate the buckets begin anew
   */
  public RedisRateLimiter rateLimiter(String name, Rate rate) {
    return new RedisRateLimiter(vertx, link, clock, prefix(":limit:", name, rate), rate);
  }

  /**
   * Buckets that all nodes spend from, at most so many: keys share them, each always the same one.
   * For keys that a stranger makes up, such as addresses, so that he cannot fill Redis with them.
   *
   * @param maxBuckets how many there are; each takes about 200 bytes while it is not full
   */
  public RateLimiter rateLimiter(String name, Rate rate, int maxBuckets) {
    if (maxBuckets < 1) {
      throw new IllegalArgumentException("maxBuckets must be at least 1");
    }
    RedisRateLimiter buckets = rateLimiter(name + "/" + maxBuckets, rate);
    return (key, tokens) -> buckets.acquire(Integer.toString(bucket(key, maxBuckets)), tokens);
  }

  // The same on all nodes. Whoever shares another's bucket can spend it: what verifies must not
  // depend on it.
  private static int bucket(String key, int of) {
    byte[] digest = Script.sha1Of(RedisLink.bytes(key));
    return Math.floorMod(ByteBuffer.wrap(digest).getInt(), of);
  }

  /**
   * Cost points of GraphQL operations that all nodes spend from; needs {@code graphql-guard}.
   *
   * @param name what is paid for; buckets of one name are the same on all nodes
   * @param rate the same on all nodes; with another rate the buckets begin anew
   * @throws IllegalArgumentException if the period is not in whole milliseconds, or the rate so
   *     fine that it could not be kept exactly
   */
  public RedisCostBucket costBucket(String name, Rate rate) {
    return new RedisCostBucket(
        link, BucketScripts.onServerTime(), prefix(":cost:", name, rate), rate);
  }

  private String prefix(String kind, String name, Rate rate) {
    String shape = rate.burst() + "-" + rate.refill() + "-" + rate.period().toMillis();
    return prefix + kind + name + ":" + shape + ":";
  }

  /**
   * Kill switches that reach every node of this store.
   *
   * @param local the switches that this process's doors ask
   * @return fails if what is engaged could not be read
   */
  public Future<RedisKillSwitches> killSwitches(KillSwitch local) {
    RedisKillSwitches switches = new RedisKillSwitches(link, signals, local, prefix);
    return signals.follow(switches.follower()).map(switches);
  }

  /** Begins an event log that the nodes share. */
  public RedisEventLog.Builder eventLog() {
    return new RedisEventLog.Builder(this);
  }

  /** What one node tells the others. */
  public RedisSignals signals() {
    return signals;
  }

  /** Gives the connections back. Whatever is asked later fails. */
  public Future<Void> close() {
    stopTimers();
    return Future.fromCompletionStage(
        wakes
            .closeAsync()
            .thenCompose(done -> link.connection().closeAsync())
            .thenCompose(done -> shutDown(client, resources)),
        vertx.getOrCreateContext());
  }

  RedisLink link() {
    return link;
  }

  Vertx vertx() {
    return vertx;
  }

  String prefix() {
    return prefix;
  }

  RedisClock clock() {
    return clock;
  }

  RedisWakes wakes() {
    return new RedisWakes(vertx, wakes);
  }

  private static CompletionStage<Void> shutDown(RedisClient client, ClientResources resources) {
    return client
        .shutdownAsync(0, 2, TimeUnit.SECONDS)
        .handle((done, failure) -> failure)
        .thenCompose(done -> ended(resources));
  }

  private static CompletionStage<Void> ended(ClientResources resources) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    resources.shutdown(0, 2, TimeUnit.SECONDS).addListener(done -> ended.complete(null));
    return ended;
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final Vertx vertx;
    private final RedisURI uri;
    private Duration connectTimeout = Duration.ofSeconds(2);
    private Duration commandTimeout = Duration.ofSeconds(1);
    private int maxPending = 10_000;
    private String keyPrefix = "gatehouse";
    private boolean evictionAllowed;

    private Builder(Vertx vertx, String url) {
      this.vertx = vertx;
      this.uri = parse(url);
    }

    /** How long making a connection may take; 2 s by default, at most {@link #MAX_TIMEOUT}. */
    public Builder connectTimeout(Duration value) {
      this.connectTimeout = value;
      return this;
    }

    /** How long a command may take; 1 s by default, at most {@link #MAX_TIMEOUT}. */
    public Builder commandTimeout(Duration value) {
      this.commandTimeout = value;
      return this;
    }

    /** How many commands may wait for their answers; 10,000 by default, what is over fails. */
    public Builder maxPending(int value) {
      this.maxPending = value;
      return this;
    }

    /** What all keys begin with; {@code gatehouse} by default. */
    public Builder keyPrefix(String value) {
      this.keyPrefix = value;
      return this;
    }

    /**
     * Takes a Redis that forgets keys when its memory is full: a delivery whose claim is forgotten
     * takes effect again when it comes again.
     */
    public Builder dangerouslyAllowEviction() {
      this.evictionAllowed = true;
      return this;
    }

    /**
     * Connects.
     *
     * @return fails if Redis cannot be reached, is a replica, or would forget keys
     * @throws IllegalArgumentException if a timeout is less than a millisecond or more than {@link
     *     #MAX_TIMEOUT}, {@code maxPending} not positive, or {@code keyPrefix} blank
     */
    public Future<RedisStore> connect() {
      check();
      Duration patience = commandTimeout.multipliedBy(SILENT_COMMANDS);
      ClientResources resources =
          ClientResources.builder()
              .ioThreadPoolSize(2)
              .computationThreadPoolSize(2)
              .reconnectDelay(
                  Delay.fullJitter(
                      Duration.ofMillis(20), MAX_RECONNECT_PAUSE, 50, TimeUnit.MILLISECONDS))
              .nettyCustomizer(SilenceWatch.over(patience))
              .build();
      RedisClient client = RedisClient.create(resources, uri);
      client.setOptions(options());
      return Future.fromCompletionStage(
              client
                  .connectAsync(ByteArrayCodec.INSTANCE, uri)
                  .thenCompose(
                      commands ->
                          client
                              .connectPubSubAsync(StringCodec.UTF8, uri)
                              .thenApply(
                                  wakes ->
                                      new RedisStore(this, client, resources, commands, wakes))),
              vertx.getOrCreateContext())
          .compose(store -> store.begin(evictionAllowed))
          .recover(
              failure ->
                  Future.fromCompletionStage(
                          shutDown(client, resources), vertx.getOrCreateContext())
                      .transform(done -> Future.failedFuture(failure)));
    }

    private void check() {
      if (!isTimeout(commandTimeout) || !isTimeout(connectTimeout)) {
        throw new IllegalArgumentException(
            "commandTimeout and connectTimeout lie between a millisecond and a minute");
      }
      if (maxPending < 1 || keyPrefix.isBlank()) {
        throw new IllegalArgumentException("maxPending must be positive, keyPrefix not blank");
      }
    }

    private static boolean isTimeout(Duration value) {
      return value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(MAX_TIMEOUT) <= 0;
    }

    private ClientOptions options() {
      return ClientOptions.builder()
          .autoReconnect(true)
          .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
          // a claim that is sent again would meet itself, and be told that somebody else has it
          .replayFilter(command -> true)
          .requestQueueSize(maxPending)
          .timeoutOptions(TimeoutOptions.enabled(commandTimeout))
          .socketOptions(
              SocketOptions.builder().connectTimeout(connectTimeout).keepAlive(true).build())
          .build();
    }

    private static RedisURI parse(String url) {
      refusal(url)
          .ifPresent(
              why -> {
                throw new IllegalArgumentException("the URL of Redis " + why);
              });
      return RedisURI.create(url);
    }
  }

  private Future<RedisStore> begin(boolean evictionAllowed) {
    return link.ask(redis -> redis.info("memory"))
        .compose(
            memory -> {
              if (!evictionAllowed && forgets(memory)) {
                return Future.failedFuture(
                    new IllegalStateException(
                        "this Redis forgets keys when its memory is full, and with them which"
                            + " deliveries it saw: set maxmemory-policy noeviction"));
              }
              return clock.begin().compose(begun -> signals.begin());
            })
        .onFailure(failure -> stopTimers())
        .map(this);
  }

  private void stopTimers() {
    signals.close();
    clock.close();
  }

  private static boolean forgets(String memory) {
    return !memory.contains("maxmemory_policy:noeviction") && !memory.contains("maxmemory:0\r");
  }
}
