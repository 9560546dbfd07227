package dev.gatehouse.receiver;

import dev.gatehouse.core.ElapsedTime;
import dev.gatehouse.receiver.Deliver.Rate;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all sources of one destination share: how many attempts it has at a time, how many begin in
 * a time, and whether it is tried at all.
 *
 * <p>Sources that wait for a place take turns, so that one with a long backlog does not keep the
 * others out. It lives on the dispatcher's context; {@link #circuitState} may be asked from any
 * thread.
 */
final class Gate {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final int BURST_PART = 10;

  /** What one source asks of the destination. */
  record Limits(int concurrency, Optional<Rate> rate, Circuit.Settings circuit) {
    /** The lower of both in each respect: each source's owner may rely on his own. */
    Limits and(Limits other) {
      return new Limits(
          Math.min(concurrency, other.concurrency),
          lower(rate, other.rate),
          circuit.and(other.circuit));
    }

    private static Optional<Rate> lower(Optional<Rate> one, Optional<Rate> other) {
      if (one.isEmpty() || other.isEmpty()) {
        return one.isPresent() ? one : other;
      }
      return one.get().isBelow(other.get()) ? one : other;
    }
  }

  private final InstantSource clock;
  private final Circuit circuit;
  private final Set<Runnable> waiting = new LinkedHashSet<>();
  private Limits limits;
  private @Nullable Bucket bucket;
  private @Nullable Duration retryIn;
  private int underWay;
  // of the places that are out while a probe is, those that were given before it: one that comes
  // back of them says nothing of the probe
  private int older;

  Gate(Limits limits, InstantSource clock, RandomGenerator random) {
    this.limits = limits;
    this.clock = clock;
    this.circuit = new Circuit(limits.circuit(), random);
    this.bucket = limits.rate().map(this::bucket).orElse(null);
  }

  void use(Limits changed) {
    if (!changed.rate().equals(limits.rate())) {
      bucket = changed.rate().map(this::bucket).orElse(null);
    }
    limits = changed;
    circuit.use(changed.circuit());
    wakeAll();
  }

  // It fills evenly and holds a tenth of a period, so that in no period more than a tenth too many
  // begin.
  private Bucket bucket(Rate rate) {
    long burst = Math.max(1, rate.count() / BURST_PART);
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(burst).refillGreedy(rate.count(), rate.period()))
        .withCustomTimePrecision(new ElapsedTime(clock))
        .build();
  }

  /**
   * Takes places for attempts that begin now.
   *
   * @param waiter is run when there may be places again, if there is none now
   * @return how many; if none, {@link #retryIn} says when to ask again
   */
  int take(Runnable waiter) {
    waiting.remove(waiter);
    int granted = grant(clock.instant());
    if (granted == 0) {
      waiting.add(waiter);
    } else if (circuit.state() == Circuit.State.HALF_OPEN) {
      older = underWay;
    }
    underWay += granted;
    return granted;
  }

  /** Places come back; whether the probe's is among them, known at the latest by the last. */
  private boolean mayHoldTheProbe(int places) {
    int ofOlder = Math.min(places, older);
    older -= ofOlder;
    return places > ofOlder;
  }

  // The wait is decided with the refusal: by a later look at the clock the time may have come, and
  // nobody would ask again.
  private int grant(Instant now) {
    retryIn = null;
    int places = circuit.admit(Math.max(0, limits.concurrency() - underWay), now);
    if (places == 0 && now.isBefore(circuit.until())) {
      retryIn = wholeMillis(Duration.between(now, circuit.until()));
    }
    return places == 0 || bucket == null ? places : withinRate(bucket, places);
  }

  private int withinRate(Bucket tokens, int places) {
    int granted = (int) tokens.tryConsumeAsMuchAsPossible(places);
    if (granted == 0) {
      circuit.unused();
      long nanos = tokens.estimateAbilityToConsume(1).getNanosToWaitForRefill();
      retryIn = wholeMillis(Duration.ofNanos(nanos));
    }
    return granted;
  }

  // Up, so that a timer of that length does not ask too early.
  private static Duration wholeMillis(Duration wait) {
    return wait.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS);
  }

  /**
   * When to ask again after {@link #take} gave no place, zero for at once; empty where the end of
   * an attempt says so and not a time.
   */
  Optional<Duration> retryIn() {
    return Optional.ofNullable(retryIn);
  }

  /** Gives places back that were not used. */
  void putBack(int unused) {
    if (unused == 0) {
      return;
    }
    underWay -= unused;
    if (mayHoldTheProbe(unused)) {
      circuit.unused();
    }
    if (bucket != null) {
      bucket.addTokens(unused);
    }
    wakeNext();
  }

  /**
   * An attempt has ended.
   *
   * @param again is run in its turn, for the source whose attempt it was; null if that source is
   *     served otherwise now, and has no turn here to spend
   */
  void ended(Sink.Answer answer, @Nullable Runnable again) {
    underWay--;
    boolean changed = judge(answer, mayHoldTheProbe(1));
    if (again != null) {
      waiting.add(again);
    }
    if (changed || circuit.state() != Circuit.State.CLOSED) {
      report(changed);
      wakeAll();
    } else {
      wakeNext();
    }
  }

  private boolean judge(Sink.Answer answer, boolean mayBeProbe) {
    return switch (answer.health()) {
      case WORKS -> circuit.succeeded();
      case FAILS -> circuit.failed(clock.instant(), answer.retryAfter().orElse(Duration.ZERO));
      case UNKNOWN -> {
        if (mayBeProbe) {
          circuit.unused();
        }
        yield false;
      }
    };
  }

  private void report(boolean changed) {
    if (changed && circuit.state() == Circuit.State.OPEN) {
      LOG.atWarn().log("a destination fails again and again: its circuit is open");
    } else if (changed) {
      LOG.atInfo().log("a destination answers again: its circuit is closed");
    }
  }

  /** The waiter is of a source that no longer is. */
  void forget(Runnable waiter) {
    waiting.remove(waiter);
    wakeNext();
  }

  private void wakeNext() {
    Iterator<Runnable> first = waiting.iterator();
    if (first.hasNext()) {
      Runnable next = first.next();
      first.remove();
      next.run();
    }
  }

  private void wakeAll() {
    List<Runnable> all = new ArrayList<>(waiting);
    waiting.clear();
    all.forEach(Runnable::run);
  }

  Circuit.State circuitState() {
    return circuit.state();
  }
}
