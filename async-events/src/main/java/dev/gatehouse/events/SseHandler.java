package dev.gatehouse.events;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Authenticator;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Serves events as server-sent events, to callers whose credential says their tenant, and only that
 * tenant's.
 *
 * <pre>{@code
 * router.route("/events").handler(SseHandler.create(hub, authenticator));
 * }</pre>
 *
 * <p>{@code GET /events?topic=orders.*&filter=data.total > 100} opens a stream. Each event is a
 * message whose data is the event in CloudEvents' JSON format, and whose id is a cursor: a client
 * that comes back with it as {@code Last-Event-ID} goes on where it was. {@code event: gap} says
 * that something is missing, and why; a cursor that is unknown, of somebody else, forged or too old
 * starts with one. {@code event: end} with {@code {"reason":"credentials_expired"}} or another
 * {@link EndReason} says that the stream is over and why. Comments in between show that it lives.
 *
 * <h2>Answers</h2>
 *
 * Whoever is not let in gets JSON with a stable code, {@code {"error":"forbidden","message":"…"}}:
 * 400 for a query that cannot be read, 401 without a good credential, 403 where it does not
 * suffice, 405, 406 for clients that read no event streams, 429 and 503 with {@code Retry-After}
 * when there are too many, or when nothing could be decided.
 *
 * <h2>What a client can cost</h2>
 *
 * What it does not read waits in its subscription's queue, whose bounds are the hub's; beyond that
 * at most one batch lies before its socket. One that reads nothing for the {@link
 * Builder#stallTime} is disconnected. When a credential ends, what waits is thrown away; where some
 * of it lies before the socket already, the connection is cut instead of told.
 *
 * <p>A token in the query ends up in logs and histories: a request that has one is refused, unless
 * {@link Builder#dangerouslyAllowTokenInQuery} says otherwise. A browser's {@code EventSource}
 * sends no header of one's own: use a cookie, by {@link Builder#principals}.
 *
 * <p>One handler serves any number of requests and event loops.
 */
public final class SseHandler implements Handler<RoutingContext> {
  final EventHub hub;
  final SseCallers callers;
  final boolean tokenInQuery;
  final long heartbeatMillis;
  final long stallNanos;
  final long openMillis;
  final int maxOpening;
  final AtomicInteger opening = new AtomicInteger();
  private final Duration retry;
  private final RandomGenerator random;

  private SseHandler(Builder builder, SseCallers callers) {
    this.hub = builder.hub;
    this.callers = callers;
    this.tokenInQuery = builder.tokenInQuery;
    this.heartbeatMillis = builder.heartbeat.toMillis();
    this.stallNanos = builder.stallTime.toNanos();
    this.openMillis = builder.openTime.toMillis();
    this.maxOpening = builder.maxOpening;
    this.retry = builder.retry;
    this.random = builder.random;
  }

  /** A handler for callers with a bearer token in the {@code Authorization} header. */
  public static SseHandler create(EventHub hub, Authenticator authenticator) {
    return builder(hub).authenticator(authenticator).build();
  }

  /** Begins a handler; it needs to know who calls. */
  public static Builder builder(EventHub hub) {
    return new Builder(hub);
  }

  @Override
  public void handle(RoutingContext ctx) {
    new SseExchange(this, ctx).begin();
  }

  /**
   * When a client that lost its stream should come back: each at another moment, so that those who
   * were cut off together do not come back together.
   */
  long retryMillis() {
    long most = retry.toMillis();
    return most / 2 + random.nextLong(most / 2 + 1);
  }

  /** The same in seconds, at least one. */
  long retrySeconds(Duration hint) {
    return Math.max(1, (hint.toMillis() + 999) / 1_000);
  }

  Duration spread() {
    return Duration.ofMillis(1_000 + random.nextLong(4_000));
  }

  long firstHeartbeat() {
    return 1 + random.nextLong(heartbeatMillis);
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final EventHub hub;
    private @Nullable Authenticator authenticator;
    private @Nullable Function<RoutingContext, Future<Authentication>> principals;
    private boolean tokenInQuery;
    private Duration heartbeat = Duration.ofSeconds(15);
    private Duration stallTime = Duration.ofSeconds(30);
    private Duration openTime = Duration.ofSeconds(10);
    private Duration retry = Duration.ofSeconds(4);
    private int maxOpening = 2_000;
    private RandomGenerator random = new Random();

    private Builder(EventHub hub) {
      this.hub = hub;
    }

    /** Who verifies bearer tokens. */
    public Builder authenticator(Authenticator value) {
      this.authenticator = value;
      return this;
    }

    /**
     * Who calls, where it is not a bearer token that says so: a cookie's session, a client
     * certificate. It is asked on the event loop, instead of an authenticator; a failed future says
     * that it could not be found out.
     */
    public Builder principals(Function<RoutingContext, Future<Authentication>> value) {
      this.principals = value;
      return this;
    }

    /**
     * Takes a token from the query's {@code access_token} too, where every proxy, history and log
     * on the way may keep it. For tokens that live for a minute and open nothing else.
     */
    public Builder dangerouslyAllowTokenInQuery() {
      this.tokenInQuery = true;
      return this;
    }

    /** How often a silent stream shows that it lives; every 15 s by default. */
    public Builder heartbeat(Duration value) {
      this.heartbeat = value;
      return this;
    }

    /** How long a client may read nothing while something waits for it; 30 s by default. */
    public Builder stallTime(Duration value) {
      this.stallTime = value;
      return this;
    }

    /** How long finding out who calls, and whether it may, takes at most; 10 s by default. */
    public Builder openTime(Duration value) {
      this.openTime = value;
      return this;
    }

    /** How long a client that lost its stream waits at most before it comes back; 4 s. */
    public Builder retry(Duration value) {
      this.retry = value;
      return this;
    }

    /** How many streams may be on their way to being opened; 2,000 by default. */
    public Builder maxOpening(int value) {
      this.maxOpening = value;
      return this;
    }

    /** What spreads retry hints and heartbeats. */
    public Builder random(RandomGenerator value) {
      this.random = value;
      return this;
    }

    /**
     * The handler.
     *
     * @throws IllegalStateException if nothing says who calls, or two things do
     * @throws IllegalArgumentException if a time or a number is not positive
     */
    public SseHandler build() {
      boolean positive =
          heartbeat.toMillis() > 0
              && stallTime.toMillis() > 0
              && openTime.toMillis() > 0
              && retry.toMillis() > 0
              && maxOpening > 0;
      if (!positive) {
        throw new IllegalArgumentException(
            "heartbeat, stallTime, openTime, retry and maxOpening must be positive");
      }
      return new SseHandler(this, callers());
    }

    private SseCallers callers() {
      Authenticator tokens = authenticator;
      Function<RoutingContext, Future<Authentication>> other = principals;
      if (tokens != null && other == null) {
        return SseCallers.byToken(tokens, tokenInQuery);
      }
      if (tokens == null && other != null && !tokenInQuery) {
        return SseCallers.by(other);
      }
      throw new IllegalStateException(
          "an event stream needs to know who calls: give either an authenticator for bearer tokens,"
              + " or principals");
    }
  }
}
