package dev.gatehouse.webhook;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of request bodies that a server holds at a time, over all its requests.
 *
 * <p>Bytes count when they arrive, not when a header promises them: a slow or lying client occupies
 * what it sent and nothing more. Give one budget to all handlers of a server. Safe for any thread.
 */
public final class BodyBudget {
  private final long capacity;
  private final AtomicLong inFlight = new AtomicLong();

  private BodyBudget(long capacity) {
    this.capacity = capacity;
  }

  /**
   * A budget, none of it used.
   *
   * @param bytes the most that may be held at a time
   * @throws IllegalArgumentException if it is not positive
   */
  public static BodyBudget ofBytes(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a body budget holds at least one byte");
    }
    return new BodyBudget(bytes);
  }

  /** The most bytes that may be held at a time. */
  public long capacity() {
    return capacity;
  }

  /** The bytes that are held now. */
  public long inFlight() {
    return inFlight.get();
  }

  /** A request's share, empty at first. */
  Share open() {
    return new Share(this);
  }

  private boolean tryTake(long bytes) {
    long before = inFlight.get();
    while (before + bytes <= capacity) {
      if (inFlight.compareAndSet(before, before + bytes)) {
        return true;
      }
      before = inFlight.get();
    }
    return false;
  }

  /** What one request holds; given back once, however often it is closed and by whom. */
  static final class Share implements AutoCloseable {
    private static final long CLOSED = -1;

    private final BodyBudget budget;
    private final AtomicLong held = new AtomicLong();

    private Share(BodyBudget budget) {
      this.budget = budget;
    }

    /** Takes bytes that have arrived; false if the budget is spent or the share closed. */
    boolean take(int bytes) {
      if (!budget.tryTake(bytes)) {
        return false;
      }
      long before = held.get();
      while (before != CLOSED) {
        if (held.compareAndSet(before, before + bytes)) {
          return true;
        }
        before = held.get();
      }
      budget.inFlight.addAndGet(-bytes);
      return false;
    }

    @Override
    public void close() {
      long before = held.getAndSet(CLOSED);
      if (before > 0) {
        budget.inFlight.addAndGet(-before);
      }
    }
  }
}
