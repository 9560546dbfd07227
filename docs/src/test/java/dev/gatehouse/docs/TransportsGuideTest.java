package dev.gatehouse.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Authenticator;
import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.jwt.ClaimRules;
import dev.gatehouse.core.jwt.FetchedKeySet;
import dev.gatehouse.core.jwt.JwtAlgorithm;
import dev.gatehouse.core.jwt.JwtAuthenticator;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.http.Cancellation;
import dev.gatehouse.graphql.http.GraphQLGuardHandler;
import dev.gatehouse.graphql.http.GraphQLSocketHandler;
import dev.gatehouse.graphql.http.GraphQLSseHandler;
import dev.gatehouse.graphql.http.GuardedService;
import dev.gatehouse.graphql.http.PersistedQueries;
import dev.gatehouse.graphql.http.TrustedDocuments;
import graphql.schema.DataFetcher;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import graphql.schema.idl.SchemaParser;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/graphql.md's chapter on transports, run. */
class TransportsGuideTest {
  private final Vertx vertx = Vertx.vertx();
  private final CompletableFuture<String> asked = new CompletableFuture<>();
  private GraphQLSchema schema = schema(environment -> "hello");

  @TempDir Path dir;

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static GraphQLSchema schema(DataFetcher<?> fetcher) {
    return new SchemaGenerator()
        .makeExecutableSchema(
            new SchemaParser().parse("type Query { x: String }"),
            RuntimeWiring.newRuntimeWiring()
                .type("Query", type -> type.dataFetcher("x", fetcher))
                .build());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private CompletableFuture<String> query() {
    return asked;
  }

  private Authenticator tokens() {
    // region tokens
    ClaimRules rules =
        ClaimRules.builder("https://id.example.com", "orders-api") // iss and aud, both required
            .tenantClaim("tenant")
            .build();
    Authenticator tokens =
        JwtAuthenticator.create(
            FetchedKeySet.create(vertx, "https://id.example.com/.well-known/jwks.json"),
            rules,
            JwtAlgorithm.RS256,
            JwtAlgorithm.ES256);
    // endregion
    return tokens;
  }

  private static HttpResponse<String> send(int port, String token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/graphql"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"query\":\"{ x }\"}"));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void service_behindThreeDoors_answers() throws Exception {
    GraphQLGuard guard = GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization().build();
    Authenticator tokens = tokens();
    KillSwitch switches = KillSwitch.create(InstantSource.system());
    int port = 0;
    // region serve
    GuardedService service =
        GuardedService.builder(guard).authenticator(tokens).killSwitch(switches).build();
    Router router = Router.router(vertx);
    router
        .route("/graphql")
        .handler(GraphQLSocketHandler.create(service)) // upgrades; the rest goes on
        .handler(GraphQLSseHandler.create(service)) // what accepts text/event-stream
        .handler(GraphQLGuardHandler.create(service)); // no BodyHandler before these
    HttpServerOptions options = GraphQLSocketHandler.serverOptions(new HttpServerOptions());
    vertx.createHttpServer(options).requestHandler(router).listen(port);
    // endregion
    HttpServer server =
        await(vertx.createHttpServer(options).requestHandler(router).listen(0, "127.0.0.1"));
    assertThat(send(server.actualPort(), "").body()).isEqualTo("{\"data\":{\"x\":\"hello\"}}");
    assertThat(send(server.actualPort(), "nonsense").statusCode()).isEqualTo(401);
  }

  @Test
  void fetcher_thatIsCancelled_givesUpWhatItHolds() throws Exception {
    // region cancel
    DataFetcher<CompletableFuture<String>> slow =
        environment -> {
          CompletableFuture<String> answer = query();
          Cancellation cancellation = environment.getGraphQlContext().get(Cancellation.class);
          cancellation.onCancel(() -> answer.cancel(true));
          return answer;
        };
    // endregion
    schema = schema(slow);
    GuardedService service =
        GuardedService.builder(
                GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization().build())
            .timeout(Duration.ofMillis(200))
            .build();
    Router router = Router.router(vertx);
    router.route("/graphql").handler(GraphQLGuardHandler.create(service));
    HttpServer server =
        await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    assertThat(send(server.actualPort(), "").body()).contains("TIMEOUT");
    assertThat(asked.handle((answer, failure) -> failure).get(20, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void documents_thatAreKnown_runForAnybody() throws Exception {
    String hash =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest("{ x }".getBytes(StandardCharsets.UTF_8)));
    Path manifest = Files.writeString(dir.resolve("manifest.json"), "{\"" + hash + "\":\"{ x }\"}");
    GraphQLGuard guard = GraphQLGuard.builder(schema).dangerouslyWithoutAuthorization().build();
    // region documents
    GuardedService service =
        GuardedService.builder(guard)
            .trustedDocuments(
                TrustedDocuments.read(manifest)
                    .modes(
                        caller ->
                            caller.isPresent()
                                ? TrustedDocuments.Mode.ALLOW_KNOWN
                                : TrustedDocuments.Mode.ONLY_KNOWN))
            .persistedQueries(PersistedQueries.inMemory(1_000_000))
            .build();
    // endregion
    Router router = Router.router(vertx);
    router.route("/graphql").handler(GraphQLGuardHandler.create(service));
    HttpServer server =
        await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    assertThat(send(server.actualPort(), "").body()).contains("hello");
  }
}
