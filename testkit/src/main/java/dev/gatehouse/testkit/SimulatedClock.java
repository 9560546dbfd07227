package dev.gatehouse.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** A clock that stands still until a test moves it, in either direction; safe for any thread. */
public final class SimulatedClock implements InstantSource {
  private final AtomicReference<Instant> now;
  private final List<Consumer<Instant>> followers = new CopyOnWriteArrayList<>();

  private SimulatedClock(Instant start) {
    this.now = new AtomicReference<>(start);
  }

  /** A clock that stands at that moment. */
  public static SimulatedClock at(Instant start) {
    return new SimulatedClock(start);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  /** Moves the clock; a negative duration turns it back. */
  public void advance(Duration by) {
    tell(now.updateAndGet(then -> then.plus(by)));
  }

  /** Sets the clock. */
  public void set(Instant moment) {
    now.set(moment);
    tell(moment);
  }

  /**
   * Tells the time now and after each move, before the move returns: for a store that takes the
   * time from its server and not from its caller.
   */
  public void follow(Consumer<Instant> follower) {
    followers.add(follower);
    follower.accept(instant());
  }

  private void tell(Instant moment) {
    followers.forEach(follower -> follower.accept(moment));
  }
}
