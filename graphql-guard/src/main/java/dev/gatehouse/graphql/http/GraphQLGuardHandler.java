package dev.gatehouse.graphql.http;

import dev.gatehouse.graphql.GraphQLGuard;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * GraphQL over HTTP, and nothing that only looks like it: a mutation runs by POST of {@code
 * application/json} alone, so that no other site's form or image makes a browser send one.
 *
 * <pre>{@code
 * router.route("/graphql").handler(GraphQLGuardHandler.create(service));
 * }</pre>
 *
 * <p>It follows the GraphQL over HTTP specification: POST, and GET for queries; answers of {@code
 * application/graphql-response+json} or {@code application/json} by {@code Accept}, and 406 where
 * the client takes neither. Members of a request that come twice, numbers that no double holds,
 * bytes that are not UTF-8, parameters of a POST in its URL, parameters twice: 400. Batches are
 * off.
 *
 * <p>Mount it instead of a {@code BodyHandler}: it reads the body within its own bounds. A client
 * that leaves cancels what runs for it.
 */
public final class GraphQLGuardHandler implements Handler<RoutingContext> {
  final GuardedService service;
  final RequestBody bodies;
  final int maxBatch;
  final boolean allowsGet;
  final @Nullable String preflightHeader;

  private GraphQLGuardHandler(Builder builder) {
    this.service = builder.service;
    this.bodies = new RequestBody(builder.maxBodyBytes, builder.bodyTimeout, builder.maxInFlight);
    this.maxBatch = builder.maxBatch;
    this.allowsGet = builder.allowsGet;
    this.preflightHeader = builder.preflightHeader;
  }

  /** A handler of the guard's schema that knows no callers. */
  public static GraphQLGuardHandler create(GraphQLGuard guard) {
    return create(GuardedService.create(guard));
  }

  /** A handler with all defaults. */
  public static GraphQLGuardHandler create(GuardedService service) {
    return builder(service).build();
  }

  /** Begins a handler. */
  public static Builder builder(GuardedService service) {
    return new Builder(service);
  }

  @Override
  public void handle(RoutingContext ctx) {
    new HttpExchange(this, ctx).begin();
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private final GuardedService service;
    private long maxBodyBytes = 1 << 20;
    private Duration bodyTimeout = Duration.ofSeconds(10);
    private long maxInFlight = 64 << 20;
    private int maxBatch;
    private boolean allowsGet = true;
    private @Nullable String preflightHeader;

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

    /**
     * Allows batches of so many requests, run one after the other; none by default. Limits hold for
     * each request of a batch on its own: what may be called once can be called as often as this.
     */
    public Builder maxBatch(int value) {
      this.maxBatch = value;
      return this;
    }

    /** Whether queries may come by GET; they may by default. */
    public Builder allowGet(boolean value) {
      this.allowsGet = value;
      return this;
    }

    /**
     * Requires this header on every request, whatever its value, GET included: a page of another
     * site cannot send one without asking first. Worth it where cookies authenticate; then on
     * {@link GraphQLSseHandler} too, for such a page chooses {@code Accept} freely.
     */
    public Builder requireHeader(String name) {
      this.preflightHeader = name;
      return this;
    }

    /**
     * The handler.
     *
     * @throws IllegalArgumentException if a bound is not positive
     */
    public GraphQLGuardHandler build() {
      if (maxBodyBytes < 1 || maxInFlight < maxBodyBytes || maxBatch < 0) {
        throw new IllegalArgumentException(
            "maxBodyBytes must be positive, maxBytesInFlight no less, and maxBatch not negative");
      }
      if (bodyTimeout.toMillis() < 1) {
        throw new IllegalArgumentException("bodyTimeout must be at least a millisecond");
      }
      return new GraphQLGuardHandler(this);
    }
  }
}
