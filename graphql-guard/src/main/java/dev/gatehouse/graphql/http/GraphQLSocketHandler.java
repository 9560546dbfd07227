package dev.gatehouse.graphql.http;

import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.graphql.ErrorCode;
import dev.gatehouse.graphql.GuardError;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * GraphQL over WebSocket ({@code graphql-transport-ws}), to the letter, and in bounds: a socket
 * costs what its limits say, whatever its client sends or does not read.
 *
 * <pre>{@code
 * HttpServerOptions options = GraphQLSocketHandler.serverOptions(new HttpServerOptions());
 * router.route("/graphql").handler(GraphQLSocketHandler.create(service)).handler(…);
 * }</pre>
 *
 * <p>The server must be made with {@link #serverOptions}: the subprotocol, the size of frames and
 * compression (which Vert.x inflates without bound) are set there, and a socket of a server that
 * compresses is closed. Requests that are no upgrade go to the next handler.
 *
 * <p>A browser's page must be of the same origin or listed; an absent {@code Origin} passes, unless
 * a cookie may say who calls. A bearer token comes in the upgrade's {@code Authorization} or in
 * {@code connection_init}'s payload as {@code Authorization}; if both do, they must be the same
 * caller's. Events are taken from their publisher as the client reads them. When a credential
 * expires or is stopped, the socket closes with 4440 within a second.
 */
public final class GraphQLSocketHandler implements Handler<RoutingContext> {
  /** The subprotocol, and the only one. */
  public static final String SUBPROTOCOL = "graphql-transport-ws";

  private static final Logger LOG = LoggerFactory.getLogger(GraphQLSocketHandler.class);
  private static final int DEFAULT_MESSAGE_BYTES = 64 * 1024;
  private static final String PROTOCOLS = "Sec-WebSocket-Protocol";

  final GuardedService service;
  final Duration initTimeout;
  final Duration keepAlive;
  final int maxSubscriptions;
  final int maxMessageBytes;
  final int messagesPerSecond;
  final int messageBurst;
  final RateLimiter.InMemory operations;
  final boolean allowsCompression;
  final OpenConnections connections;
  private final WebOrigins origins;

  private GraphQLSocketHandler(Builder builder) {
    this.service = builder.service;
    this.initTimeout = builder.initTimeout;
    this.keepAlive = builder.keepAlive;
    this.maxSubscriptions = builder.maxSubscriptions;
    this.maxMessageBytes = builder.maxMessageBytes;
    this.messagesPerSecond = builder.messagesPerSecond;
    this.messageBurst = builder.messagesPerSecond * 5;
    this.operations =
        (RateLimiter.InMemory)
            RateLimiter.inMemory(builder.operations, Builder.CALLERS, builder.service.clock);
    this.allowsCompression = builder.allowsCompression;
    this.connections =
        new OpenConnections(
            builder.maxSockets, builder.maxSocketsByCaller, builder.maxSocketsByAddress);
    this.origins = new WebOrigins(builder.origins);
  }

  /** A handler with all defaults. */
  public static GraphQLSocketHandler create(GuardedService service) {
    return builder(service).build();
  }

  /** Begins a handler. */
  public static Builder builder(GuardedService service) {
    return new Builder(service);
  }

  /** The options with what sockets need of their server: subprotocol, frames, no compression. */
  public static HttpServerOptions serverOptions(HttpServerOptions options) {
    List<String> known = options.getWebSocketSubProtocols();
    if (known == null || !known.contains(SUBPROTOCOL)) {
      options.addWebSocketSubProtocol(SUBPROTOCOL);
    }
    return options
        .setMaxWebSocketFrameSize(DEFAULT_MESSAGE_BYTES)
        .setMaxWebSocketMessageSize(DEFAULT_MESSAGE_BYTES)
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false);
  }

  @Override
  public void handle(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    boolean isUpgrade =
        request.method().equals(HttpMethod.GET)
            && request.headers().contains(HttpHeaders.UPGRADE, "websocket", true);
    if (!isUpgrade) {
      ctx.next();
      return;
    }
    if (!speaksOurs(request)) {
      HttpAnswer.send(
          ctx, 400, MediaType.JSON, HttpAnswer.error("the subprotocol must be " + SUBPROTOCOL));
      return;
    }
    boolean mayOpen =
        WebOrigins.isAbsent(request)
            ? !service.callers.mayBeByCookie(ctx)
            : origins.allows(request);
    if (!mayOpen) {
      String message = "pages of this origin may not open a socket here";
      GuardError why = GuardError.of(ErrorCode.FORBIDDEN, message);
      HttpAnswer.send(ctx, 403, MediaType.JSON, HttpAnswer.error(why));
      return;
    }
    Context context = ctx.vertx().getOrCreateContext();
    request.pause();
    service
        .callers
        .of(ctx)
        .onComplete(who -> context.runOnContext(here -> known(ctx, context, who)));
  }

  private static boolean speaksOurs(HttpServerRequest request) {
    return request.headers().getAll(PROTOCOLS).stream()
        .flatMap(header -> Arrays.stream(header.split(",", 20)))
        .anyMatch(name -> name.strip().equals(SUBPROTOCOL));
  }

  private void known(RoutingContext ctx, Context context, AsyncResult<Callers.Caller> who) {
    if (ctx.response().closed()) {
      return;
    }
    if (who.failed()) {
      LOG.warn("nobody could say who calls: {}", who.cause().getClass().getName());
      HttpAnswer.undecided(ctx, MediaType.JSON);
      return;
    }
    if (who.result() instanceof Callers.Caller.Refused refused) {
      HttpAnswer.refuse(ctx, MediaType.JSON, refused);
      return;
    }
    Callers.Caller.Of caller = (Callers.Caller.Of) who.result();
    String key = OpenConnections.key(caller.principal(), ctx.request().remoteAddress());
    Optional<OpenConnections.Place> place = connections.enter(key);
    if (place.isEmpty()) {
      HttpAnswer.tooMany(ctx, "too many sockets are open");
      return;
    }
    GuardedService.Origin origin;
    try {
      origin = service.origin(ctx, Transport.WEBSOCKET, caller.principal());
    } catch (RuntimeException e) {
      place.get().leave();
      ctx.fail(e);
      return;
    }
    HttpConnection connection = ctx.request().connection();
    OpenConnections.Place taken = place.get();
    ctx.request()
        .toWebSocket()
        .onFailure(failed -> taken.leave())
        .onSuccess(
            socket -> new SocketSession(this, context, connection, socket, origin, taken).begin());
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {
    private static final long CALLERS = 100_000;

    private final GuardedService service;
    private Set<String> origins = Set.of();
    private Duration initTimeout = Duration.ofSeconds(10);
    private Duration keepAlive = Duration.ofSeconds(25);
    private int maxSubscriptions = 100;
    private int maxMessageBytes = DEFAULT_MESSAGE_BYTES;
    private int messagesPerSecond = 100;
    private RateLimiter.Rate operations = RateLimiter.Rate.perSecond(50, 250);
    private int maxSockets = 10_000;
    private int maxSocketsByCaller = 50;
    private int maxSocketsByAddress = 1_000;
    private boolean allowsCompression;

    private Builder(GuardedService service) {
      this.service = service;
    }

    /**
     * The origins whose pages may open a socket, such as {@code https://app.example.com}; this
     * server's own may always. Behind a proxy that ends TLS the own one does not look like itself:
     * list it.
     */
    public Builder allowOrigins(Set<String> value) {
      this.origins = value;
      return this;
    }

    /** How long a client may take to {@code connection_init}; 10 s by default. */
    public Builder initTimeout(Duration value) {
      this.initTimeout = value;
      return this;
    }

    /** How often a silent client is asked whether it is there; every 25 s by default. */
    public Builder keepAlive(Duration value) {
      this.keepAlive = value;
      return this;
    }

    /** The most operations at a time on one socket; 100 by default. */
    public Builder maxSubscriptions(int value) {
      this.maxSubscriptions = value;
      return this;
    }

    /** The longest message, its fragments together; 64 KiB by default, and no more than a frame. */
    public Builder maxMessageBytes(int value) {
      this.maxMessageBytes = value;
      return this;
    }

    /** Frames a second on one socket, pings among them; 100 by default, five times that at once. */
    public Builder messagesPerSecond(int value) {
      this.messagesPerSecond = value;
      return this;
    }

    /** Operations of one caller over all its sockets; 50 a second and 250 at once by default. */
    public Builder operations(RateLimiter.Rate value) {
      this.operations = value;
      return this;
    }

    /**
     * The most sockets: in all, of one caller, and of one address (of IPv6, one /64) for callers
     * that are not known; 10,000, 50 and 1,000 by default.
     */
    public Builder maxSockets(int inAll, int byCaller, int byAddress) {
      this.maxSockets = inAll;
      this.maxSocketsByCaller = byCaller;
      this.maxSocketsByAddress = byAddress;
      return this;
    }

    /**
     * Serves sockets of a server that compresses: 64 kB from a client may then take 64 MB to
     * inflate, before anything here sees them.
     */
    public Builder dangerouslyAllowCompression() {
      this.allowsCompression = true;
      return this;
    }

    /**
     * The handler.
     *
     * @throws IllegalArgumentException if a bound is not positive
     */
    public GraphQLSocketHandler build() {
      for (int bound :
          new int[] {
            maxSubscriptions,
            maxMessageBytes,
            messagesPerSecond,
            maxSockets,
            maxSocketsByCaller,
            maxSocketsByAddress
          }) {
        if (bound < 1) {
          throw new IllegalArgumentException("the limits of sockets must be positive");
        }
      }
      if (initTimeout.toMillis() < 1 || keepAlive.toMillis() < 1) {
        throw new IllegalArgumentException("initTimeout and keepAlive must be positive");
      }
      return new GraphQLSocketHandler(this);
    }
  }
}
