package dev.gatehouse.graphql.http;

import dev.gatehouse.core.Authenticator;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.jwt.CertificatePrincipals;
import dev.gatehouse.core.jwt.UserPrincipals;
import dev.gatehouse.graphql.AllowedOperations;
import dev.gatehouse.graphql.ErrorCode;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.GuardError;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLContext;
import graphql.GraphQLError;
import graphql.execution.ExecutionId;
import graphql.execution.SubscriptionExecutionStrategy;
import io.vertx.core.Context;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.dataloader.DataLoaderRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands behind every door: one guarded engine, one way of telling who calls, one time in
 * which an operation ends. The same request gets the same answer on each of them.
 *
 * <pre>{@code
 * GuardedService service =
 *     GuardedService.builder(guard)
 *         .graphql(GraphQL.newGraphQL(schema))
 *         .authenticator(tokens)
 *         .killSwitch(switches)
 *         .build();
 * router.route("/graphql")
 *     .handler(GraphQLSocketHandler.create(service))
 *     .handler(GraphQLSseHandler.create(service))
 *     .handler(GraphQLGuardHandler.create(service));
 * }</pre>
 *
 * <p>The caller's {@link Principal} lies in each request's {@link GraphQLContext} under its class,
 * and so does a {@link Cancellation}. A request's root is nothing, whatever a client sends as
 * {@code initialValue}.
 */
public final class GuardedService {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedService.class);

  private final GraphQL graphql;
  private final DocumentSource documents;
  private final Function<RoutingContext, Map<?, Object>> values;
  private final @Nullable Function<GraphQLContext, DataLoaderRegistry> dataLoaders;
  private final Duration timeout;
  private final @Nullable OperationObserver observer;
  final Callers callers;
  final LiveCallers live;
  final InstantSource clock;

  private GuardedService(Builder builder) {
    GraphQL.Builder engine =
        builder.graphql == null
            ? GraphQL.newGraphQL(builder.guard.compiler().schema())
            : builder.graphql;
    if (builder.dataLoaders == null) {
      // The engine keeps something of each event of a subscription for dispatching loaders
      // (graphql-java #4314), unless it knows that there are none to dispatch.
      engine.doNotAutomaticallyDispatchDataLoader();
    }
    this.graphql = builder.guard.applyTo(engine).build();
    this.documents = new DocumentSource(builder.trusted, builder.persisted);
    this.values = builder.values;
    this.dataLoaders = builder.dataLoaders;
    this.timeout = builder.timeout;
    this.observer = builder.observer == null ? null : new GuardedObserver(builder.observer);
    this.clock = builder.clock;
    this.callers =
        new Callers(
            builder.authenticator,
            builder.users,
            builder.certificates,
            builder.killSwitch,
            builder.requiresPrincipal,
            builder.timeout,
            clock);
    this.live = new LiveCallers(clock, builder.killSwitch);
  }

  /** A service of the guard's schema, that knows no callers. */
  public static GuardedService create(GraphQLGuard guard) {
    return builder(guard).build();
  }

  /** Begins a service. */
  public static Builder builder(GraphQLGuard guard) {
    return new Builder(guard);
  }

  /** Where a request comes from: who sends it, and on which way. */
  record Origin(Transport transport, Optional<Principal> caller, Map<?, Object> values) {}

  /** Where the requests of this exchange or socket come from. */
  Origin origin(RoutingContext ctx, Transport transport, Optional<Principal> caller) {
    return new Origin(transport, caller, Map.copyOf(values.apply(ctx)));
  }

  Optional<OperationObserver> observer() {
    return Optional.ofNullable(observer);
  }

  /** Runs one operation; on the context, to which its outcome comes back. */
  Running run(Context context, Origin origin, OperationRequest request, AllowedOperations allowed) {
    Consumer<Outcome> ended = observed(origin, allowed);
    Optional<Principal> caller = origin.caller();
    Cancellation cancellation = new Cancellation();
    ExecutionInput.Builder input = input(origin, request, caller, allowed, cancellation);
    // since the socket was opened, or while the body came; whose it was is not nobody
    if (caller.isPresent() && caller.get().isExpired(clock)) {
      GuardError why = GuardError.of(ErrorCode.UNAUTHENTICATED, "the credential has expired");
      return Running.over(context, input.query("").build(), allowed, why, ended);
    }
    DocumentSource.Found found;
    ExecutionInput bound;
    try {
      found = documents.find(request, caller);
      bound = bound(input, found, cancellation);
    } catch (RuntimeException e) {
      ExecutionInput none = input.query("").build();
      String id = String.valueOf(none.getExecutionId());
      LOG.warn("an operation could not be prepared: {} ({})", e.getClass().getName(), id);
      return Running.over(context, none, allowed, Running.internal(id), ended);
    }
    return found instanceof DocumentSource.Found.Refused refused
        ? Running.over(context, bound, allowed, refused.why(), ended)
        : Running.begin(
            context,
            graphql,
            bound,
            allowed,
            cancellation,
            timeout,
            registering(request, caller, ended));
  }

  // known before the answer is sent: the next request may come by hash alone
  private Consumer<Outcome> registering(
      OperationRequest request, Optional<Principal> caller, Consumer<Outcome> ended) {
    return outcome -> {
      if (hasRun(outcome)) {
        documents.ran(request, caller);
      }
      ended.accept(outcome);
    };
  }

  // what is refused, not valid, or does not end in time has no data, not even null
  private static boolean hasRun(Outcome outcome) {
    return outcome instanceof Outcome.Stream
        || (outcome instanceof Outcome.Answer answer && answer.result().isDataPresent());
  }

  private static ExecutionInput.Builder input(
      Origin origin,
      OperationRequest request,
      Optional<Principal> caller,
      AllowedOperations allowed,
      Cancellation cancellation) {
    ExecutionInput.Builder input =
        ExecutionInput.newExecutionInput()
            .executionId(ExecutionId.generate())
            .operationName(request.operationName())
            .locale(Locale.ROOT)
            .variables(request.variables())
            .extensions(request.extensions())
            .graphQLContext(origin.values())
            .graphQLContext(
                own ->
                    own.put(AllowedOperations.class, allowed)
                        .put(Cancellation.class, cancellation)
                        .put(SubscriptionExecutionStrategy.KEEP_SUBSCRIPTION_EVENTS_ORDERED, true));
    caller.ifPresent(principal -> input.graphQLContext(own -> own.put(Principal.class, principal)));
    return input;
  }

  private ExecutionInput bound(
      ExecutionInput.Builder input, DocumentSource.Found found, Cancellation cancellation) {
    if (!(found instanceof DocumentSource.Found.Text text)) {
      return input.query("").build();
    }
    ExecutionInput bare = input.query(text.document()).build();
    DataLoaderRegistry loaders =
        dataLoaders == null
            ? NoLoaders.INSTANCE
            : CancelledLoaders.bind(dataLoaders.apply(bare.getGraphQLContext()), cancellation);
    return bare.transform(builder -> builder.dataLoaderRegistry(loaders));
  }

  private Consumer<Outcome> observed(Origin origin, AllowedOperations allowed) {
    OperationObserver observing = observer;
    if (observing == null) {
      return outcome -> {};
    }
    Instant begun = clock.instant();
    return outcome -> {
      Duration took = Duration.between(begun, clock.instant());
      observing.answered(
          new OperationObserver.Answered(origin.transport(), allowed.kind(), name(outcome), took));
    };
  }

  private static String name(Outcome outcome) {
    if (!(outcome instanceof Outcome.Answer answer)) {
      return outcome instanceof Outcome.Cancelled ? "cancelled" : "ok";
    }
    ExecutionResult result = answer.result();
    if (result.getErrors().isEmpty()) {
      return "ok";
    }
    return result.isDataPresent()
        ? "partial"
        : code(result.getErrors().get(0))
            .map(c -> c.name().toLowerCase(Locale.ROOT))
            .orElse("invalid");
  }

  /** The code of an error, if it is one of ours. */
  static Optional<ErrorCode> code(GraphQLError error) {
    Object code = error.getExtensions() == null ? null : error.getExtensions().get("code");
    for (ErrorCode each : ErrorCode.values()) {
      if (each.name().equals(String.valueOf(code))) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** Collects a service's parts. */
  public static final class Builder {
    private final GraphQLGuard guard;
    private GraphQL.@Nullable Builder graphql;
    private @Nullable Authenticator authenticator;
    private @Nullable UserPrincipals users;
    private @Nullable CertificatePrincipals certificates;
    private @Nullable KillSwitch killSwitch;
    private boolean requiresPrincipal;
    private Function<RoutingContext, Map<?, Object>> values = ctx -> Map.of();
    private @Nullable Function<GraphQLContext, DataLoaderRegistry> dataLoaders;
    private @Nullable TrustedDocuments trusted;
    private @Nullable PersistedQueries persisted;
    private @Nullable OperationObserver observer;
    private Duration timeout = Duration.ofSeconds(30);
    private InstantSource clock = InstantSource.system();

    private Builder(GraphQLGuard guard) {
      this.guard = guard;
    }

    /**
     * The engine, not guarded yet: its strategies, instrumentation and provider of documents.
     * Without it, a plain one of the guard's schema.
     */
    public Builder graphql(GraphQL.Builder value) {
      this.graphql = value;
      return this;
    }

    /**
     * Verifies bearer tokens: of the {@code Authorization} header, and on sockets also of {@code
     * connection_init}'s payload. Without it that header is not looked at.
     */
    public Builder authenticator(Authenticator value) {
      this.authenticator = value;
      return this;
    }

    /** Makes principals of the users that a handler of Vert.x verified before. */
    public Builder users(UserPrincipals value) {
      this.users = value;
      return this;
    }

    /** Makes principals of client certificates. */
    public Builder certificates(CertificatePrincipals value) {
      this.certificates = value;
      return this;
    }

    /** Answers requests without a principal with 401; by default they run, as nobody's. */
    public Builder requirePrincipal() {
      this.requiresPrincipal = true;
      return this;
    }

    /**
     * Stops principals and tenants at the door, and within a second on sockets and event streams
     * that are open; what runs on these also by an operation's name, or by a root field's
     * coordinate. Give it to the guard too, which refuses such an operation before it runs.
     */
    public Builder killSwitch(KillSwitch value) {
      this.killSwitch = value;
      return this;
    }

    /** What else lies in the context of each request, by the exchange (or upgrade) it came with. */
    public Builder context(Function<RoutingContext, Map<?, Object>> value) {
      this.values = value;
      return this;
    }

    /**
     * The data loaders of each request: new ones, for what they keep is this caller's alone.
     * Without this a request takes none, and none is dispatched. With it, graphql-java 26.0 keeps
     * about 1 kB of each event until its subscription ends (graphql-java #4314).
     */
    public Builder dataLoaders(Function<GraphQLContext, DataLoaderRegistry> value) {
      this.dataLoaders = value;
      return this;
    }

    /** Which documents are known, and who may send others; without it, anybody. */
    public Builder trustedDocuments(TrustedDocuments value) {
      this.trusted = value;
      return this;
    }

    /** Lets known callers register documents by their hash; without it nobody does. */
    public Builder persistedQueries(PersistedQueries value) {
      this.persisted = value;
      return this;
    }

    /** Is told of each operation. */
    public Builder observer(OperationObserver value) {
      this.observer = value;
      return this;
    }

    /** How long an operation may take, or a subscription may take to begin; 30 s by default. */
    public Builder timeout(Duration value) {
      this.timeout = value;
      return this;
    }

    /** Tells the time. */
    public Builder clock(InstantSource value) {
      this.clock = value;
      return this;
    }

    /**
     * The service.
     *
     * @throws IllegalArgumentException if the timeout is not positive
     */
    public GuardedService build() {
      if (timeout.toMillis() < 1) {
        throw new IllegalArgumentException("timeout must be at least a millisecond");
      }
      return new GuardedService(this);
    }
  }
}
