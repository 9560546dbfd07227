package dev.gatehouse.redis;

import dev.gatehouse.testkit.SimulatedClock;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node's way to Redis, for tests. */
final class RedisNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RedisNode.class);
  private static final ClaimScripts MOVED =
      ClaimScripts.on(
          """
          local function now()
            local source = string.match(KEYS[1], '{(.*)}')
            return tonumber(redis.call('GET', 'clock:' .. source) or redis.call('GET', 'clock'))
          end
          """);

  private final Vertx vertx;
  private final RedisStore store;

  private RedisNode(Vertx vertx, RedisStore store) {
    this.vertx = vertx;
    this.store = store;
  }

  /** One that waits for answers for as long as a busy machine may take. */
  static RedisNode at(int port) {
    return at(port, Duration.ofSeconds(5));
  }

  static RedisNode at(int port, Duration commandTimeout) {
    Vertx vertx = Vertx.vertx();
    return new RedisNode(
        vertx,
        Await.get(
            RedisStore.builder(vertx, "redis://127.0.0.1:" + port)
                .commandTimeout(commandTimeout)
                .connect()));
  }

  Vertx vertx() {
    return vertx;
  }

  RedisStore store() {
    return store;
  }

  /**
   * Claims on a clock that the test moves: their scripts read it from a key of the server, as they
   * otherwise ask the server for its time. What is asked afterwards on this connection is asked of
   * the moved clock.
   *
   * @param clockKey {@code clock}, or {@code clock:SOURCE} for that source alone
   */
  RedisClaims.Builder claimsOn(SimulatedClock clock, String clockKey) {
    byte[] key = RedisLink.bytes(clockKey);
    clock.follow(
        moment ->
            store
                .link()
                .ask(redis -> redis.set(key, RedisLink.bytes(moment.toEpochMilli())))
                .onFailure(e -> LOG.error("the clock was not moved", e)));
    return store.claims().scripts(MOVED);
  }

  void flush() {
    Await.get(store.link().ask(redis -> redis.flushall()));
  }

  @Override
  public void close() {
    Await.get(store.close());
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
