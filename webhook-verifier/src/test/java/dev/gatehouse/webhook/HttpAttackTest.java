package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.webhook.WebhookRequest.Header;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The attacks that need HTTP written by hand: folds, trailers, lengths that contradict. */
final class HttpAttackTest {
  private static final String LENGTH = "Content-Length: " + Hook.BODY.length() + "\r\n";
  private static final String UNSIGNED = "POST /hook HTTP/1.1\r\nHost: localhost\r\n";

  @Test
  void signature_foldedInside_is400() throws Exception {
    // RFC 9112, 5.2: a fold is a space, and a signature with a space in it is none.
    String signature = signature("d1");
    String folded = signature.substring(0, 20) + "\r\n " + signature.substring(20);
    assertThat(status(others("d1") + "webhook-signature: " + folded + "\r\n")).isEqualTo(400);
  }

  @Test
  void signature_withNul_is400() throws Exception {
    assertThat(status(others("d1") + "webhook-signature: " + signature("d1") + "\0\r\n"))
        .isEqualTo(400);
  }

  @Test
  void signature_afterASpaceBeforeTheColon_is400() throws Exception {
    assertThat(status(others("d1") + "webhook-signature : " + signature("d1") + "\r\n"))
        .isEqualTo(400);
  }

  @Test
  void signature_inATrailer_is400() throws Exception {
    String chunks = "15\r\n" + Hook.BODY + "\r\n0\r\nwebhook-signature: " + signature("d1");
    try (Hook hook = Hook.open(o -> o)) {
      String head = others("d1") + "Trailer: webhook-signature\r\nTransfer-Encoding: chunked\r\n";
      assertThat(hook.send(head + "\r\n" + chunks + "\r\n\r\n").status()).isEqualTo(400);
      assertThat(hook.runs).hasValue(0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'Content-Length: 21\r\nContent-Length: 1'",
    "'Content-Length: 21, 1'",
    "'Content-Length: -1'",
    "'Content-Length: +21'",
    "'Content-Length: 0x15'",
    "'Content-Length: 99999999999999999999'",
  })
  void length_thatIsNoneOrTwo_is400(String lengths) throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      String request = Hook.head("d1", Hook.BODY) + lengths + "\r\n\r\n" + Hook.BODY;
      assertThat(hook.send(request).status()).isEqualTo(400);
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void length_besideChunks_is400() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      String framing = LENGTH + "Transfer-Encoding: chunked\r\n\r\n15\r\n";
      String request = Hook.head("d1", Hook.BODY) + framing + Hook.BODY + "\r\n0\r\n\r\n";
      assertThat(hook.send(request).status()).isEqualTo(400);
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void length_shorterThanTheBody_is401() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      String request = Hook.head("d1", Hook.BODY) + "Content-Length: 20\r\n\r\n" + Hook.BODY;
      assertThat(hook.send(request).status()).isEqualTo(401);
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void length_ofATerabyte_is413BeforeAnyByte() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      String request = Hook.head("d1", Hook.BODY) + "Content-Length: 1099511627776\r\n\r\n";
      assertThat(hook.send(request).status()).isEqualTo(413);
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  @Test
  void header_of64kB_is431() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      String header = "webhook-signature: v1," + "A".repeat(64 * 1024) + "\r\n";
      assertThat(hook.send(UNSIGNED + header + LENGTH + "\r\n" + Hook.BODY).status())
          .isEqualTo(431);
    }
  }

  @Test
  void request_unverified_claimsNothing() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Claims watched =
        (Claims)
            java.lang.reflect.Proxy.newProxyInstance(
                Claims.class.getClassLoader(),
                new Class<?>[] {Claims.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("retention")) {
                    return java.time.Duration.ofDays(30);
                  }
                  asked.incrementAndGet();
                  return io.vertx.core.Future.failedFuture("nobody should ask");
                });
    try (Hook hook = Hook.openWithClaims(watched)) {
      assertThat(hook.send(Hook.tampered("d1")).status()).isEqualTo(401);
      assertThat(hook.send(UNSIGNED + LENGTH + "\r\n" + Hook.BODY).status()).isEqualTo(400);
      assertThat(asked).hasValue(0);
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(503);
      assertThat(asked).hasPositiveValue();
    }
  }

  private static int status(String head) throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      int status = hook.send(head + LENGTH + "\r\n" + Hook.BODY).status();
      assertThat(hook.runs).hasValue(0);
      return status;
    }
  }

  private static String signature(String id) {
    return Requests.value(Hook.sign(id, Hook.bytes(Hook.BODY), Hook.NOW), "webhook-signature");
  }

  private static String others(String id) {
    StringBuilder head = new StringBuilder(UNSIGNED);
    for (Header header : Hook.sign(id, Hook.bytes(Hook.BODY), Hook.NOW)) {
      if (!header.name().equals("webhook-signature")) {
        head.append(header.name()).append(": ").append(header.value()).append("\r\n");
      }
    }
    return head.toString();
  }
}
