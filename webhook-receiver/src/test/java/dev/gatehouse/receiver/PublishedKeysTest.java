package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.Secret;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import dev.gatehouse.webhook.WebhookSigner;
import dev.gatehouse.webhook.WebhookSigner.Outgoing;
import dev.gatehouse.webhook.scheme.Schemes;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source whose public keys are published at a URL. */
class PublishedKeysTest {
  private static final KeyPair KEY = key();

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile String set = "{\"keys\":[]}";
  private volatile int status = 200;
  private HttpServer server;

  @TempDir Path folder;

  private static KeyPair key() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void publish() {
    server =
        Awaited.get(
            vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      asked.incrementAndGet();
                      request.response().setStatusCode(status).end(set);
                    })
                .listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() {
    Awaited.get(vertx.close());
  }

  private static String jwks(String kid, String more) {
    byte[] spki = KEY.getPublic().getEncoded();
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    return "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\""
        + kid
        + "\",\"x\":\""
        + base64.encodeToString(Arrays.copyOfRange(spki, spki.length - 64, spki.length - 32))
        + "\",\"y\":\""
        + base64.encodeToString(Arrays.copyOfRange(spki, spki.length - 32, spki.length))
        + "\""
        + more
        + "}]}";
  }

  private String yaml() {
    return "server:\n  port: 0\n  management: { port: 0 }\n"
        + "store: { path: ./data/inbox.db }\n"
        + "sources:\n  bank:\n    scheme: plaid\n    owner: me\n"
        + "    keys: { jwks: 'http://127.0.0.1:"
        + server.actualPort()
        + "/keys', allowInsecureKeyUrl: true }\n";
  }

  private static HttpResponse<String> send(Fixture fixture, String kid, String body) {
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getEncoder().encodeToString(KEY.getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----";
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Outgoing outgoing =
        new Outgoing("POST", "", Headers.of(), bytes, "id", fixture.clock.instant());
    var headers =
        WebhookSigner.create(Schemes.named("plaid"), List.of(Secret.of(kid, pem)), Map.of())
            .sign(outgoing);
    return fixture.exchange(
        fixture.request("/hooks/bank", headers).POST(BodyPublishers.ofByteArray(bytes)));
  }

  @Test
  void delivery_underAPublishedKey_isStoredAndOthersAreNot() {
    set = jwks("k1", "");
    try (Fixture fixture = Fixture.start(folder, yaml())) {
      assertThat(send(fixture, "k1", "{\"a\":1}").statusCode()).isEqualTo(204);
      assertThat(send(fixture, "k1", "{\"a\":2}").statusCode()).isEqualTo(204);
      assertThat(send(fixture, "k2", "{\"a\":3}").statusCode()).isEqualTo(401);
      assertThat(asked).hasValue(1);

      set = jwks("k2", "");
      fixture.clock.advance(Duration.ofSeconds(31));
      assertThat(send(fixture, "k2", "{\"a\":3}").statusCode()).isEqualTo(204);
      assertThat(send(fixture, "k1", "{\"a\":4}").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void delivery_whileKeysCannotBeFetched_comesAgainLater() {
    status = 500;
    try (Fixture fixture = Fixture.start(folder, yaml())) {
      HttpResponse<String> answer = send(fixture, "k1", "{}");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();

      status = 200;
      set = jwks("k1", "");
      fixture.clock.advance(Duration.ofSeconds(31));
      assertThat(send(fixture, "k1", "{}").statusCode()).isEqualTo(204);
    }
  }

  @Test
  void delivery_outsideItsKeysTime_isRejected() {
    set = jwks("k1", ",\"not_before\":" + Fixture.NOW.plusSeconds(10).getEpochSecond());
    try (Fixture fixture = Fixture.start(folder, yaml())) {
      assertThat(send(fixture, "k1", "{}").statusCode()).isEqualTo(401);

      fixture.clock.advance(Duration.ofSeconds(10));
      assertThat(send(fixture, "k1", "{}").statusCode()).isEqualTo(204);
    }
  }

  @Test
  void reload_thatLeavesTheSourceAsItIs_fetchesNoKeyAgain() {
    set = jwks("k1", "");
    try (Fixture fixture = Fixture.start(folder, yaml())) {
      assertThat(send(fixture, "k1", "{\"a\":1}").statusCode()).isEqualTo(204);
      fixture.running().sources().serve(ConfigReader.create().read(fixture.file).sources());
      assertThat(send(fixture, "k1", "{\"a\":2}").statusCode()).isEqualTo(204);
      assertThat(asked).hasValue(1);
    }
  }
}
