package dev.gatehouse.samples.shop;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.core.jwt.DevelopmentTokens;
import dev.gatehouse.testkit.SignedRequests;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Everybody who calls the shop: customers by HTTP, socket and event stream, and the provider. */
final class ShopClient {
  private static final int PATIENCE_SECONDS = 60;

  private final HttpClient http = HttpClient.newHttpClient();
  private final String at;
  private final DevelopmentTokens tokens;
  private final String secret;

  ShopClient(int port, DevelopmentTokens tokens, String secret) {
    this.at = "http://127.0.0.1:" + port;
    this.tokens = tokens;
    this.secret = secret;
  }

  /** A customer's token. */
  String token(String customer, String... scopes) {
    TenantId tenant = TenantId.of(customer.substring(0, customer.indexOf('-')));
    return tokens.issue(
        customer, tenant, List.of(scopes), Duration.ofMinutes(5), Instant.ofEpochMilli(now()));
  }

  private static long now() {
    return java.time.InstantSource.system().millis();
  }

  HttpResponse<String> post(String token, String query, Map<String, Object> variables)
      throws IOException, InterruptedException {
    JsonObject body = new JsonObject().put("query", query);
    body.put("variables", new JsonObject(variables));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(at + "/graphql"))
            .header("Content-Type", "application/json")
            .header("Accept", "application/graphql-response+json")
            .POST(HttpRequest.BodyPublishers.ofString(body.encode()));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  JsonObject ask(String token, String query) throws IOException, InterruptedException {
    return new JsonObject(post(token, query, Map.of()).body());
  }

  /** What the payment provider sends; returns the status. */
  int pay(String id, String body) throws IOException, InterruptedException {
    HttpRequest request =
        SignedRequests.of("standard-webhooks", secret)
            .id(id)
            .post(at + "/hooks/payments", body)
            .toHttpRequest();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  int pay(String tenant, String order, String type, boolean known)
      throws IOException, InterruptedException {
    JsonObject data = new JsonObject().put("tenant", tenant).put("order", order);
    String body = new JsonObject().put("type", type).put("data", data).encode();
    return known
        ? pay(UUID.randomUUID().toString(), body)
        : http.send(
                HttpRequest.newBuilder(URI.create(at + "/hooks/payments"))
                    .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .statusCode();
  }

  /** The lines of an event stream, as they come. */
  Lines events(String token, String pattern) throws IOException, InterruptedException {
    HttpResponse<Stream<String>> response =
        http.send(
            HttpRequest.newBuilder(URI.create(at + "/events?topic=" + pattern))
                .header("Accept", "text/event-stream")
                .header("Authorization", "Bearer " + token)
                .build(),
            HttpResponse.BodyHandlers.ofLines());
    Lines lines = new Lines(response.statusCode());
    Thread reader =
        new Thread(
            () -> {
              try {
                response.body().forEach(lines.queue::add);
              } catch (RuntimeException closed) {
                // the server went away at the end of the test
              }
            });
    reader.setDaemon(true);
    reader.start();
    return lines;
  }

  /** Asks for events by another method than GET. */
  HttpResponse<String> events(String method) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(at + "/events?topic=orders.*"))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** A socket on which one subscription runs. */
  Lines subscribe(String token, String query) throws InterruptedException {
    Lines lines = new Lines(101);
    WebSocket socket =
        http.newWebSocketBuilder()
            .subprotocols("graphql-transport-ws")
            .buildAsync(URI.create(at.replace("http", "ws") + "/graphql"), lines.listener())
            .join();
    socket
        .sendText(
            new JsonObject()
                .put("type", "connection_init")
                .put("payload", new JsonObject().put("Authorization", "Bearer " + token))
                .encode(),
            true)
        .join();
    lines.until("connection_ack");
    JsonObject operation = new JsonObject().put("query", query);
    socket
        .sendText(
            new JsonObject()
                .put("id", "1")
                .put("type", "subscribe")
                .put("payload", operation)
                .encode(),
            true)
        .join();
    // the pong comes when what was sent before has been read
    socket.sendText("{\"type\":\"ping\"}", true).join();
    lines.until("pong");
    return lines;
  }

  /** What comes, line by line. */
  static final class Lines {
    final int status;
    private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();

    Lines(int status) {
      this.status = status;
    }

    /** The next line that holds the text. */
    String until(String text) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (true) {
        String line = queue.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        if (line == null) {
          throw new AssertionError("nothing came that holds '" + text + "'");
        }
        if (line.contains(text)) {
          return line;
        }
      }
    }

    /** What has come and was not asked for yet. */
    List<String> rest() {
      return List.copyOf(queue);
    }

    private WebSocket.Listener listener() {
      StringBuilder message = new StringBuilder();
      return new WebSocket.Listener() {
        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
          message.append(data);
          if (last) {
            queue.add(message.toString());
            message.setLength(0);
          }
          return WebSocket.Listener.super.onText(socket, data, last);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
          queue.add("closed " + status + " " + reason);
          return WebSocket.Listener.super.onClose(socket, status, reason);
        }
      };
    }
  }
}
