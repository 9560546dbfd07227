package dev.gatehouse.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Verification;
import dev.gatehouse.webhook.WebhookRequest;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The service behind the demo's receiver: it verifies what is delivered to it, as a real one would,
 * and prints a line, so that a stranger sees a webhook come out at the other end.
 */
final class DemoService implements AutoCloseable {
  private static final int PRINTED = 20;
  private static final int MAX_BODY = 1 << 20;

  private final HttpServer server;
  private final WebhookVerifier verifier;
  private final Terminal terminal;
  private final AtomicInteger delivered = new AtomicInteger();

  private DemoService(HttpServer server, WebhookVerifier verifier, Terminal terminal) {
    this.server = server;
    this.verifier = verifier;
    this.terminal = terminal;
  }

  /** Starts it on a free port of this machine. */
  static DemoService start(String scheme, String secret, Terminal terminal) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named(scheme))
            .secrets(SecretSource.of(Secret.of("demo", secret)))
            .clock(terminal.clock())
            .build();
    DemoService service = new DemoService(server, verifier, terminal);
    server.createContext("/", service::take);
    server.start();
    return service;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/demo");
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY);
      List<Header> headers = new ArrayList<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> values.forEach(v -> headers.add(new Header(name, v))));
      Verification outcome =
          verifier.verify(
              WebhookRequest.of(exchange.getRequestMethod(), "", Headers.of(headers), body));
      boolean verified = outcome instanceof Verification.Verified;
      exchange.sendResponseHeaders(verified ? 204 : 401, -1);
      if (verified) {
        print(Headers.of(headers), body.length);
      }
    }
  }

  private void print(Headers headers, int bytes) {
    int count = delivered.incrementAndGet();
    if (count <= PRINTED) {
      terminal.say(
          "delivered   "
              + headers.first("Gatehouse-Delivery")
              + " from "
              + headers.first("Gatehouse-Source")
              + ", attempt "
              + headers.first("Gatehouse-Attempt")
              + ", "
              + bytes
              + " bytes, signature verified");
    }
    if (count == PRINTED) {
      terminal.say("delivered   more are not printed: ./gatehouse deliveries list shows them");
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
