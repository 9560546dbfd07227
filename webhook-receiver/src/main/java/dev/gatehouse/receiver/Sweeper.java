package dev.gatehouse.receiver;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Removes what retention no longer allows, a bounded piece at a time. */
final class Sweeper {
  private static final int STEP = 500;
  private static final long PAUSE_MILLIS = 200;
  private static final long ROUND_MILLIS = 60_000;

  private final Vertx vertx;
  private final Inbox inbox;
  private final Duration retention;
  private final InstantSource clock;
  private volatile boolean ended;

  Sweeper(Vertx vertx, Inbox inbox, Duration retention, InstantSource clock) {
    this.vertx = vertx;
    this.inbox = inbox;
    this.retention = retention;
    this.clock = clock;
  }

  void begin() {
    after(ROUND_MILLIS, 0);
  }

  void end() {
    ended = true;
  }

  private void after(long millis, long from) {
    if (!ended) {
      vertx.setTimer(millis, due -> step(from));
    }
  }

  private void step(long from) {
    if (ended) {
      return;
    }
    Instant now = clock.instant();
    inbox
        .sweep(from, now.minus(retention), now, STEP)
        .onComplete(
            next -> after(next == 0 ? ROUND_MILLIS : PAUSE_MILLIS, next),
            failure -> after(ROUND_MILLIS, 0));
  }
}
