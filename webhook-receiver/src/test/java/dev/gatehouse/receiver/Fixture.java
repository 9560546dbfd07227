package dev.gatehouse.receiver;

import dev.gatehouse.core.AuditSink;
import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A receiver on free ports, with a sender that signs and an operator who asks. */
final class Fixture implements AutoCloseable {
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  static final String FORWARD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
  static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

  final Path folder;
  final Path file;
  final ManualClock clock = new ManualClock(NOW);
  final AuditSink.InMemory audit = AuditSink.inMemory(1000);
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final WebhookSigner signer = signer(SECRET);
  Receiver receiver;
  Receiver.Started started;

  private Fixture(Path folder) {
    this.folder = folder;
    this.file = folder.resolve("gatehouse.yaml");
  }

  static WebhookSigner signer(String secret) {
    return WebhookSigner.create(
        Schemes.named("standard-webhooks"), List.of(Secret.of("k", secret)), Map.of());
  }

  /** One source, {@code hook}, with these lines more; port 0 everywhere. */
  static String yaml(String source) {
    return yaml("", source);
  }

  static String yaml(String server, String source) {
    return "server:\n  port: 0\n  management: { port: 0 }\n"
        + server.indent(2)
        + "store: { path: ./data/inbox.db }\n"
        + "sources:\n  hook:\n    scheme: standard-webhooks\n    owner: me\n"
        + "    secrets: [{ id: k1, value: \""
        + SECRET
        + "\" }]\n"
        + source.indent(4);
  }

  static Fixture start(Path folder, String yaml) {
    return start(folder, yaml, builder -> {});
  }

  static Fixture start(Path folder, String yaml, Consumer<Receiver.Builder> more) {
    Fixture fixture = new Fixture(folder);
    fixture.write(yaml);
    fixture.open(more);
    return fixture;
  }

  void write(String yaml) {
    try {
      Files.writeString(file, yaml);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void open(Consumer<Receiver.Builder> more) {
    Receiver.Builder builder =
        Receiver.builder(ConfigReader.create().read(file))
            .reloadFrom(file)
            .clock(clock)
            .auditSink(audit)
            .random(() -> 0L); // no jitter: a retry is due at once, the clock stands
    more.accept(builder);
    receiver = builder.build();
    started = Awaited.get(receiver.start());
  }

  void restart() {
    Awaited.get(receiver.stop());
    open(builder -> {});
  }

  Receiver.Running running() {
    return java.util.Objects.requireNonNull(receiver.running());
  }

  URI hook(String path) {
    return URI.create("http://127.0.0.1:" + started.publicPort() + path);
  }

  List<Header> signed(String id, Instant time, byte[] body) {
    return signer.sign(
        new WebhookSigner.Outgoing("POST", "http://x/", Headers.of(), body, id, time));
  }

  HttpRequest.Builder request(String path, List<Header> headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(hook(path));
    headers.forEach(h -> request.header(h.name(), h.value()));
    return request.header("Content-Type", "application/json");
  }

  /** Sends a rightly signed delivery. */
  HttpResponse<String> send(String id, String body) {
    return sendAt(id, body, clock.instant());
  }

  HttpResponse<String> sendAt(String id, String body, Instant time) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return exchange(
        request("/hooks/hook", signed(id, time, bytes)).POST(BodyPublishers.ofByteArray(bytes)));
  }

  HttpResponse<String> exchange(HttpRequest.Builder request) {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // --- management

  HttpRequest.Builder manage(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + started.managementPort() + path));
  }

  JsonObject ask(String path) {
    return new JsonObject(exchange(manage(path)).body());
  }

  List<JsonObject> deliveries() {
    return ask("/api/deliveries").getJsonArray("deliveries").stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  JsonObject delivery(String id) {
    return ask("/api/deliveries/" + id);
  }

  /** Asks again until the delivery is in that state. */
  JsonObject awaitState(String id, String state) {
    Instant deadline = Instant.now().plusSeconds(60);
    JsonObject delivery = delivery(id);
    while (!state.equals(delivery.getString("state"))) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("not " + state + ": " + delivery.encodePrettily());
      }
      Thread.onSpinWait();
      delivery = delivery(id);
    }
    return delivery;
  }

  @Override
  public void close() {
    Awaited.get(receiver.stop());
  }
}
