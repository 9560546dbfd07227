package dev.gatehouse.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands still until a test moves it, in either direction; safe for any thread. */
public final class SimulatedClock implements InstantSource {
  private final AtomicReference<Instant> now;

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
    now.updateAndGet(then -> then.plus(by));
  }

  /** Sets the clock. */
  public void set(Instant moment) {
    now.set(moment);
  }
}
