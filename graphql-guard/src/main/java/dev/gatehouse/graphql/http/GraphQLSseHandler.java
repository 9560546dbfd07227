package dev.gatehouse.graphql.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * GraphQL over server-sent events, each operation on a connection of its own (the distinct
 * connections mode of graphql-sse): the same operations, limits and answers as over HTTP, and
 * subscriptions.
 *
 * <p>It takes the requests whose {@code Accept} names {@code text/event-stream} and gives no other
 * answer more weight, nor the same and an earlier place; the rest goes to the next handler. Queries
 * and subscriptions may come by GET, mutations by POST of {@code application/json} alone. Events
 * are taken from their publisher as the client reads them. When a credential expires or is stopped,
 * the stream ends within a second with {@code event: end} and {@code data:
 * {"reason":"credentials_expired"}}; where something waits that the client has not read, its
 * connection is cut instead. So is one that reads nothing for the {@link Builder#stallTime}.
 */
public final class GraphQLSseHandler implements Handler<RoutingContext> {
  final GuardedService service;
  final RequestBody bodies;
  final Duration heartbeat;
  final Duration stallTime;
  final OpenConnections connections;
  private final @Nullable String preflightHeader;

  private GraphQLSseHandler(Builder builder) {
    this.service = builder.service;
    this.bodies = new RequestBody(builder.maxBodyBytes, builder.bodyTimeout, builder.maxInFlight);
    this.heartbeat = builder.heartbeat;
    this.stallTime = builder.stallTime;
    this.preflightHeader = builder.preflightHeader;
    this.connections =
        new OpenConnections(
            builder.maxStreams, builder.maxStreamsByCaller, builder.maxStreamsByAddress);
  }

  /** A handler with all defaults. */
  public static GraphQLSseHandler create(GuardedService service) {
    return builder(service).build();
  }

  /** Begins a handler. */
  public static Builder builder(GuardedService service) {
    return new Builder(service);
  }

  @Override
  public void handle(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    if (!MediaType.prefersEvents(request.headers().getAll(HttpHeaders.ACCEPT))) {
      ctx.next();
      return;
    }
    HttpMethod method = request.method();
    if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.POST)) {
      ctx.response().putHeader(HttpHeaders.ALLOW, "GET, POST");
      HttpAnswer.send(ctx, 405, MediaType.JSON, HttpAnswer.error("use POST, or GET"));
      return;
    }
    if (preflightHeader != null && !request.headers().contains(preflightHeader)) {
      HttpAnswer.send(
          ctx,
          400,
          MediaType.JSON,
          HttpAnswer.error("the header " + preflightHeader + " is missing"));
      return;
    }
    new Intake(
            service,
            Transport.SSE,
            bodies,
            0,
            ctx,
            MediaType.JSON,
            (origin, asked) -> new SseStream(this, ctx, origin).begin(asked.requests().get(0)))
        .begin();
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final GuardedService service;
    private long maxBodyBytes = 1 << 20;
    private Duration bodyTimeout = Duration.ofSeconds(10);
    private long maxInFlight = 64 << 20;
    private Duration heartbeat = Duration.ofSeconds(12);
    private Duration stallTime = Duration.ofSeconds(30);
    private @Nullable String preflightHeader;
    private int maxStreams = 10_000;
    private int maxStreamsByCaller = 100;
    private int maxStreamsByAddress = 1_000;

    private Builder(GuardedService service) {
      this.service = service;
    }

    /** The longest body, in bytes; 1 MiB by default. */
    public Builder maxBodyBytes(long value) {
      this.maxBodyBytes = value;
      return this;
    }

    /** How long a body may take to arrive; 10 s by default. */
    public Builder bodyTimeout(Duration value) {
      this.bodyTimeout = value;
      return this;
    }

    /** The most bytes of bodies that are on their way at a time; 64 MiB by default. */
    public Builder maxBytesInFlight(long value) {
      this.maxInFlight = value;
      return this;
    }

    /** How often a silent stream shows that it lives; every 12 s by default. */
    public Builder heartbeat(Duration value) {
      this.heartbeat = value;
      return this;
    }

    /**
     * How long a client may read nothing while something waits for it, until its connection is cut;
     * 30 s by default, looked at with each heartbeat.
     */
    public Builder stallTime(Duration value) {
      this.stallTime = value;
      return this;
    }

    /**
     * Requires this header on every request, whatever its value, as {@link
     * GraphQLGuardHandler.Builder#requireHeader} does, which does not see what is taken here. A
     * browser's {@code EventSource} cannot send one.
     */
    public Builder requireHeader(String name) {
      this.preflightHeader = name;
      return this;
    }

    /**
     * The most streams: in all, of one caller, and of one address (of IPv6, one /64) for callers
     * that are not known; 10,000, 100 and 1,000 by default.
     */
    public Builder maxStreams(int inAll, int byCaller, int byAddress) {
      this.maxStreams = inAll;
      this.maxStreamsByCaller = byCaller;
      this.maxStreamsByAddress = byAddress;
      return this;
    }

    /**
     * The handler.
     *
     * @throws IllegalArgumentException if a bound is not positive
     */
    public GraphQLSseHandler build() {
      if (maxBodyBytes < 1 || maxInFlight < maxBodyBytes) {
        throw new IllegalArgumentException(
            "maxBodyBytes must be positive, and maxBytesInFlight no less");
      }
      if (maxStreams < 1 || maxStreamsByCaller < 1 || maxStreamsByAddress < 1) {
        throw new IllegalArgumentException("the limits of streams must be positive");
      }
      if (bodyTimeout.toMillis() < 1 || heartbeat.toMillis() < 1 || stallTime.toMillis() < 1) {
        throw new IllegalArgumentException("bodyTimeout, heartbeat and stallTime must be positive");
      }
      return new GraphQLSseHandler(this);
    }
  }
}
