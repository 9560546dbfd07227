package dev.gatehouse.graphql.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what works for a request that nobody waits for it any more: its client has left, or its
 * time is over. In the request's {@code GraphQLContext} under this class.
 *
 * <p>The engine, data loaders and publishers are cancelled already; a fetcher that holds something
 * else of its own, such as a query to a database, gives it up by {@link #onCancel}.
 */
public final class Cancellation {
  private static final Logger LOG = LoggerFactory.getLogger(Cancellation.class);

  private @Nullable List<Runnable> listeners = new ArrayList<>();

  Cancellation() {}

  /** Whether nobody waits any more. */
  public synchronized boolean isCancelled() {
    return listeners == null;
  }

  /** Runs it once when nobody waits any more; at once if that is so already. */
  public void onCancel(Runnable listener) {
    synchronized (this) {
      if (listeners != null) {
        listeners.add(listener);
        return;
      }
    }
    run(listener);
  }

  void cancel() {
    List<Runnable> all;
    synchronized (this) {
      all = listeners;
      listeners = null;
    }
    if (all != null) {
      all.forEach(Cancellation::run);
    }
  }

  // one that throws must not keep the others from hearing of it
  private static void run(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      LOG.warn("a listener to a cancellation failed: {}", e.getClass().getName());
    }
  }
}
