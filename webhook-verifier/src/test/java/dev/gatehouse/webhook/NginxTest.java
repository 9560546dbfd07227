package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gatehouse.core.Secret;
import dev.gatehouse.core.SecretSource;
import dev.gatehouse.webhook.WebhookRequest.Header;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schemes that sign the URL, behind a real nginx that keeps the path or rewrites it. */
final class NginxTest {
  private static final String PUBLIC = "https://hooks.example.com";
  private static final String SECRET = "own-text-of-a-secret";
  private static final Map<String, String> BODIES =
      Map.of("twilio", "Body=hi&From=%2B1555", "square", "{\"event_id\":\"e\"}", "hubspot", "[]");

  private final Vertx vertx = Vertx.vertx();

  @TempDir Path folder;

  @BeforeAll
  static void nginxIsThere() {
    assumeTrue(Nginx.binary().isPresent(), "no nginx here: apt-get install nginx-light");
  }

  @AfterEach
  void closeVertx() {
    Hook.await(vertx.close());
  }

  @ParameterizedTest
  // HubSpot decodes %2F before it signs; the others sign it as it is.
  @CsvSource({"twilio,401", "square,401", "hubspot,204"})
  void pathKept_byATrustedProxy_isVerifiedAndOtherUrlsAreNot(String scheme, int decoded)
      throws Exception {
    String path = "/kept/hook?a=1%2F2&b=x+y";
    try (Nginx nginx = Nginx.before(serve(scheme, path, NginxTest::trusting), folder)) {
      assertThat(post(nginx, scheme, path, PUBLIC + path, "")).isEqualTo(204);
      assertThat(post(nginx, scheme, path, PUBLIC + "/kept/hook?a=1/2&b=x+y", ""))
          .isEqualTo(decoded);
      for (String other :
          List.of(
              "https://other.example.com" + path,
              "http://hooks.example.com" + path,
              PUBLIC + "/kept/hook?a=1%2F2",
              PUBLIC + "/hook?a=1%2F2&b=x+y")) {
        assertThat(post(nginx, scheme, path, other, "")).as(other).isEqualTo(401);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"twilio", "square", "hubspot"})
  void pathRewritten_withThePublicUrl_isVerifiedAndOtherUrlsAreNot(String scheme) throws Exception {
    String path = "/outside/hook?a=1%2F2";
    UnaryOperator<WebhookHandler.Builder> known = o -> o.publicUrl(PUBLIC + "/outside");
    try (Nginx nginx = Nginx.before(serve(scheme, path, known), folder)) {
      assertThat(post(nginx, scheme, path, PUBLIC + path, "")).isEqualTo(204);
      assertThat(post(nginx, scheme, path, PUBLIC + "/hook?a=1%2F2", "")).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @CsvSource({"twilio", "hubspot"})
  void pathRewritten_unknownToTheHandler_isAMismatch(String scheme) throws Exception {
    String path = "/outside/hook";
    try (Nginx nginx = Nginx.before(serve(scheme, path, NginxTest::trusting), folder)) {
      assertThat(post(nginx, scheme, path, PUBLIC + path, "")).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "twilio,'X-Forwarded-Host: other.example.com'",
    "twilio,'Forwarded: for=1.2.3.4;host=other.example.com;proto=https'",
    "twilio,'Forwarded: for=127.0.0.1;host=other.example.com;proto=https'",
    "hubspot,'X-Forwarded-Host: other.example.com'",
    "hubspot,'Forwarded: for=127.0.0.1;host=other.example.com;proto=https'",
    "hubspot,'X-Original-URL: /other'",
  })
  void headersSpoofedByTheClient_leadToNoOtherUrl(String scheme, String spoofed) throws Exception {
    String path = "/kept/hook";
    String foreign = "https://other.example.com" + path;
    try (Nginx nginx = Nginx.before(serve(scheme, path, NginxTest::trusting), folder)) {
      assertThat(post(nginx, scheme, path, foreign, spoofed + "\r\n")).isEqualTo(401);
      assertThat(post(nginx, scheme, path, PUBLIC + path, "")).isEqualTo(204);
    }
  }

  @Test
  void proxyThatIsNotTrusted_isNotBelieved() throws Exception {
    String path = "/kept/hook";
    UnaryOperator<WebhookHandler.Builder> others =
        o -> o.trustedProxies(TrustedProxies.of(List.of("10.0.0.0/8", "fd00::/8")));
    try (Nginx nginx = Nginx.before(serve("twilio", path, others), folder)) {
      assertThat(post(nginx, "twilio", path, PUBLIC + path, "")).isEqualTo(401);
    }
  }

  private static WebhookHandler.Builder trusting(WebhookHandler.Builder options) {
    return options.trustedProxies(TrustedProxies.of(List.of("127.0.0.1")));
  }

  private int serve(String scheme, String path, UnaryOperator<WebhookHandler.Builder> options) {
    WebhookVerifier.Builder verifier =
        WebhookVerifier.builder(Schemes.named(scheme))
            .secrets(SecretSource.of(Secret.of("own", SECRET)))
            .clock(Hook.CLOCK);
    params(scheme, PUBLIC + path).forEach(verifier::param);
    WebhookHandler.Builder handler =
        WebhookHandler.builder(verifier.build())
            .claims(Claims.inMemory(100, Duration.ofDays(8), Hook.CLOCK))
            .clock(Hook.CLOCK);
    Router router = Router.router(vertx);
    router
        .route()
        .handler(options.apply(handler).build())
        .handler(ctx -> ctx.response().setStatusCode(204).end());
    HttpServer server =
        Hook.await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    return server.actualPort();
  }

  private static Map<String, String> params(String scheme, String url) {
    boolean asks = Schemes.named(scheme).params().containsKey("notification_url");
    return asks ? Map.of("notification_url", url) : Map.of();
  }

  private static int post(Nginx nginx, String scheme, String path, String signed, String headers)
      throws Exception {
    String body = BODIES.get(scheme);
    String type = body.startsWith("B") ? "application/x-www-form-urlencoded" : "application/json";
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: proxy\r\n");
    head.append(headers).append("Content-Type: ").append(type).append("\r\n");
    WebhookSigner signer =
        WebhookSigner.create(
            Schemes.named(scheme), List.of(Secret.of("own", SECRET)), params(scheme, signed));
    Headers given = Headers.of("Content-Type", type);
    for (Header header : signer.sign(new Outgoing("POST", signed, given, bytes, "m", Hook.NOW))) {
      head.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n").append(body);
    try (RawClient client = RawClient.connect(nginx.port())) {
      return client.send(head.toString()).read().status();
    }
  }
}
