package dev.gatehouse.graphql.http;

import dev.gatehouse.core.Authentication;
import dev.gatehouse.core.Authenticator;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.access.AccessRules;
import graphql.GraphQL;
import graphql.schema.DataFetcher;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * A real server behind all three doors, on a port of its own, and what its resolvers were asked.
 */
final class Door implements AutoCloseable {
  private static final String SDL =
      """
      scalar Anything
      type Query {
        hello(name: String = "you"): String
        echo(value: Anything): Anything
        context: String
        hang: String
        loaded(key: ID!): String
        broken: String
        unwritable: Anything
        box: Tick
      }
      type Mutation { add(by: Int = 1): Int }
      type Subscription { ticks(size: Int = 10): Tick never: Tick late: Tick wild: Tick fails: Tick
        shared: Tick }
      type Tick { number: Int text: String broken: String hang: String misfit: Int }
      """;

  final Vertx vertx = Vertx.vertx();
  final AtomicInteger added = new AtomicInteger();
  final AtomicInteger hellos = new AtomicInteger();
  final AtomicInteger cancellations = new AtomicInteger();
  final CompletableFuture<Void> hanging = new CompletableFuture<>();
  final KillSwitch switches = KillSwitch.create(InstantSource.system());
  final Ticks ticks = new Ticks();
  final CompletableFuture<Object> late = new CompletableFuture<>();
  final Map<String, Principal> tokens = new ConcurrentHashMap<>();
  final GuardedService service;
  final HttpServer server;

  /** What all who are subscribed to {@code shared} get. */
  final SubmissionPublisher<Object> shared = new SubmissionPublisher<>(Runnable::run, 256);

  /** How often the number of a tick was asked for. */
  final AtomicInteger numbers = new AtomicInteger();

  private Door(
      UnaryOperator<GraphQLGuard.Builder> guarding,
      UnaryOperator<GuardedService.Builder> serving,
      UnaryOperator<GraphQLGuardHandler.Builder> handling,
      UnaryOperator<GraphQLSocketHandler.Builder> listening,
      UnaryOperator<GraphQLSseHandler.Builder> streaming,
      UnaryOperator<HttpServerOptions> listeningOn) {
    GraphQLSchema schema =
        new SchemaGenerator().makeExecutableSchema(new SchemaParser().parse(SDL), wiring());
    GraphQLGuard guard =
        guarding
            .apply(
                GraphQLGuard.builder(schema)
                    .access(
                        AccessRules.builder()
                            .open("Query")
                            .open("Mutation")
                            .open("Subscription")
                            .open("Tick")
                            .dangerouslyActsUnasked("Mutation.add")
                            .build())
                    .limits(Limits.strict()))
            .build();
    this.service =
        serving
            .apply(
                GuardedService.builder(guard)
                    .graphql(GraphQL.newGraphQL(schema))
                    .authenticator(authenticator())
                    .killSwitch(switches))
            .build();
    Router router = Router.router(vertx);
    router
        .route("/graphql")
        .handler(listening.apply(GraphQLSocketHandler.builder(service)).build())
        .handler(streaming.apply(GraphQLSseHandler.builder(service)).build())
        .handler(handling.apply(GraphQLGuardHandler.builder(service)).build());
    this.server =
        await(
            vertx
                .createHttpServer(
                    listeningOn.apply(
                        GraphQLSocketHandler.serverOptions(
                            new HttpServerOptions().setHost("127.0.0.1").setPort(0))))
                .requestHandler(router)
                .listen());
  }

  static Door open() {
    return with().open();
  }

  static Setup with() {
    return new Setup();
  }

  /** What differs from the defaults. */
  static final class Setup {
    private UnaryOperator<GraphQLGuard.Builder> guard = builder -> builder;
    private UnaryOperator<GuardedService.Builder> service = builder -> builder;
    private UnaryOperator<GraphQLGuardHandler.Builder> http = builder -> builder;
    private UnaryOperator<GraphQLSocketHandler.Builder> socket = builder -> builder;

    private UnaryOperator<GraphQLSseHandler.Builder> sse = builder -> builder;
    private UnaryOperator<HttpServerOptions> server = options -> options;

    Setup server(UnaryOperator<HttpServerOptions> value) {
      server = value;
      return this;
    }

    Setup sse(UnaryOperator<GraphQLSseHandler.Builder> value) {
      sse = value;
      return this;
    }

    Setup guard(UnaryOperator<GraphQLGuard.Builder> value) {
      guard = value;
      return this;
    }

    Setup service(UnaryOperator<GuardedService.Builder> value) {
      service = value;
      return this;
    }

    Setup http(UnaryOperator<GraphQLGuardHandler.Builder> value) {
      http = value;
      return this;
    }

    Setup socket(UnaryOperator<GraphQLSocketHandler.Builder> value) {
      socket = value;
      return this;
    }

    Door open() {
      return new Door(guard, service, http, socket, sse, server);
    }
  }

  private RuntimeWiring wiring() {
    DataFetcher<?> hang =
        environment -> {
          Cancellation cancellation = environment.getGraphQlContext().get(Cancellation.class);
          cancellation.onCancel(cancellations::incrementAndGet);
          hanging.complete(null);
          return new CompletableFuture<>();
        };
    DataFetcher<?> broken =
        environment -> {
          throw new IllegalStateException("the password is hunter2");
        };
    return RuntimeWiring.newRuntimeWiring()
        .scalar(Anything.SCALAR)
        .type(
            "Query",
            type ->
                type.dataFetcher(
                        "hello",
                        environment -> {
                          hellos.incrementAndGet();
                          return "hello " + environment.getArgument("name");
                        })
                    .dataFetcher("echo", environment -> environment.getArgument("value"))
                    .dataFetcher(
                        "context",
                        environment -> {
                          Principal who = environment.getGraphQlContext().get(Principal.class);
                          return (who == null ? "nobody" : who.toString())
                              + " with root "
                              + environment.getRoot();
                        })
                    .dataFetcher("hang", hang)
                    .dataFetcher(
                        "loaded",
                        environment ->
                            environment.getDataLoader("texts").load(environment.getArgument("key")))
                    .dataFetcher("box", environment -> Map.of("number", 1, "text", "x"))
                    .dataFetcher("broken", broken)
                    .dataFetcher("unwritable", environment -> new Object()))
        .type(
            "Mutation",
            type ->
                type.dataFetcher(
                    "add",
                    environment -> {
                      int by = environment.getArgument("by");
                      return added.addAndGet(by);
                    }))
        .type(
            "Subscription",
            type ->
                type.dataFetcher("ticks", environment -> ticks.publisher(environment))
                    .dataFetcher("never", environment -> ticks.silent())
                    .dataFetcher("late", environment -> late)
                    .dataFetcher("wild", environment -> ticks.wild())
                    .dataFetcher("fails", environment -> ticks.failing())
                    .dataFetcher("shared", environment -> shared))
        .type(
            "Tick",
            type ->
                type.dataFetcher("broken", broken)
                    .dataFetcher(
                        "number",
                        environment -> {
                          numbers.incrementAndGet();
                          Map<String, Object> tick = environment.getSource();
                          return tick.get("number");
                        })
                    .dataFetcher("hang", hang)
                    .dataFetcher("misfit", environment -> "hunter2"))
        .build();
  }

  /** A token that this door's authenticator knows. */
  String token(String id, String tenant, Instant expiry, String... scopes) {
    String token = "token-" + tokens.size();
    tokens.put(
        token,
        Principal.vouchedBy("test", Principal.Kind.USER, id)
            .tenant(TenantId.of(tenant))
            .scopes(Set.of(scopes))
            .expiry(expiry)
            .build());
    return token;
  }

  String token(String id, String tenant) {
    return token(id, tenant, InstantSource.system().instant().plusSeconds(600));
  }

  private Authenticator authenticator() {
    return token -> {
      if (token.equals("down")) {
        return Future.failedFuture("no keys");
      }
      if (token.equals("slow")) {
        return Promise.<Authentication>promise().future();
      }
      Principal principal = tokens.get(token);
      return Future.succeededFuture(
          principal == null
              ? Authentication.refused("unknown", "the token is not valid here")
              : Authentication.proven(principal));
    };
  }

  int port() {
    return server.actualPort();
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
