package dev.gatehouse.events;

import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The subscriptions of one event loop that have something to hand out: one wake-up of the loop
 * serves all of them, in turns, and lets the loop's other work pass after a millisecond.
 */
final class DrainLoop {
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final ContextInternal context;
  private final Queue<Subscription> ready = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private int users;

  private DrainLoop(ContextInternal context) {
    this.context = context;
  }

  /** The loops in use; one that nobody uses any more is forgotten. */
  static final class Loops {
    private final Map<ContextInternal, DrainLoop> loops = new ConcurrentHashMap<>();

    DrainLoop take(Context context) {
      ContextInternal root = ((ContextInternal) context).unwrap();
      return loops.compute(
          root,
          (key, known) -> {
            DrainLoop loop = known == null ? new DrainLoop(key) : known;
            loop.users++;
            return loop;
          });
    }

    void giveBack(DrainLoop loop) {
      loops.computeIfPresent(loop.context, (key, known) -> --known.users == 0 ? null : known);
    }

    int size() {
      return loops.size();
    }
  }

  /** Has the subscription drained on its context. Safe for any thread. */
  void add(Subscription subscription) {
    ready.add(subscription);
    schedule();
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(go -> run());
    }
  }

  private void run() {
    long end = System.nanoTime() + SLICE_NANOS;
    try {
      Subscription next = ready.poll();
      while (next != null) {
        next.drain();
        next = System.nanoTime() - end < 0 ? ready.poll() : null;
      }
    } finally {
      scheduled.set(false);
      if (!ready.isEmpty()) {
        schedule();
      }
    }
  }
}
