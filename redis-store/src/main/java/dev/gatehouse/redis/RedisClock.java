package dev.gatehouse.redis;

import io.github.bucket4j.TimeMeter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/**
 * The server's clock as this node reckons it: asked now and then, and counted on from there by a
 * clock that nobody sets. Right to half a round trip, whatever the node's own clock says.
 */
final class RedisClock implements TimeMeter {
  private static final long ASK_MILLIS = 30_000;

  private final Vertx vertx;
  private final RedisLink link;
  private volatile long offsetNanos;
  private long timer = -1;

  RedisClock(Vertx vertx, RedisLink link) {
    this.vertx = vertx;
    this.link = link;
  }

  Future<Void> begin() {
    timer = vertx.setPeriodic(ASK_MILLIS, due -> ask());
    return ask();
  }

  void close() {
    vertx.cancelTimer(timer);
  }

  private Future<Void> ask() {
    long before = System.nanoTime();
    return link.ask(redis -> redis.time())
        .map(
            time -> {
              long middle = before + (System.nanoTime() - before) / 2;
              long seconds = Long.parseLong(RedisLink.text(time.get(0)));
              long micros = Long.parseLong(RedisLink.text(time.get(1)));
              offsetNanos =
                  TimeUnit.SECONDS.toNanos(seconds)
                      + TimeUnit.MICROSECONDS.toNanos(micros)
                      - middle;
              return null;
            });
  }

  @Override
  public long currentTimeNanos() {
    return System.nanoTime() + offsetNanos;
  }

  @Override
  public boolean isWallClockBased() {
    return true;
  }
}
