package dev.gatehouse.samples.embedded;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookHandler;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.function.Consumer;

/** A Vert.x service of your own that takes one provider's webhooks, verified, each once. */
public final class EmbeddedVertx {
  private static final String USAGE = "usage: ./gatehouse sample embedded-vertx [--port N]";

  private EmbeddedVertx() {}

  /** Serves until it is stopped. */
  public static void main(String[] args) {
    int port = args.length == 0 ? 8080 : port(args);
    String secret = newSecret();
    start(Vertx.vertx(), port, secret, webhook -> System.out.println("accepted " + webhook))
        .onSuccess(server -> System.out.println(invitation(server.actualPort(), secret)))
        .onFailure(cause -> exit(1, "cannot listen on port " + port + ": " + cause.getMessage()));
  }

  static Future<HttpServer> start(
      Vertx vertx, int port, String secret, Consumer<VerifiedWebhook> accepted) {
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .source("demo")
            .secrets(SecretSource.of(Secret.of("generated", secret)))
            .build();
    Router router = Router.router(vertx);
    router
        .post("/hooks/demo")
        .handler(WebhookHandler.create(verifier, Claims.inMemory(10_000)))
        .handler(
            ctx -> {
              accepted.accept(VerifiedWebhook.of(ctx)); // your own code: a failure lets a retry run
              ctx.response().setStatusCode(204).end();
            });
    return vertx.createHttpServer().requestHandler(router).listen(port, "127.0.0.1");
  }

  static String newSecret() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return "whsec_" + Base64.getEncoder().encodeToString(bytes);
  }

  static String invitation(int port, String secret) {
    String to = "http://127.0.0.1:" + port + "/hooks/demo";
    return "embedded-vertx listens on http://127.0.0.1:"
        + port
        + "; send it a signed webhook:\n"
        + "  echo '{\"type\":\"order.paid\"}' | ./gatehouse send --scheme standard-webhooks --secret "
        + secret
        + " --to "
        + to
        + " --body -";
  }

  private static int port(String[] args) {
    if (args.length == 1 && (args[0].equals("--help") || args[0].equals("-h"))) {
      exit(0, USAGE + "\n  --port N   where to listen; 0 takes a free port (default 8080)");
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
