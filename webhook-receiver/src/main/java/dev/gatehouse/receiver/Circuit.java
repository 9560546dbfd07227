package dev.gatehouse.receiver;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Leaves a destination alone that fails again and again, and tries it with one delivery at a time
 * until it answers.
 *
 * <p>It only says whether to try: while it is open nothing is attempted, so no delivery spends an
 * attempt on it, and none is given up. The delivery that tries is attempted like any other. Used on
 * one context; {@link #state} may be asked from any thread.
 */
public final class Circuit {
  /**
   * When it opens, and for how long.
   *
   * @param failures how many failures in a row open it
   * @param openFor how long it stays open the first time; it doubles while the destination fails
   * @param maxOpenFor the longest it stays open
   */
  public record Settings(int failures, Duration openFor, Duration maxOpenFor) {
    /** Opens at ten failures, for a second up to a minute. */
    public static final Settings DEFAULT =
        new Settings(10, Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** The more careful of the two in each respect. */
    Settings and(Settings other) {
      return new Settings(
          Math.min(failures, other.failures),
          openFor.compareTo(other.openFor) > 0 ? openFor : other.openFor,
          maxOpenFor.compareTo(other.maxOpenFor) > 0 ? maxOpenFor : other.maxOpenFor);
    }
  }

  /** How it stands. */
  enum State {
    CLOSED(0),
    HALF_OPEN(1),
    OPEN(2);

    private final int value;

    State(int value) {
      this.value = value;
    }

    /** What the metric shows for it; never changes. */
    int value() {
      return value;
    }
  }

  private final RandomGenerator random;
  private Settings settings;
  private volatile State state = State.CLOSED;
  private Instant until = Instant.EPOCH;
  private Duration openFor = Duration.ZERO;
  private int failures;
  private boolean probing;

  Circuit(Settings settings, RandomGenerator random) {
    this.settings = settings;
    this.random = random;
  }

  void use(Settings changed) {
    settings = changed;
  }

  State state() {
    return state;
  }

  /** How many of {@code wanted} attempts may begin now; the probe counts as begun. */
  int admit(int wanted, Instant now) {
    if (state == State.CLOSED) {
      return wanted;
    }
    if (Duration.between(now, until).compareTo(longest()) > 0) {
      until = now; // the clock was set back: by it the wait would last as much longer
    }
    if (wanted == 0 || probing || now.isBefore(until)) {
      return 0;
    }
    state = State.HALF_OPEN;
    probing = true;
    return 1;
  }

  private Duration longest() {
    Duration first = settings.openFor();
    return first.compareTo(settings.maxOpenFor()) > 0 ? first : settings.maxOpenFor();
  }

  /** What was admitted did not begin. */
  void unused() {
    probing = false;
  }

  /**
   * When to ask again; now or earlier where asking again is of use at once or only after an end.
   */
  Instant until() {
    return until;
  }

  /**
   * The destination answered as one that works does.
   *
   * @return whether it was closed by that
   */
  boolean succeeded() {
    boolean closes = state != State.CLOSED;
    state = State.CLOSED;
    failures = 0;
    probing = false;
    openFor = Duration.ZERO;
    until = Instant.EPOCH;
    return closes;
  }

  /**
   * The destination failed.
   *
   * @param atLeast how long it asked to be left alone, zero if it did not
   * @return whether it was opened by that
   */
  boolean failed(Instant now, Duration atLeast) {
    failures = Math.min(failures + 1, settings.failures());
    boolean opens =
        state == State.HALF_OPEN || (state == State.CLOSED && failures >= settings.failures());
    if (!opens) {
      return false;
    }
    boolean first = state == State.CLOSED;
    probing = false;
    state = State.OPEN;
    openFor = first ? settings.openFor() : least(openFor.multipliedBy(2), settings.maxOpenFor());
    // Half of it is jitter, so that receivers that share a destination do not try it together.
    long millis = Math.max(2, openFor.toMillis());
    Duration wait = Duration.ofMillis(millis / 2 + random.nextLong(millis - millis / 2 + 1));
    Duration asked = least(atLeast, settings.maxOpenFor());
    until = now.plus(asked.compareTo(wait) > 0 ? asked : wait);
    return first;
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
