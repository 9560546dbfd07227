package dev.gatehouse.webhook;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The requests whose handlers are running, oldest first: all have the same time, so that one timer,
 * that of the oldest, stands for all of them, and coming and going costs none.
 *
 * <p>Each context has a line of its own, since its tasks run in turn and its timers end with it; a
 * line that has run empty is forgotten when its timer is due.
 */
final class HandlerDeadlines {
  private final long nanos;

  HandlerDeadlines(Duration timeout) {
    this.nanos = timeout.toNanos();
  }

  /** Waits for an end; unless it is {@link Wait#end ended} before, {@code late} runs then. */
  Wait begin(Vertx vertx, Context context, Runnable late) {
    @Nullable Line line = context.get(this);
    if (line == null) {
      line = new Line(vertx, context, this);
      context.put(this, line);
    }
    Wait wait = new Wait(line, context, late, System.nanoTime() + nanos);
    line.add(wait);
    return wait;
  }

  /** One request's wait. */
  static final class Wait {
    private final Line line;
    private final Context context;
    private final Runnable late;
    private final long deadline;
    private @Nullable Wait before;
    private @Nullable Wait after;
    private boolean waiting;

    private Wait(Line line, Context context, Runnable late, long deadline) {
      this.line = line;
      this.context = context;
      this.late = late;
      this.deadline = deadline;
    }

    /** Ends it, from any thread and any number of times. */
    void end() {
      line.remove(this);
    }
  }

  private static final class Line {
    private final Vertx vertx;
    private final Context home;
    private final Object key;
    private @Nullable Wait oldest;
    private @Nullable Wait latest;
    private boolean armed;

    private Line(Vertx vertx, Context home, Object key) {
      this.vertx = vertx;
      this.home = home;
      this.key = key;
    }

    private synchronized void add(Wait wait) {
      Wait last = latest;
      wait.waiting = true;
      wait.before = last;
      if (last == null) {
        oldest = wait;
      } else {
        last.after = wait;
      }
      latest = wait;
      if (!armed) {
        arm(wait);
      }
    }

    private synchronized void remove(Wait wait) {
      if (!wait.waiting) {
        return;
      }
      wait.waiting = false;
      Wait before = wait.before;
      Wait after = wait.after;
      if (before == null) {
        oldest = after;
      } else {
        before.after = after;
      }
      if (after == null) {
        latest = before;
      } else {
        after.before = before;
      }
      // one that is over must not hold on to the others
      wait.before = null;
      wait.after = null;
    }

    private void arm(Wait first) {
      armed = true;
      long millis = (first.deadline - System.nanoTime() + 999_999) / 1_000_000;
      vertx.setTimer(Math.max(1, millis), due -> expire());
    }

    private synchronized void expire() {
      armed = false;
      long now = System.nanoTime();
      for (Wait first = oldest; first != null; first = oldest) {
        if (first.deadline - now > 0) {
          arm(first);
          return;
        }
        remove(first);
        Runnable late = first.late;
        first.context.runOnContext(run -> late.run());
      }
      home.remove(key);
    }
  }
}
