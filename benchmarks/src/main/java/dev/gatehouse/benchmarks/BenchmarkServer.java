package dev.gatehouse.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.receiver.ConfigReader;
import dev.gatehouse.receiver.DemoConfig;
import dev.gatehouse.receiver.PostgresAddress;
import dev.gatehouse.receiver.Receiver;
import dev.gatehouse.receiver.ReceiverConfig;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.WebhookHandler;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The servers that are measured, each in a process of its own: {@code bare} reads the body and
 * answers 204; {@code dropping} does so too, and closes the connections of those that do not send
 * theirs; {@code guarded} verifies and claims before it answers; {@code receiver FOLDER [URL]} is
 * the standalone receiver, with {@code URL} on a PostgreSQL; {@code soak FOLDER PORT SPEED} one
 * that delivers, with a fast clock; {@code events…} those of {@link FanoutServer}, which send
 * events to event streams and sockets as the commands on their input say.
 *
 * <p>Says {@code listening PORT}; ends when its input does.
 */
public final class BenchmarkServer {
  static final String PATH = "/hooks/benchmark";

  private static final long BODY_TIMEOUT_MILLIS = 10_000;

  private BenchmarkServer() {}

  /** Starts the server that the argument names. */
  public static void main(String... args) throws IOException {
    if (args[0].equals("receiver")) {
      Future<Receiver.Started> started =
          startReceiver(Path.of(args[1]), args.length > 2 ? args[2] : null);
      obey(command -> command(started, command));
    } else if (args[0].equals("soak")) {
      startSoak(Path.of(args[1]), args[2], Double.parseDouble(args[3]));
    } else if (args[0].startsWith("events")) {
      FanoutServer fanout = FanoutServer.start(args[0]);
      obey(command -> command(fanout, command.split(" ")));
    } else {
      startRoute(args[0]);
    }
    obey(command -> {});
    System.exit(0);
  }

  // The demo of ./gatehouse serve, with a secret that the load generator knows.
  private static Future<Receiver.Started> startReceiver(Path folder, @Nullable String postgresUrl)
      throws IOException {
    Files.writeString(folder.resolve("demo-secret"), SignedSample.SECRET + "\n");
    ReceiverConfig config =
        DemoConfig.in(folder, new SecureRandom()).config().withPort(0).withManagementPort(0);
    return Receiver.builder(postgresUrl == null ? config : onPostgres(config, postgresUrl))
        .build()
        .start()
        .onSuccess(started -> System.out.println("listening " + started.publicPort()))
        .onFailure(BenchmarkServer::giveUp);
  }

  private static ReceiverConfig onPostgres(ReceiverConfig config, String url) {
    ReceiverConfig.Store there =
        new ReceiverConfig.Store(
            new ReceiverConfig.Place.Postgres(
                new PostgresAddress(url, "postgres", Optional.empty())),
            config.store().retention(),
            config.store().maxBytes(),
            config.store().encryption(),
            config.store().quarantine());
    return new ReceiverConfig(
        config.server(), config.management(), there, config.sources(), config.shared());
  }

  // Two sources with a destination each; what is done is kept for an hour of this clock. A lease
  // has to outlast an attempt, of which one tells by this clock and the other does not: so the
  // timeout.
  private static void startSoak(Path folder, String destination, double speed) {
    String sources =
        List.of("good", "flap").stream()
            .map(
                name ->
                    """
                      NAME:
                        scheme: { name: soak, body: any, signature: { in: "header:webhook-signature",
                          grammar: entries, separator: " ", assign: ",", accept: [ { label: v1,
                          algorithm: hmac-sha256, encoding: base64, key: { form: base64, prefix: whsec_ } } ] },
                          content: "{id}.{time}.{body}", id: "header:webhook-id",
                          time: { in: "header:webhook-timestamp", unit: s, window: 5m } }
                        owner: soak
                        secrets: [ { id: k, value: SECRET } ]
                        replayWindow: 1h # under a minute of the machine's time
                        dedupe: { lifetime: 3h }
                        deliver:
                          to: http://127.0.0.1:PORT/NAME
                          sign: { scheme: standard-webhooks, secret: SECRET }
                          timeout: 300ms
                          retry: { attempts: 100, firstDelay: 1s, maxDelay: 10m }
                    """
                        .replace("NAME", name)
                        .replace("PORT", destination)
                        .replace("SECRET", SignedSample.SECRET))
            .collect(Collectors.joining());
    String yaml =
        "server: { port: 0, management: { port: 0 } }\n"
            + "store: { path: ./data/inbox.db, retention: 1h }\nsources:\n"
            + sources;
    Receiver.builder(ConfigReader.create().read(yaml, folder))
        .clock(new FastClock(speed))
        .auditSink(event -> {})
        .build()
        .start()
        .onSuccess(started -> System.out.println("listening " + started.publicPort()))
        .onFailure(BenchmarkServer::giveUp);
  }

  private static void giveUp(Throwable failure) {
    failure.printStackTrace();
    System.exit(1);
  }

  private static void startRoute(String name) {
    Vertx vertx = Vertx.vertx();
    Router router = Router.router(vertx);
    switch (name) {
      case "bare" -> router.post(PATH).handler(BenchmarkServer::readBody);
      case "dropping" -> router.post(PATH).handler(BenchmarkServer::readBodyInTime);
      case "guarded" ->
          router
              .post(PATH)
              .handler(guard())
              .handler(ctx -> ctx.response().setStatusCode(204).end());
      default -> throw new IllegalArgumentException("no such server: " + name);
    }
    vertx
        .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
        .requestHandler(router)
        .listen()
        .onSuccess(server -> System.out.println("listening " + server.actualPort()))
        .onFailure(BenchmarkServer::giveUp);
  }

  private static void readBody(RoutingContext ctx) {
    ctx.request()
        .body()
        .onSuccess(body -> ctx.response().setStatusCode(204).end())
        .onFailure(ctx::fail);
  }

  // As late as the guarded one drops a client whose body does not come.
  private static void readBodyInTime(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    long timer = ctx.vertx().setTimer(BODY_TIMEOUT_MILLIS, late -> request.connection().close());
    request
        .body()
        .onComplete(end -> ctx.vertx().cancelTimer(timer))
        .onSuccess(body -> ctx.response().setStatusCode(204).end());
  }

  private static WebhookHandler guard() {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(SecretSource.of(Secret.of("benchmark", SignedSample.SECRET)))
            .build();
    return WebhookHandler.builder(verifier)
        .claims(Claims.inMemory(10_000))
        .bodyTimeout(Duration.ofMillis(BODY_TIMEOUT_MILLIS))
        .build();
  }

  private static void command(Future<Receiver.Started> started, String command) {
    if (command.equals("management")) {
      System.out.println("management " + started.result().managementPort());
    }
  }

  private static void command(FanoutServer fanout, String[] words) {
    if (words[0].equals("publish")) {
      fanout.publish(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
    } else if (words[0].equals("revoke")) {
      fanout.revoke();
    }
  }

  private static void obey(Consumer<String> further) throws IOException {
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String command = commands.readLine(); command != null; command = commands.readLine()) {
      if (command.equals("heap")) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        System.out.println("heap " + (runtime.totalMemory() - runtime.freeMemory()));
      }
      further.accept(command);
    }
  }
}
