package dev.gatehouse.redis;

import static dev.gatehouse.redis.RedisLink.bytes;
import static dev.gatehouse.redis.RedisLink.text;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one node tells the others, none of it lost to those that were cut off: a numbered log in a
 * Redis stream tells, and a published message only wakes.
 *
 * <p>Each node reads on from the last number it knows: when it is woken, when its connection comes
 * back, and once a second. Who missed more than the log keeps (10,000 announcements), or finds that
 * Redis lost its data, reads the whole state again instead. What a replica that took over had not
 * heard of may be missed: announce it again after a failover.
 */
public final class RedisSignals {
  private static final Logger LOG = LoggerFactory.getLogger(RedisSignals.class);
  private static final long LOOK_MILLIS = 1_000;
  private static final int AT_A_TIME = 500;
  private static final Script SIGNAL =
      Script.of(Script.part("announce.lua"), Script.part("signal.lua"));
  private static final Script LISTEN = Script.of(Script.part("listen.lua"));

  /** Follows the log; called on one context, in the log's order. */
  interface Follower {
    /**
     * Reads the state that the log changes, because what changed it is not known.
     *
     * @param lost whether Redis knows less than this node does
     */
    Future<Void> readState(boolean lost);

    /** An announcement. */
    void heard(long number, Map<String, String> announcement);

    /** Redis answered. */
    default void reached() {}
  }

  private final String node = UUID.randomUUID().toString();
  private final Vertx vertx;
  private final Context context;
  private final RedisLink link;
  private final StatefulRedisPubSubConnection<String, String> wakes;
  private final String channel;
  private final byte[][] keys;
  private final List<Follower> followers = new CopyOnWriteArrayList<>();
  private final List<Runnable> reloads = new CopyOnWriteArrayList<>();

  // confined to the context
  private long known = -1;
  private String epoch = "";
  // The server's process that gave out the number up to which is known, if that is known.
  private String run = "";
  private boolean reading;
  private boolean woken;
  private boolean demoted;

  private volatile boolean closed;
  private long timer = -1;

  RedisSignals(
      Vertx vertx,
      RedisLink link,
      StatefulRedisPubSubConnection<String, String> wakes,
      String prefix) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.link = link;
    this.wakes = wakes;
    this.channel = prefix + ":signals";
    this.keys = new byte[][] {bytes(prefix + ":signals:number"), bytes(prefix + ":signals:log")};
  }

  /** Tells all other nodes to read their configuration again. */
  public Future<Void> announceReload() {
    return link.<Long>run(
            SIGNAL,
            ScriptOutputType.INTEGER,
            keys,
            bytes(channel),
            bytes("about"),
            bytes("reload"),
            bytes("node"),
            bytes(node))
        .mapEmpty();
  }

  /**
   * Calls back when another node announced a reload, once for several that were announced while
   * this node was cut off.
   */
  public void onReload(Runnable listener) {
    reloads.add(listener);
  }

  Future<Void> begin() {
    wakes.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String from, String number) {
            if (from.equals(channel)) {
              wake();
            }
          }
        });
    link.connection()
        .addListener(
            new RedisConnectionStateListener() {
              @Override
              public void onRedisConnected(
                  RedisChannelHandler<?, ?> connection, SocketAddress address) {
                wake();
              }
            });
    timer = vertx.setPeriodic(LOOK_MILLIS, due -> look());
    return Future.fromCompletionStage(wakes.async().subscribe(channel), context)
        .compose(subscribed -> read());
  }

  void close() {
    closed = true;
    vertx.cancelTimer(timer);
  }

  /** Adds a follower, which reads the state first; fails if it could not. */
  Future<Void> follow(Follower follower) {
    return inTurn(() -> follower.readState(false).onSuccess(read -> followers.add(follower)));
  }

  byte[][] keysWith(String key) {
    return new byte[][] {keys[0], keys[1], bytes(key)};
  }

  byte[] channel() {
    return bytes(channel);
  }

  private void look() {
    // also shows whether the connection that wakes us is still there
    if (wakes.isOpen()) {
      Future.fromCompletionStage(wakes.async().ping(), context)
          .onFailure(silent -> LOG.debug("the connection that wakes is silent"));
    }
    wake();
  }

  private void wake() {
    context.runOnContext(
        run -> read().onFailure(e -> LOG.debug("signals could not be read: {}", e.getMessage())));
  }

  /** Takes a step in turn with all others here; what it answers comes back where it was asked. */
  <T> Future<T> inTurn(Supplier<Future<T>> step) {
    Context asking = vertx.getOrCreateContext();
    Promise<T> done = Promise.promise();
    context.runOnContext(
        run -> step.get().onComplete(answer -> asking.runOnContext(back -> done.handle(answer))));
    return done.future();
  }

  /** Reads on; one reading at a time, and one more if it was woken meanwhile. */
  private Future<Void> read() {
    if (closed) {
      return Future.succeededFuture();
    }
    if (reading) {
      woken = true;
      return Future.succeededFuture();
    }
    reading = true;
    woken = false;
    return link.<List<Object>>run(
            LISTEN,
            ScriptOutputType.MULTI,
            keys,
            bytes(known < 0 ? Long.MAX_VALUE : known),
            bytes(AT_A_TIME))
        .compose(answer -> (Long) answer.get(5) == 1 ? leave() : here(answer))
        .onComplete(
            done -> {
              reading = false;
              if (done.succeeded()) {
                followers.forEach(Follower::reached);
              }
              if (woken) {
                wake();
              }
            });
  }

  private Future<Void> here(List<Object> answer) {
    demoted = false;
    return told(answer);
  }

  // Another has taken over, and stands at the address now or soon; who was demoted need not say so,
  // and would be asked in vain for as long as the connections to it hold.
  private Future<Void> leave() {
    if (!demoted) {
      LOG.warn("this Redis has become a replica, which takes no writes: connecting anew");
    }
    demoted = true;
    reconnect(link.connection().async().quit());
    reconnect(wakes.async().quit());
    return Future.failedFuture(
        new IllegalStateException("this Redis is a replica: name its primary"));
  }

  private void reconnect(CompletionStage<String> quitting) {
    Future.fromCompletionStage(quitting, context)
        .onFailure(e -> LOG.debug("a connection was not left in order: {}", e.getMessage()));
  }

  private Future<Void> told(List<Object> answer) {
    long latest = (Long) answer.get(0);
    List<?> announcements = (List<?>) answer.get(1);
    String now = text(answer.get(2));
    String latestRun = text(answer.get(4));
    boolean lost =
        known > 0 && (latest < known || !now.equals(epoch) || isGivenAnew(text(answer.get(3))));
    if (lost) {
      return readStates(true).onSuccess(read -> standAt(latest, now, latestRun));
    }
    epoch = now;
    if (known < 0) {
      standAt(latest, now, latestRun);
      return Future.succeededFuture();
    }
    if (known < latest && announcements.isEmpty()) {
      return readStates(false).onSuccess(read -> standAt(latest, now, latestRun));
    }
    boolean reload = false;
    for (Object announcement : announcements) {
      List<?> entry = (List<?>) announcement;
      long number = Long.parseLong(text(entry.get(0)).split("-")[0]);
      if (number > known + 1) {
        return readStates(false).onSuccess(read -> standAt(latest, now, latestRun));
      }
      Map<String, String> said = fields((List<?>) entry.get(1));
      followers.forEach(follower -> follower.heard(number, said));
      reload |= isReload(said);
      standAt(number, now, said.getOrDefault("run", ""));
    }
    if (reload) {
      reloads.forEach(Runnable::run);
    }
    woken |= known < latest;
    return Future.succeededFuture();
  }

  private void standAt(long number, String in, String by) {
    known = number;
    epoch = in;
    run = by;
  }

  // After a restart that lost it, the number which is known may stand for something else.
  private boolean isGivenAnew(String by) {
    return !run.isEmpty() && !by.isEmpty() && !run.equals(by);
  }

  private boolean isReload(Map<String, String> said) {
    return Objects.equals(said.get("about"), "reload") && !node.equals(said.get("node"));
  }

  // Whether a reload was among what was missed is not known: one too many harms nothing.
  private Future<Void> readStates(boolean lost) {
    LOG.warn(
        lost
            ? "Redis lost what it knew; this node tells it what it knows"
            : "this node was cut off for longer than the log of signals reaches back");
    List<Future<Void>> all = new ArrayList<>();
    followers.forEach(follower -> all.add(follower.readState(lost)));
    return Future.all(all).onSuccess(read -> reloads.forEach(Runnable::run)).mapEmpty();
  }

  private static Map<String, String> fields(List<?> flat) {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i + 1 < flat.size(); i += 2) {
      fields.put(text(flat.get(i)), text(flat.get(i + 1)));
    }
    return fields;
  }
}
