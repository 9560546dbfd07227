package dev.gatehouse.samples.shop;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.RateLimiter.Rate;
import dev.gatehouse.core.jwt.DevelopmentTokens;
import dev.gatehouse.events.SseHandler;
import dev.gatehouse.graphql.GraphQLGuard;
import dev.gatehouse.graphql.Limits;
import dev.gatehouse.graphql.access.AccessDirectives;
import dev.gatehouse.graphql.access.AccessRules;
import dev.gatehouse.graphql.cost.CostBucket;
import dev.gatehouse.graphql.http.GraphQLGuardHandler;
import dev.gatehouse.graphql.http.GraphQLSocketHandler;
import dev.gatehouse.graphql.http.GraphQLSseHandler;
import dev.gatehouse.graphql.http.GuardedService;
import graphql.schema.GraphQLSchema;
import graphql.schema.idl.RuntimeWiring;
import graphql.schema.idl.SchemaGenerator;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;

/** A shop of two tenants behind all three doors. */
public final class Shop {
  private static final String USAGE = "usage: ./gatehouse sample shop [--port N]";
  private static final int PORT = 8085;
  private static final int MOST_CALLERS = 100_000;

  private Shop() {}

  /** Serves until it is stopped. */
  public static void main(String[] args) {
    int port = args.length == 0 ? PORT : port(args);
    String home = Optional.ofNullable(System.getenv("GATEHOUSE_HOME")).orElse("");
    DevelopmentTokens tokens;
    try {
      tokens = DevelopmentTokens.in(Path.of(home, "gatehouse-data"));
    } catch (IOException e) {
      exit(1, "the development key can be neither read nor written: " + e.getMessage());
      return;
    }
    String secret = newSecret();
    start(Vertx.vertx(), port, tokens, secret)
        .onSuccess(server -> System.out.println(invitation(server.actualPort(), secret)))
        .onFailure(cause -> exit(1, "cannot listen on port " + port + ": " + cause.getMessage()));
  }

  static Future<HttpServer> start(
      Vertx vertx, int port, DevelopmentTokens tokens, String webhookSecret) {
    InstantSource clock = InstantSource.system();
    ShopData data = new ShopData();
    ShopEvents events = new ShopEvents(vertx);
    KillSwitch switches = KillSwitch.create(clock);
    GraphQLSchema schema = schema(data, events);
    GraphQLGuard guard =
        GraphQLGuard.builder(schema)
            .access(
                AccessRules.builder()
                    .actsOn(
                        "Mutation.cancelOrder",
                        "id",
                        "Order",
                        id -> Future.succeededFuture(data.order(id.toString())))
                    .build())
            .limits(Limits.strict().toBuilder().fieldCost(500).build())
            .bucket(
                CostBucket.inMemory(
                    new Rate(5_000, 100, Duration.ofSeconds(1)), MOST_CALLERS, clock))
            .killSwitch(switches)
            .build();
    GuardedService graphql =
        GuardedService.builder(guard)
            .authenticator(tokens.authenticator(clock))
            .killSwitch(switches)
            .build();
    Router router = Router.router(vertx);
    new Payments(data, events, webhookSecret).mountOn(router);
    router
        .route("/graphql")
        .handler(GraphQLSocketHandler.create(graphql))
        .handler(GraphQLSseHandler.create(graphql))
        .handler(GraphQLGuardHandler.create(graphql));
    router.route("/events").handler(SseHandler.create(events.hub(), tokens.authenticator(clock)));
    HttpServerOptions options = GraphQLSocketHandler.serverOptions(new HttpServerOptions());
    return vertx.createHttpServer(options).requestHandler(router).listen(port, "127.0.0.1");
  }

  private static GraphQLSchema schema(ShopData data, ShopEvents events) {
    RuntimeWiring.Builder wiring = new ShopQueries(data).addTo(RuntimeWiring.newRuntimeWiring());
    new ShopChanges(data, events).addTo(wiring);
    return new SchemaGenerator()
        .makeExecutableSchema(AccessDirectives.read(resource("/shop.graphqls")), wiring.build());
  }

  private static String resource(String name) {
    try (InputStream in = Shop.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String newSecret() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return "whsec_" + Base64.getEncoder().encodeToString(bytes);
  }

  static String invitation(int port, String secret) {
    String at = "http://127.0.0.1:" + port;
    return String.join(
        "\n",
        "the shop listens on " + at + ": GraphQL at /graphql, events at /events",
        "a customer's token, and what he sees:",
        "  TOKEN=$(./gatehouse token --subject acme-c1 --tenant acme)",
        "  curl -s " + at + "/graphql -H \"Authorization: Bearer $TOKEN\" \\",
        "    -H 'Content-Type: application/json' -d '{\"query\":\"{ me { name email } }\"}'",
        "  curl -sN " + at + "/events?topic=orders.* -H \"Authorization: Bearer $TOKEN\" \\",
        "    -H 'Accept: text/event-stream'",
        "a payment, as the provider sends it:",
        "  echo '{\"type\":\"payment.succeeded\",\"data\":{\"tenant\":\"acme\",\"order\":\"acme-o1\"}}' |"
            + " ./gatehouse send --scheme standard-webhooks --secret "
            + secret
            + " --to "
            + at
            + "/hooks/payments --body -");
  }

  private static int port(String[] args) {
    if (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"))) {
      exit(0, USAGE + "\n  --port N   where to listen; 0 takes a free port (default " + PORT + ")");
    }
    boolean given = args.length == 2 && args[0].equals("--port") && args[1].matches("[0-9]{1,5}");
    int port = given ? Integer.parseInt(args[1]) : -1;
    if (port < 0 || port > 65_535) {
      exit(2, "nothing but --port is known here; it takes a number from 0 to 65535\n" + USAGE);
    }
    return port;
  }

  private static void exit(int status, String message) {
    (status == 0 ? System.out : System.err).println(message);
    System.exit(status);
  }
}
