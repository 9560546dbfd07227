package dev.gatehouse.core.jwt;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that an issuer publishes (JWKS), fetched at most every so often and never twice at once.
 *
 * <p>They come over https, without redirects, within 64 kB and a few seconds. While they are fresh
 * they are at hand. A key that is not among them is worth one fetch, so that a new key works at
 * once; after that the answer stands for a while, whatever key ids tokens name. While fetching
 * fails, old keys are used for a limited time; a set that comes without a single key for us counts
 * as a failure.
 */
public final class FetchedKeySet implements KeySet {
  private record Snapshot(List<VerificationKey> keys, Instant at) {}

  private final Supplier<Future<List<VerificationKey>>> fetch;
  private final Duration fresh;
  private final Duration stale;
  private final Duration retryAfter;
  private final InstantSource clock;

  private @Nullable Snapshot snapshot;
  private @Nullable Future<List<VerificationKey>> inFlight;
  private @Nullable Instant tried;
  private @Nullable Throwable failure;

  private FetchedKeySet(Builder builder) {
    JwksFetch source =
        new JwksFetch(builder.vertx, builder.url, builder.timeout, builder.insecureLoopback);
    this.fetch = source::get;
    this.fresh = builder.fresh;
    this.stale = builder.stale;
    this.retryAfter = builder.retryAfter;
    this.clock = builder.clock;
  }

  /**
   * The keys at a URL, with all defaults.
   *
   * @throws IllegalArgumentException if the URL is not https
   */
  public static FetchedKeySet create(Vertx vertx, String url) {
    return builder(vertx, url).build();
  }

  /** Begins a set of the keys at a URL. */
  public static Builder builder(Vertx vertx, String url) {
    return new Builder(vertx, url);
  }

  @Override
  public Future<List<VerificationKey>> find(Predicate<VerificationKey> wanted) {
    return all(wanted).map(keys -> keys.stream().filter(wanted).toList());
  }

  private Future<List<VerificationKey>> all(Predicate<VerificationKey> wanted) {
    Snapshot known;
    Future<List<VerificationKey>> fetched;
    synchronized (this) {
      Instant now = clock.instant();
      known = snapshot;
      boolean isFresh = known != null && isWithin(known.at, fresh, now);
      if (known != null && isFresh && known.keys.stream().anyMatch(wanted)) {
        return Future.succeededFuture(known.keys);
      }
      if (inFlight == null && !mayTry(now, isFresh)) {
        return known != null && isFresh
            ? Future.succeededFuture(known.keys)
            : staleOr(known, now, failure);
      }
      fetched = begin(now);
    }
    return fetched.recover(broken -> staleOr(known, clock.instant(), broken));
  }

  private Future<List<VerificationKey>> staleOr(
      @Nullable Snapshot known, Instant now, @Nullable Throwable broken) {
    if (known != null && isWithin(known.at, fresh.plus(stale), now)) {
      return Future.succeededFuture(known.keys);
    }
    return Future.failedFuture(
        broken == null ? new KeysUnavailableException("the keys are too old") : broken);
  }

  // A fetch that succeeded must not keep keys that have aged from being fetched again.
  private boolean mayTry(Instant now, boolean isFresh) {
    Instant last = tried;
    boolean hasAged = !isFresh && failure == null;
    return hasAged || last == null || !isWithin(last, retryAfter, now);
  }

  // A clock that was set back must not keep keys for ever, nor stop the fetching of new ones.
  private static boolean isWithin(Instant since, Duration span, Instant now) {
    return !now.isBefore(since) && now.isBefore(since.plus(span));
  }

  private Future<List<VerificationKey>> begin(Instant now) {
    Future<List<VerificationKey>> running = inFlight;
    if (running != null) {
      return running;
    }
    tried = now;
    Future<List<VerificationKey>> begun = fetched();
    inFlight = begun;
    begun.onComplete(this::ended);
    return begun;
  }

  private Future<List<VerificationKey>> fetched() {
    try {
      return fetch.get();
    } catch (RuntimeException refused) { // such as by a Vert.x that was closed
      return Future.failedFuture(
          new KeysUnavailableException(
              "no fetch could begin (" + refused.getClass().getSimpleName() + ")"));
    }
  }

  private synchronized void ended(AsyncResult<List<VerificationKey>> end) {
    inFlight = null;
    failure = end.failed() ? end.cause() : null;
    if (end.succeeded()) {
      snapshot = new Snapshot(end.result(), clock.instant());
    }
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final Vertx vertx;
    private final String url;
    private Duration timeout = Duration.ofSeconds(4);
    private Duration fresh = Duration.ofMinutes(10);
    private Duration stale = Duration.ofHours(12);
    private Duration retryAfter = Duration.ofSeconds(30);
    private boolean insecureLoopback;
    private InstantSource clock = InstantSource.system();

    private Builder(Vertx vertx, String url) {
      this.vertx = vertx;
      this.url = url;
    }

    /** How long a fetch may take in all; 4 s by default. */
    public Builder timeout(Duration value) {
      this.timeout = value;
      return this;
    }

    /** How long keys are used before they are fetched again; 10 min by default. */
    public Builder fresh(Duration value) {
      this.fresh = value;
      return this;
    }

    /** How much longer they are used while fetching fails; 12 h by default. */
    public Builder stale(Duration value) {
      this.stale = value;
      return this;
    }

    /**
     * The least time before a fetch for a key that tokens name, and after one that failed; 30 s by
     * default. Keys that are no longer fresh do not wait for it.
     */
    public Builder retryAfter(Duration value) {
      this.retryAfter = value;
      return this;
    }

    /** Lets the URL be http, if it leads to this machine. For development. */
    public Builder allowInsecureLoopback() {
      this.insecureLoopback = true;
      return this;
    }

    /** Tells the time. */
    public Builder clock(InstantSource value) {
      this.clock = value;
      return this;
    }

    /**
     * The set; nothing is fetched yet.
     *
     * @throws IllegalArgumentException if the URL is not https, or a duration is not positive
     */
    public FetchedKeySet build() {
      for (Duration each : List.of(timeout, fresh, retryAfter)) {
        if (each.toMillis() < 1) {
          throw new IllegalArgumentException("timeout, fresh and retryAfter must be positive");
        }
      }
      if (stale.isNegative()) {
        throw new IllegalArgumentException("stale must not be negative");
      }
      return new FetchedKeySet(this);
    }
  }
}
