package dev.gatehouse.graphql.http;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what works for a request that nobody waits for it any more: its client has left, or its
 * time is over. In the request's {@code GraphQLContext} under this class.
 *
 * <p>The engine, data loaders and publishers are cancelled already; a fetcher that holds something
 * else of its own, such as a query to a database, gives it up by {@link #onCancel}.
 *
 * <p>A subscription is one request, however many events it has: what works for one of its events
 * removes its listener when it is done.
 */
public final class Cancellation {
  private static final Logger LOG = LoggerFactory.getLogger(Cancellation.class);

  private @Nullable Set<Listener> listeners = new LinkedHashSet<>();

  Cancellation() {}

  /** Whether nobody waits any more. */
  public synchronized boolean isCancelled() {
    return listeners == null;
  }

  /** Runs it once when nobody waits any more; at once if that is so already. */
  public Registration onCancel(Runnable listener) {
    Listener mine = new Listener(listener);
    synchronized (this) {
      if (listeners != null) {
        listeners.add(mine);
        return mine;
      }
    }
    run(listener);
    return mine;
  }

  /** A listener that is registered. */
  public interface Registration {
    /** Forgets the listener: there is nothing to give up any more. */
    void remove();
  }

  // Known by itself: the same may be registered twice.
  private final class Listener implements Registration {
    private final Runnable told;

    private Listener(Runnable told) {
      this.told = told;
    }

    @Override
    public void remove() {
      synchronized (Cancellation.this) {
        if (listeners != null) {
          listeners.remove(this);
        }
      }
    }
  }

  synchronized int listeners() {
    return listeners == null ? 0 : listeners.size();
  }

  void cancel() {
    Set<Listener> all;
    synchronized (this) {
      all = listeners;
      listeners = null;
    }
    if (all != null) {
      all.forEach(each -> run(each.told));
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
