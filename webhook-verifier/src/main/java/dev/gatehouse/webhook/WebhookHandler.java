package dev.gatehouse.webhook;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.FailureMode;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Mode;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.webhook.scheme.Scheme;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets a request pass to the next handler only as a {@link VerifiedWebhook}, and each delivery only
 * once.
 *
 * <pre>{@code
 * router.post("/hooks/github")
 *     .handler(WebhookHandler.create(github, Claims.inMemory(10_000)))
 *     .handler(ctx -> ship(VerifiedWebhook.of(ctx))
 *         .onSuccess(done -> ctx.response().setStatusCode(204).end())
 *         .onFailure(ctx::fail));
 * }</pre>
 *
 * <p>Mount it <em>instead of</em> a {@code BodyHandler}: it reads the raw bytes itself, within a
 * limit of size, of time and of bytes in flight. A request of which an earlier handler has read
 * anything, or let anything go by unread, is failed with 500, because what was signed is gone.
 *
 * <h2>Once</h2>
 *
 * A verified delivery is claimed before the next handler runs. When that handler answers 2xx, the
 * claim is completed and a duplicate gets the same status again with {@code Gatehouse-Duplicate:
 * true}. When it fails, throws, answers anything else or not within the handler timeout, or when
 * the client goes away first, the claim is released, so that the sender's retry runs. Duplicates
 * that come meanwhile wait for the outcome.
 *
 * <p>The claim is completed as the answer is written, not before: with a claims store in memory
 * that is one step; with a remote one, the client may see its 2xx a moment before the store does,
 * and a duplicate in that moment waits. If the store fails just then, completion is tried again a
 * few times and its loss is audited; the delivery would run again if it came again after its lease.
 * A handler that must not allow even that keeps the claim in the transaction of its effect.
 *
 * <h2>Answers</h2>
 *
 * 401 for every failed verification, the same empty answer whatever the cause; 400 for what is
 * missing or malformed; 405, 408, 409, 413, 415, 429 and 503 as their names say, the last two with
 * {@code Retry-After}. What a client is still sending is discarded, within bounds, so that it can
 * read its answer.
 *
 * <p>One handler serves any number of requests and event loops.
 */
public final class WebhookHandler implements Handler<RoutingContext> {
  final WebhookVerifier verifier;
  final Set<String> methods;
  final String allow;
  final @Nullable Claims claims;
  final long maxBodyBytes;
  final Duration bodyTimeout;
  final BodyBudget bodyBudget;
  final HandlerDeadlines deadlines;
  final Duration lease;
  final Duration inFlightWait;
  final FailureBudget failures;
  final @Nullable RateLimiter verifiedLimiter;
  final Function<HttpServerRequest, String> clientAddress;
  final Function<HttpServerRequest, Supplier<String>> origin;
  final SourceStops stops;
  final SourceAudit audit;
  final HandshakeAnswers handshakes;
  final @Nullable WebhookObserver observer;
  final @Nullable Consumer<UnverifiedWebhook> evidence;
  final Mode mode;
  final FailureMode failureMode;
  final boolean tellReasons;
  final InstantSource clock;
  final Set<String> rememberedHeaders;
  final AtomicInteger waiters = new AtomicInteger();

  private WebhookHandler(Builder builder) {
    this.verifier = builder.verifier;
    this.methods = Set.copyOf(verifier.methods());
    this.allow = String.join(", ", new TreeSet<>(methods));
    this.claims = builder.claims;
    this.maxBodyBytes = builder.maxBodyBytes;
    this.bodyTimeout = builder.bodyTimeout;
    this.bodyBudget = builder.bodyBudget;
    this.deadlines = new HandlerDeadlines(builder.handlerTimeout);
    this.lease = builder.effectiveLease();
    this.inFlightWait = builder.effectiveInFlightWait();
    this.failures = new FailureBudget(builder.effectiveFailureLimiter(), verifier.source());
    this.verifiedLimiter = builder.verifiedLimiter;
    this.clientAddress = builder.clientAddress;
    this.origin = builder.origin;
    this.stops = new SourceStops(builder.killSwitch, verifier);
    this.audit = new SourceAudit(builder.auditSink.guarded(), builder.clock, verifier.source());
    this.observer = builder.observer;
    this.evidence = builder.evidence;
    this.mode = builder.mode;
    this.failureMode = builder.failureMode;
    this.handshakes = new HandshakeAnswers(failures, failureMode, audit, verifier.confirmer());
    this.tellReasons = builder.tellReasons;
    this.clock = builder.clock;
    this.rememberedHeaders = Set.copyOf(builder.rememberedHeaders);
  }

  /**
   * A handler with all defaults.
   *
   * @throws IllegalArgumentException if the claims forget sooner than this verifier's deliveries
   *     can come again
   */
  public static WebhookHandler create(WebhookVerifier verifier, Claims claims) {
    return builder(verifier).claims(claims).build();
  }

  /** Begins a handler. */
  public static Builder builder(WebhookVerifier verifier) {
    return new Builder(verifier);
  }

  @Override
  public void handle(RoutingContext ctx) {
    ContextInternal context = contextOf(ctx);
    if (context.inThread()) {
      handle(ctx, context);
    } else {
      // whoever let it go on did so on a thread of its own, which its events do not wait for
      context.runOnContext(turn -> handle(ctx, context));
    }
  }

  private static ContextInternal contextOf(RoutingContext ctx) {
    return ctx.request() instanceof HttpServerRequestInternal request
        ? request.context()
        : (ContextInternal) ctx.vertx().getOrCreateContext();
  }

  private void handle(RoutingContext ctx, Context context) {
    HttpServerRequest request = ctx.request();
    if (request.isEnded() || request.isExpectMultipart()) {
      failAsRead(ctx);
      return;
    }
    new WebhookExchange(this, ctx, context).begin();
  }

  static void failAsRead(RoutingContext ctx) {
    ctx.fail(
        500,
        new IllegalStateException(
            "the request was read before the WebhookHandler saw it: mount it first on the route,"
                + " instead of a BodyHandler, and pause the request in asynchronous handlers"
                + " before it"));
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private static final Set<String> NEVER_REMEMBERED =
        Set.of(
            "set-cookie",
            "set-cookie2",
            "authorization",
            "proxy-authorization",
            "www-authenticate",
            "proxy-authenticate",
            "authentication-info",
            "connection",
            "content-length",
            "transfer-encoding");
    private static final Duration LEASE_MARGIN = Duration.ofSeconds(10);
    private static final Duration IN_FLIGHT_WAIT = Duration.ofSeconds(5);
    private static final long PEERS = 100_000;

    private final WebhookVerifier verifier;
    private @Nullable Claims claims;
    private boolean claimsSkipped;
    private long maxBodyBytes = 1024 * 1024;
    private Duration bodyTimeout = Duration.ofSeconds(10);
    private BodyBudget bodyBudget = BodyBudget.ofBytes(64L * 1024 * 1024);
    private Duration handlerTimeout = Duration.ofSeconds(30);
    private @Nullable Duration lease;
    private @Nullable Duration inFlightWait;
    private @Nullable RateLimiter failureLimiter;
    private @Nullable RateLimiter verifiedLimiter;
    private Function<HttpServerRequest, String> clientAddress = TrustedProxies::peer;
    private Function<HttpServerRequest, Supplier<String>> origin = TrustedProxies.none()::originOf;
    private @Nullable KillSwitch killSwitch;
    private AuditSink auditSink = AuditSink.slf4j();
    private @Nullable WebhookObserver observer;
    private @Nullable Consumer<UnverifiedWebhook> evidence;
    private Mode mode = Mode.ENFORCE;
    private FailureMode failureMode = FailureMode.CLOSED;
    private boolean tellReasons;
    private InstantSource clock = InstantSource.system();
    private Set<String> rememberedHeaders = Set.of("Content-Type", "Location");

    private Builder(WebhookVerifier verifier) {
      this.verifier = verifier;
    }

    /** Remembers deliveries here. Required, unless {@link #dangerouslySkipClaims} is called. */
    public Builder claims(Claims value) {
      this.claims = value;
      return this;
    }

    /**
     * Remembers nothing: a delivery that comes again, from its sender or from somebody who recorded
     * it, takes effect again. For handlers that claim for themselves.
     */
    public Builder dangerouslySkipClaims() {
      this.claimsSkipped = true;
      return this;
    }

    /** The longest body accepted, in bytes; 1 MiB by default. */
    public Builder maxBodyBytes(long value) {
      this.maxBodyBytes = value;
      return this;
    }

    /** How long a body may take to arrive; 10 s by default. */
    public Builder bodyTimeout(Duration value) {
      this.bodyTimeout = value;
      return this;
    }

    /** The bytes in flight; 64 MiB of this handler's own by default. Share one between handlers. */
    public Builder bodyBudget(BodyBudget value) {
      this.bodyBudget = value;
      return this;
    }

    /** How long the next handlers may take to answer; 30 s by default. */
    public Builder handlerTimeout(Duration value) {
      this.handlerTimeout = value;
      return this;
    }

    /** How long a claim holds if this process dies; the handler timeout and 10 s by default. */
    public Builder lease(Duration value) {
      this.lease = value;
      return this;
    }

    /**
     * How long a duplicate waits for the first to end before it is told to come again. By default 5
     * s where the provider comes again by itself, and the handler timeout where it does not: then
     * this answer is all that it will ever see. Less where the provider's own deadline is near, so
     * that it sees an answer at all.
     */
    public Builder inFlightWait(Duration value) {
      this.inFlightWait = value;
      return this;
    }

    /** The budget of requests that fail, by source and client; 30 a minute by default. */
    public Builder failureLimiter(RateLimiter value) {
      this.failureLimiter = value;
      return this;
    }

    /** The budget of verified requests, by source; unlimited by default. */
    public Builder verifiedLimiter(RateLimiter value) {
      this.verifiedLimiter = value;
      return this;
    }

    /** Tells the client's address; by default the address of the peer, whatever headers say. */
    public Builder clientAddress(Function<HttpServerRequest, String> value) {
      this.clientAddress = value;
      return this;
    }

    /** Takes the client's address, and the URL's scheme and host, from these proxies. */
    public Builder trustedProxies(TrustedProxies value) {
      this.clientAddress = value::clientAddress;
      this.origin = value::originOf;
      return this;
    }

    /**
     * The URL under which senders reach this server, such as {@code https://hooks.example.com}; the
     * request's path and query are appended. For schemes that sign the URL.
     */
    public Builder publicUrl(String base) {
      String trimmed = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
      requireBaseUrl(trimmed);
      this.origin = request -> () -> trimmed;
      return this;
    }

    /** Stops sources, tenants and keys while the server runs. */
    public Builder killSwitch(KillSwitch value) {
      this.killSwitch = value;
      return this;
    }

    /** Where decisions are recorded; the logger {@code gatehouse.audit} by default. */
    public Builder auditSink(AuditSink value) {
      this.auditSink = value;
      return this;
    }

    /** Is told of each request when it is over. */
    public Builder observer(WebhookObserver value) {
      this.observer = value;
      return this;
    }

    /**
     * Is given what verification refuses, with as much of its body as was read, on the event loop;
     * nothing by default. Until they are judged, bodies are kept in memory for it a second time,
     * which the budget of bodies does not count; and a peer whose budget of failures is spent gives
     * no more of it. It must neither block nor throw.
     */
    public Builder evidence(Consumer<UnverifiedWebhook> value) {
      this.evidence = value;
      return this;
    }

    /**
     * Whether refusals bind. In {@link Mode#OBSERVE} what verification refuses passes as an {@link
     * UnverifiedWebhook}; limits of size, time and memory bind all the same.
     */
    public Builder mode(Mode value) {
      this.mode = value;
      return this;
    }

    /**
     * What follows when the claims or the verified limiter cannot be asked, or for a handshake the
     * failure limiter; closed by default. Open lets nothing pass beside a delivery that is known to
     * run: a duplicate that saw so waits on.
     */
    public Builder failureMode(FailureMode value) {
      this.failureMode = value;
      return this;
    }

    /** Whether 400 and 401 carry the reason's code; a help in development, off by default. */
    public Builder tellReasons(boolean value) {
      this.tellReasons = value;
      return this;
    }

    /** Tells the time. */
    public Builder clock(InstantSource value) {
      this.clock = value;
      return this;
    }

    /**
     * The headers of an answer that its duplicates get again; {@code Content-Type} and {@code
     * Location} by default. Cookies and credentials are refused.
     */
    public Builder rememberedHeaders(Set<String> value) {
      this.rememberedHeaders = Set.copyOf(value);
      return this;
    }

    /**
     * The handler.
     *
     * @throws IllegalArgumentException if a part is missing or contradicts another; the message
     *     says which and what to do
     */
    public WebhookHandler build() {
      checkClaims();
      require(maxBodyBytes > 0, "maxBodyBytes must be positive");
      requirePositive("bodyTimeout", bodyTimeout);
      requirePositive("handlerTimeout", handlerTimeout);
      requirePositive("inFlightWait", effectiveInFlightWait());
      require(
          effectiveLease().compareTo(handlerTimeout) > 0,
          "lease must be longer than handlerTimeout, or a delivery is claimed again while its"
              + " handler still runs");
      for (String header : rememberedHeaders) {
        require(
            !NEVER_REMEMBERED.contains(header.toLowerCase(Locale.ROOT)),
            "rememberedHeaders must not hold " + header + ": it would be given to a duplicate");
      }
      return new WebhookHandler(this);
    }

    private void checkClaims() {
      if (claims == null) {
        require(
            claimsSkipped,
            "claims are missing: give claims(Claims.inMemory(…)) or a shared store, or say"
                + " dangerouslySkipClaims()");
        return;
      }
      require(!claimsSkipped, "claims(…) and dangerouslySkipClaims() exclude each other");
      Duration needed = verifier.minimumRetention();
      require(
          claims.retention().compareTo(needed) >= 0,
          "claims are remembered for "
              + claims.retention()
              + ", but deliveries of source '"
              + verifier.source()
              + "' can come again for "
              + needed
              + ": raise the claims' retention to at least that");
    }

    private Duration effectiveInFlightWait() {
      if (inFlightWait != null) {
        return inFlightWait;
      }
      Scheme.Delivery provider = verifier.scheme().delivery();
      Duration wait = provider.retrySpan().isZero() ? handlerTimeout : IN_FLIGHT_WAIT;
      // a fifth of the deadline is for the network, and for what comes before the wait
      Duration most = provider.deadline().multipliedBy(4).dividedBy(5);
      return provider.deadline().isZero() || wait.compareTo(most) <= 0 ? wait : most;
    }

    private Duration effectiveLease() {
      return lease == null ? handlerTimeout.plus(LEASE_MARGIN) : lease;
    }

    private RateLimiter effectiveFailureLimiter() {
      return failureLimiter == null
          ? RateLimiter.inMemory(RateLimiter.Rate.perMinute(30), PEERS, clock)
          : failureLimiter;
    }

    private static void requireBaseUrl(String base) {
      URI uri;
      try {
        uri = URI.create(base);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("publicUrl is not a URL", e);
      }
      boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      require(
          web && uri.getRawAuthority() != null && uri.getRawQuery() == null,
          "publicUrl must be such as https://hooks.example.com, without a query");
    }

    private static void requirePositive(String name, Duration value) {
      require(value.toMillis() > 0, name + " must be at least a millisecond");
    }

    private static void require(boolean condition, String message) {
      if (!condition) {
        throw new IllegalArgumentException(message);
      }
    }
  }
}
