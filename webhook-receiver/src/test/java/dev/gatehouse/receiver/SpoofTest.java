package dev.gatehouse.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A destination can believe what Gatehouse says, because nobody outside can say it. */
class SpoofTest {
  private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private final Target target = Target.start();

  @AfterEach
  void close() {
    target.close();
  }

  private MultiMap forwarded(String sign, String... names) throws Exception {
    try (Fixture it =
        Fixture.start(folder, Fixture.yaml("deliver:\n  to: " + target.url() + "\n" + sign))) {
      HttpRequest.Builder request =
          it.request("/hooks/hook", it.signed("msg_1", Fixture.NOW, BODY))
              .POST(BodyPublishers.ofByteArray(BODY));
      for (String name : names) {
        request.header(name, "spoofed");
      }
      assertThat(it.exchange(request).statusCode()).isEqualTo(204);
      return target.next().headers();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // ours
        "Gatehouse-Delivery",
        "gatehouse-source",
        "GATEHOUSE-ATTEMPT",
        "Gatehouse-Verdict",
        "Gatehouse-Anything",
        "webhook-anything",
        "Webhook-Attempt",
        "svix-id",
        "svix-timestamp",
        "svix-signature",
        // the same to servers that make variables of them
        "Gatehouse_Delivery",
        "GATEHOUSE_SOURCE",
        "Gatehouse.Verdict",
        "webhook_id",
        "Content_Length",
        "X_Forwarded_For",
        "X_Api_Key",
        // of the hop
        "Keep-Alive",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Via",
        "X-Forwarded-Host",
        "Digest",
        "Content-Digest",
        // what a proxy says: another URL or method, and addresses of a client
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "Forwarded",
        "X-Forwarded-For",
        "X-Original-Forwarded-For",
        "X-Real-IP",
        "X_Client_IP",
        "X-Client-IP",
        "X-Cluster-Client-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "CF-Connecting-IPv6",
        "Fastly-Client-IP",
        "Fly-Client-IP",
        "X-Envoy-External-Address",
        // credentials and signatures
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "Set-Cookie",
        "X-Api-Key",
        "X-Auth-User",
        "X-Gitlab-Token",
        "X-Hub-Signature",
        "Stripe-Signature",
        "X-Twilio-Signature",
        "X-Password",
        "X-Jwt-Assertion",
        "Signature-Input",
      })
  void header_ofThatName_neverPassesFromOutside(String name) throws Exception {
    MultiMap headers = forwarded("", name);

    assertThat(headers.getAll(name)).doesNotContain("spoofed");
  }

  @Test
  void header_namedByConnection_isOfTheHop() throws Exception {
    // HttpClient refuses to send Connection, so the line is written by hand
    try (Fixture it =
            Fixture.start(folder, Fixture.yaml("deliver:\n  to: " + target.url() + "\n"));
        java.net.Socket socket =
            new java.net.Socket(
                java.net.InetAddress.getLoopbackAddress(), it.started.publicPort())) {
      StringBuilder head = new StringBuilder("POST /hooks/hook HTTP/1.1\r\nHost: x\r\n");
      it.signed("m", Fixture.NOW, BODY)
          .forEach(h -> head.append(h.name()).append(": ").append(h.value()).append("\r\n"));
      head.append(
          "Connection: X-Hop, close\r\nX-Hop: 1\r\nX-Stays: 1\r\nContent-Length: 2\r\n\r\n{}");
      socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.US_ASCII));
      MultiMap headers = target.next().headers();

      assertThat(headers.get("X-Stays")).isEqualTo("1");
      assertThat(headers.contains("X-Hop")).isFalse();
    }
  }

  @Test
  void signature_ofTheSender_isNotLeftUnderOurName() throws Exception {
    MultiMap plain = forwarded("");

    assertThat(List.of("webhook-id", "webhook-timestamp", "webhook-signature"))
        .noneMatch(plain::contains);
  }

  @Test
  void signature_anew_isTheOnlyOneAndOverOurId() throws Exception {
    MultiMap signed =
        forwarded(
            "  sign: { scheme: standard-webhooks, secret: \"" + Fixture.FORWARD_SECRET + "\" }\n");

    assertThat(signed.getAll("webhook-id")).containsExactly(signed.get("Gatehouse-Delivery"));
    assertThat(signed.getAll("webhook-signature")).hasSize(1);
  }

  @Test
  void headers_thatNoClientSends_areLeftOutAndTheOthersStay() {
    MultiMap headers = HttpHeaders.headers();

    int leftOut =
        KeptHeaders.addTo(
            headers,
            "{\"X-Control\":\"a\\u0001b\",\"X-Lines\":[\"a\",\"b\\r\\nc: d\"],"
                + "\"X Space\":\"a\",\"X-Event\":\"push\"}");

    assertThat(leftOut).isGreaterThanOrEqualTo(2);
    assertThat(headers.get("X-Event")).isEqualTo("push");
    assertThat(headers.getAll("X-Lines")).containsExactly("a");
  }

  @Test
  void headers_keptByAnEarlierVersion_areStrippedWhenTheyAreSent() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    KeptHeaders.addTo(
        headers,
        "{\"webhook-id\":\"x\",\"Gatehouse-Source\":\"x\",\"Gatehouse_Source\":\"x\",\"X-Event\":\"push\"}");

    assertThat(headers.names()).containsExactly("X-Event");
  }
}
