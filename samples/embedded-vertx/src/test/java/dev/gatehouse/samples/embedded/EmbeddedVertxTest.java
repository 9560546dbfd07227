package dev.gatehouse.samples.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class EmbeddedVertxTest {
  private static final String BODY = "{\"type\":\"order.paid\"}";

  private final Vertx vertx = Vertx.vertx();
  private final String secret = EmbeddedVertx.newSecret();
  private final Queue<VerifiedWebhook> accepted = new ConcurrentLinkedQueue<>();
  private HttpServer server;

  @BeforeEach
  void start() {
    server = await(EmbeddedVertx.start(vertx, 0, secret, accepted::add));
  }

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  @Test
  void post_signed_isAccepted() throws Exception {
    assertThat(post("d1", BODY).statusCode()).isEqualTo(204);
    assertThat(accepted).hasSize(1);
  }

  @Test
  void post_tampered_is401AndNotAccepted() throws Exception {
    assertThat(post("d1", BODY.replace("paid", "free")).statusCode()).isEqualTo(401);
    assertThat(accepted).isEmpty();
  }

  @Test
  void post_replayed_isAnsweredAgainAndAcceptedOnce() throws Exception {
    post("d1", BODY);
    HttpResponse<String> replay = post("d1", BODY);

    assertThat(replay.statusCode()).isEqualTo(204);
    assertThat(replay.headers().firstValue("Gatehouse-Duplicate")).hasValue("true");
    assertThat(accepted).hasSize(1);
  }

  @Test
  void invitation_anyPort_isTheCommandThatSends() {
    assertThat(EmbeddedVertx.invitation(8080, "whsec_x"))
        .contains("./gatehouse send --scheme standard-webhooks --secret whsec_x")
        .contains("--to http://127.0.0.1:8080/hooks/demo --body -");
  }

  /** Sends {@code body} with the signature of {@link #BODY}. */
  private HttpResponse<String> post(String id, String body) throws Exception {
    URI url = URI.create("http://127.0.0.1:" + server.actualPort() + "/hooks/demo");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url).POST(HttpRequest.BodyPublishers.ofString(body));
    byte[] signed = BODY.getBytes(StandardCharsets.UTF_8);
    WebhookSigner signer =
        WebhookSigner.create(
            Schemes.named("standard-webhooks"), List.of(Secret.of("test", secret)), Map.of());
    for (Header header :
        signer.sign(
            new Outgoing(
                "POST",
                url.toString(),
                Headers.of(),
                signed,
                id,
                InstantSource.system().instant()))) {
      request.header(header.name(), header.value());
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }
}
