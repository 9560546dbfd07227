package dev.gatehouse.cli.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.Claims;
import dev.gatehouse.webhook.WebhookHandler;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.WebhookVerifier;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The receiver vectors of Postel, over real HTTP: a route with the keys that the vectors ask for,
 * claims in memory, and the clock that they name.
 */
class PostelVectorsTest {
  private static final Instant NOW = Instant.ofEpochSecond(1767225600);
  private static final Pattern RELATIVE = Pattern.compile("\\{\\{now(?:([+-])(\\d+)m)?\\}\\}");
  // What a receiver answers and what the corpus calls it; it has one code for both sides of time.
  private static final Map<String, Set<String>> CODES =
      Map.of(
          "TIMESTAMP_TOO_OLD", Set.of("too_old", "too_new"),
          // One v1a vector has a signature of 72 bytes, which no key can make; and the foreign key
          // of another is the one that the key set's vectors want expired.
          "SIGNATURE_INVALID", Set.of("signature_mismatch", "malformed_signature", "expired_key"),
          "UNKNOWN_KEY_ID", Set.of("unknown_key", "expired_key"),
          "MALFORMED_HEADER",
              Set.of(
                  "missing_signature",
                  "malformed_signature",
                  "unknown_signature_version",
                  "missing_id",
                  "missing_timestamp"));

  private static Vertx vertx;
  private static HttpServer server;

  @BeforeAll
  static void listen() throws Exception {
    ConformanceFolder folder = ConformanceFolder.orSkip();
    WebhookVerifier verifier =
        WebhookVerifier.builder(Schemes.named("standard-webhooks"))
            .secrets(
                SecretSource.of(
                    Secret.of("primary", key(folder, "hmac_primary", "key_material")),
                    Secret.of("verifying", key(folder, "hmac_secondary", "key_material")),
                    Secret.of("kid_a", key(folder, "ed25519_a", "public_key")),
                    Secret.of("kid_b", key(folder, "ed25519_b", "public_key"))
                        .validBetween(null, NOW.minusSeconds(3600))))
            .clock(InstantSource.fixed(NOW))
            .build();
    vertx = Vertx.vertx();
    Router router = Router.router(vertx);
    router
        .post("/webhooks")
        .handler(
            WebhookHandler.builder(verifier)
                .claims(Claims.inMemory(10_000))
                .failureLimiter(
                    RateLimiter.inMemory(
                        RateLimiter.Rate.perMinute(10_000), 100, InstantSource.fixed(NOW)))
                .clock(InstantSource.fixed(NOW))
                .tellReasons(true)
                .build())
        .handler(ctx -> ctx.response().setStatusCode(204).end());
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
            .requestHandler(router)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS);
  }

  @AfterAll
  static void close() throws Exception {
    if (vertx != null) {
      vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }

  private static String key(ConformanceFolder folder, String name, String field) {
    return folder.yaml("webhook/postel/vectors/_keys/" + name + ".yaml").get(field).asText();
  }

  @TestFactory
  Stream<DynamicTest> vector_ofAReceiver_hasItsOutcome() {
    ConformanceFolder folder = ConformanceFolder.orSkip();
    List<JsonNode> vectors =
        folder.yamlsUnder("webhook/postel/vectors").stream()
            .filter(vector -> vector.has("input"))
            // A key set that the receiver publishes: ours publishes no keys.
            .filter(vector -> vector.at("/input/method").asText().equals("POST"))
            .toList();
    assertThat(vectors).hasSizeGreaterThanOrEqualTo(30);
    return vectors.stream()
        .map(v -> DynamicTest.dynamicTest(v.get("id").asText(), () -> check(folder, v)));
  }

  private static void check(ConformanceFolder folder, JsonNode vector) throws Exception {
    HttpRequest request = request(folder, vector);
    if (vector.at("/input/headers/webhook-id").asText().startsWith("pre_seen_")) {
      send(request).get(60, TimeUnit.SECONDS);
    }
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    for (int i = 0; i < Math.max(1, vector.path("concurrency").asInt(1)); i++) {
      sent.add(send(request));
    }
    List<String> outcomes = new ArrayList<>();
    HttpResponse<String> last = null;
    for (CompletableFuture<HttpResponse<String>> answer : sent) {
      last = answer.get(60, TimeUnit.SECONDS);
      outcomes.add(outcome(last));
    }
    JsonNode expected = vector.get("expected");
    List<String> wanted = new ArrayList<>();
    if (expected.has("outcomes")) {
      expected.get("outcomes").forEach(each -> wanted.add(each.asText()));
    } else {
      wanted.add(expected.get("outcome").asText());
    }
    assertThat(outcomes).containsExactlyInAnyOrderElementsOf(wanted);
    if (expected.has("error_code") && last != null) {
      String told = last.body().replaceAll(".*\"error\":\"([a-z_]+)\".*", "$1");
      assertThat(CODES.get(expected.get("error_code").asText())).contains(told);
    }
  }

  private static String outcome(HttpResponse<String> answer) {
    if (answer.statusCode() != 204) {
      return "reject";
    }
    return answer.headers().firstValue("Gatehouse-Duplicate").isPresent() ? "duplicate" : "accept";
  }

  private static HttpRequest request(ConformanceFolder folder, JsonNode vector) {
    byte[] body = Base64.getDecoder().decode(vector.at("/input/body_b64").asText());
    URI to = URI.create("http://127.0.0.1:" + server.actualPort() + "/webhooks");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(to)
            .timeout(Duration.ofSeconds(60))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    Instant time = NOW;
    for (Map.Entry<String, JsonNode> header : vector.at("/input/headers").properties()) {
      String text = header.getValue().asText();
      Matcher relative = RELATIVE.matcher(text);
      if (relative.matches()) {
        time = moment(relative);
        text = Long.toString(time.getEpochSecond());
      }
      request.header(header.getKey(), text);
    }
    if (vector.get("signature_mode").asText().equals("computed")) {
      request.header("webhook-signature", signature(folder, vector, time, body));
    }
    return request.build();
  }

  private static Instant moment(Matcher relative) {
    if (relative.group(1) == null) {
      return NOW;
    }
    Duration minutes = Duration.ofMinutes(Long.parseLong(relative.group(2)));
    return relative.group(1).equals("-") ? NOW.minus(minutes) : NOW.plus(minutes);
  }

  private static String signature(
      ConformanceFolder folder, JsonNode vector, Instant time, byte[] body) {
    List<Secret> secrets = new ArrayList<>();
    for (JsonNode secret : vector.get("secrets")) {
      String fixture = secret.get("fixture").asText().replace(".yaml", "");
      secrets.add(Secret.of(secret.get("id").asText(), key(folder, fixture, "key_material")));
    }
    WebhookSigner.Outgoing outgoing =
        new WebhookSigner.Outgoing(
            "POST", "", Headers.of(), body, vector.at("/input/headers/webhook-id").asText(), time);
    return WebhookSigner.create(Schemes.named("standard-webhooks"), secrets, Map.of())
        .sign(outgoing)
        .stream()
        .filter(header -> header.name().equals("webhook-signature"))
        .map(Header::value)
        .findFirst()
        .orElseThrow();
  }

  private static CompletableFuture<HttpResponse<String>> send(HttpRequest request) {
    return HttpClient.newHttpClient().sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }
}
