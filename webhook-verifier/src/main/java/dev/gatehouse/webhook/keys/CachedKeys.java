package dev.gatehouse.webhook.keys;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one place, fetched at most every so often and never twice at once.
 *
 * <p>While they are fresh they are given out at once, and towards the end of that time they are
 * fetched again beside it. A key that is not among them is worth one fetch, and after that the
 * answer stands for a while; so does a failure. While fetching fails, old keys are given out for a
 * limited time.
 */
final class CachedKeys {
  private record Snapshot(List<PublishedKey> keys, Instant at) {}

  private final KeyFetching options;
  private final Supplier<Future<List<PublishedKey>>> fetch;

  private @Nullable Snapshot snapshot;
  private @Nullable Future<List<PublishedKey>> inFlight;
  private @Nullable Instant tried;
  private @Nullable Throwable failure;

  CachedKeys(KeyFetching options, Supplier<Future<List<PublishedKey>>> fetch) {
    this.options = options;
    this.fetch = fetch;
  }

  /** The keys that may be used without asking; empty if there are none. */
  synchronized Optional<List<PublishedKey>> atHand() {
    Instant now = options.clock.instant();
    Snapshot known = snapshot;
    return known != null && isWithin(known.at, options.fresh, now)
        ? Optional.of(known.keys)
        : Optional.empty();
  }

  /** Whether there have been keys here. */
  synchronized boolean isKnown() {
    return snapshot != null && !snapshot.keys.isEmpty();
  }

  /** Finds those that a request may mean; {@code wanted} tells them. */
  Future<List<PublishedKey>> find(Predicate<PublishedKey> wanted) {
    return all(wanted).map(keys -> keys.stream().filter(wanted).toList());
  }

  private Future<List<PublishedKey>> all(Predicate<PublishedKey> wanted) {
    Future<List<PublishedKey>> fetched;
    Snapshot known;
    synchronized (this) {
      Instant now = options.clock.instant();
      known = snapshot;
      if (known != null && isWithin(known.at, options.fresh, now)) {
        boolean found = known.keys.stream().anyMatch(wanted);
        if (found) {
          refreshAhead(known, now);
          return Future.succeededFuture(known.keys);
        }
        if (inFlight == null && !mayTry(now)) {
          return failure == null
              ? Future.succeededFuture(known.keys)
              : Future.failedFuture(failure);
        }
        return begin(now);
      }
      if (inFlight == null && !mayTry(now)) {
        return failure == null && known != null
            ? Future.succeededFuture(known.keys)
            : staleOr(known, now, failure);
      }
      fetched = begin(now);
    }
    return fetched.recover(broken -> staleOr(known, options.clock.instant(), broken));
  }

  private void refreshAhead(Snapshot known, Instant now) {
    Duration early = options.fresh.multipliedBy(4).dividedBy(5);
    if (!isWithin(known.at, early, now) && mayTry(now)) {
      begin(now);
    }
  }

  private Future<List<PublishedKey>> staleOr(
      @Nullable Snapshot known, Instant now, @Nullable Throwable broken) {
    if (known != null && isWithin(known.at, options.fresh.plus(options.stale), now)) {
      return Future.succeededFuture(known.keys);
    }
    return Future.failedFuture(
        broken == null ? new KeysUnavailableException("the keys are too old") : broken);
  }

  // A clock that was set back must not keep keys for ever, nor stop the fetching of new ones.
  private static boolean isWithin(Instant since, Duration span, Instant now) {
    return !now.isBefore(since) && now.isBefore(since.plus(span));
  }

  private boolean mayTry(Instant now) {
    Instant last = tried;
    return inFlight == null && (last == null || !isWithin(last, options.retryAfter, now));
  }

  private Future<List<PublishedKey>> begin(Instant now) {
    Future<List<PublishedKey>> running = inFlight;
    if (running != null) {
      return running;
    }
    tried = now;
    Future<List<PublishedKey>> begun = fetch.get();
    inFlight = begun;
    begun.onComplete(this::ended);
    return begun;
  }

  private synchronized void ended(io.vertx.core.AsyncResult<List<PublishedKey>> end) {
    inFlight = null;
    failure = end.failed() ? end.cause() : null;
    if (failure instanceof KeysUnavailableException unavailable && unavailable.isUntried()) {
      tried = null;
    }
    if (end.succeeded()) {
      snapshot = new Snapshot(end.result(), options.clock.instant());
    }
  }
}
