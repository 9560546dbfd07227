package dev.gatehouse.receiver;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.Secret;
import dev.gatehouse.receiver.ReceiverConfig.Shared;
import dev.gatehouse.redis.RedisStore;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The budgets, kill switches and reloads of one receiver, or of all that share a Redis.
 *
 * <p>While that cannot be reached each receiver keeps budgets of its own, so an attacker gets at
 * most as many times the budget as there are receivers, and what verifies still passes; its kill
 * switches stay as they are. Deliveries are claimed in the inbox and need no Redis.
 */
final class SharedState {
  private static final Logger LOG = LoggerFactory.getLogger(SharedState.class);

  private static final List<String> NOT_ALLOWED = List.of("NOAUTH", "WRONGPASS", "NOPERM");
  private static final List<String> NOT_READY =
      List.of("LOADING", "BUSY", "MASTERDOWN", "ERR max number of clients");

  private final InstantSource clock;
  private final KillSwitch killSwitch;
  private final KillSwitch.Panel panel;
  private final @Nullable RedisStore redis;

  private SharedState(
      InstantSource clock,
      KillSwitch killSwitch,
      KillSwitch.Panel panel,
      @Nullable RedisStore redis) {
    this.clock = clock;
    this.killSwitch = killSwitch;
    this.panel = panel;
    this.redis = redis;
  }

  /** The state, with the kill switches that are engaged; fails if Redis cannot be used. */
  static Future<SharedState> open(Vertx vertx, Shared config, InstantSource clock) {
    KillSwitch switches = KillSwitch.create(clock);
    if (config.redis().isEmpty()) {
      return Future.succeededFuture(new SharedState(clock, switches, switches.panel(), null));
    }
    Secret url = config.redis().get();
    return RedisStore.builder(vertx, url.revealText())
        .connect()
        .compose(
            redis ->
                redis
                    .killSwitches(switches)
                    .map(panel -> new SharedState(clock, switches, panel, redis))
                    .recover(
                        failure -> redis.close().transform(done -> Future.failedFuture(failure))))
        .recover(
            failure ->
                Future.failedFuture(new StoreException("shared.url: " + why(failure), failure)));
  }

  // A refusal comes within the connection that was not made for it. It is not repeated, because it
  // may quote what was said to the server, a password among it.
  private static String why(Throwable failure) {
    Optional<String> answer = answer(failure);
    if (answer.isPresent()) {
      return why(answer.get());
    }
    return within(RedisConnectionException.class, failure).isPresent()
        ? "this Redis cannot be reached: check the URL, and that the server runs"
        : String.valueOf(failure.getMessage());
  }

  private static String why(String answer) {
    if (NOT_ALLOWED.stream().anyMatch(answer::startsWith)) {
      return "this Redis refuses the user: check user and password, and what that user may do";
    }
    return NOT_READY.stream().anyMatch(answer::startsWith)
        ? "this Redis is not ready yet: start again when it is"
        : "this Redis answers with an error: check that it is Redis 6.2 or later, and its log";
  }

  private static Optional<String> answer(Throwable failure) {
    return within(RedisCommandExecutionException.class, failure)
        .map(answer -> String.valueOf(answer.getMessage()));
  }

  private static Optional<Throwable> within(
      Class<? extends Throwable> cause, @Nullable Throwable failure) {
    return failure == null || cause.isInstance(failure)
        ? Optional.ofNullable(failure)
        : within(cause, failure.getCause());
  }

  /** What doors ask. */
  KillSwitch killSwitch() {
    return killSwitch;
  }

  /** Where operators change them. */
  KillSwitch.Panel panel() {
    return panel;
  }

  /** Buckets of all receivers under that name, on Redis too at most so many. */
  RateLimiter limiter(String name, Rate rate, int maxKeys) {
    RateLimiter own = RateLimiter.inMemory(rate, maxKeys, clock);
    return redis == null ? own : redis.rateLimiter(name, rate, maxKeys).orElse(own);
  }

  /** Calls back when another receiver was told to read its configuration again. */
  void onReload(Runnable reload) {
    if (redis != null) {
      redis.signals().onReload(reload);
    }
  }

  /** Tells the others to read theirs. */
  Future<Void> announceReload() {
    if (redis == null) {
      return Future.succeededFuture();
    }
    return redis
        .signals()
        .announceReload()
        .onFailure(e -> LOG.warn("a reload could not be announced: {}", e.getMessage()));
  }

  Future<Void> close() {
    return redis == null ? Future.succeededFuture() : redis.close();
  }
}
