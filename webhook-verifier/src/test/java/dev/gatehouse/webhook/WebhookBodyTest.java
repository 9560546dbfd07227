package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.webhook.RawClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How bodies arrive: sizes, framings, speeds, lies. */
final class WebhookBodyTest {
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

  @Test
  void body_oneByteAChunk_isVerified() throws Exception {
    try (Hook hook = Hook.open(o -> o);
        RawClient client = hook.connect()) {
      client.send(Hook.head("d1", Hook.BODY) + CHUNKED);
      for (byte b : Hook.bytes(Hook.BODY)) {
        client.send("1\r\n" + (char) b + "\r\n");
      }
      client.send("0\r\n\r\n");

      assertThat(client.read().status()).isEqualTo(204);
    }
  }

  @Test
  void body_oneByteAPacket_isVerified() throws Exception {
    try (Hook hook = Hook.open(o -> o);
        RawClient client = hook.connect()) {
      for (byte b : Hook.bytes(Hook.signed("d1"))) {
        client.send(new byte[] {b});
      }

      assertThat(client.read().status()).isEqualTo(204);
    }
  }

  @Test
  void body_atTheLimitAndOneMore_isAcceptedAndRefusedByBothFramings() throws Exception {
    try (Hook hook = Hook.open(o -> o.maxBodyBytes(1_000))) {
      String fits = "x".repeat(1_000);
      String over = "x".repeat(1_001);

      assertThat(hook.send(Hook.signed("d1", fits)).status()).isEqualTo(204);
      assertThat(hook.send(chunked("d2", fits)).status()).isEqualTo(204);
      assertThat(hook.send(Hook.signed("d3", over)).status()).isEqualTo(413);
      assertThat(hook.send(chunked("d4", over)).status()).isEqualTo(413);
      assertThat(hook.audited(AuditEvent.Outcome.DENIED))
          .containsExactly("body_too_large", "body_too_large");
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  @Test
  void body_empty_isVerifiedByBothFramings() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      assertThat(hook.send(Hook.signed("d1", "")).status()).isEqualTo(204);
      assertThat(hook.send(Hook.head("d2", "") + CHUNKED + "0\r\n\r\n").status()).isEqualTo(204);
      assertThat(hook.send(Hook.head("d3", "") + "\r\n").status()).isEqualTo(204);
    }
  }

  @Test
  void body_heldUpByAHandlerOfAnotherThread_isRead() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      hook.before.set(
          ctx -> {
            ctx.request().pause();
            new Thread(ctx::next, "elsewhere").start();
          });

      for (int i = 0; i < 100; i++) {
        assertThat(hook.send(Hook.signed("d" + i)).status()).isEqualTo(204);
        assertThat(hook.send(chunked("c" + i, Hook.BODY)).status()).isEqualTo(204);
      }
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  // A token says nothing of a body: what an asynchronous handler let go by would be missed by
  // nobody.
  @Test
  void body_whoseBeginningTheHandlerBeforeLetGoBy_fails500AndRunsNothing() throws Exception {
    try (Hook hook = Hook.open("gitlab", Map.of(), o -> o);
        RawClient client = hook.connect()) {
      hook.before.set(ctx -> ctx.request().handler(lost -> ctx.next()));

      client.send(
          "POST /hook HTTP/1.1\r\nHost: localhost\r\nX-Gitlab-Token: "
              + Hook.SECRET
              + "\r\nContent-Length: 12\r\n\r\n{\"a\":1");
      client.send(",\"b\":2");

      assertThat(client.read().status()).isEqualTo(500);
      assertThat(hook.runs).hasValue(0);
      assertThat(hook.budget.inFlight()).isZero();
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("read_before");
    }
  }

  // Who decides elsewhere whether a request may pass holds its body up, and need not let it go.
  @Test
  void body_heldUpByTheHandlerBefore_isRead() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      hook.before.set(
          ctx -> {
            ctx.request().pause();
            hook.vertx.setTimer(1, decided -> ctx.next());
          });

      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      assertThat(hook.send(chunked("d2", Hook.BODY)).status()).isEqualTo(204);
      assertThat(hook.send(Hook.signed("d1")).header("Gatehouse-Duplicate")).isEqualTo("true");
    }
  }

  @Test
  void body_tooSlow_is408AndTheConnectionEnds() throws Exception {
    try (Hook hook = Hook.open(o -> o.bodyTimeout(Duration.ofMillis(100)));
        RawClient client = hook.connect()) {
      client.send(Hook.head("d1", Hook.BODY) + "Content-Length: 21\r\n\r\n{\"type\"");
      Answer answer = client.read();

      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isClosedByServer()).isTrue();
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  @Test
  void body_ofAHeadThatIsRefused_isNotWaitedFor() throws Exception {
    String unsigned = "POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 21\r\n\r\n";
    for (String begun : List.of("", "{\"type\"")) {
      try (Hook hook = Hook.open(o -> o.bodyTimeout(Duration.ofHours(1)));
          RawClient client = hook.connect()) {
        client.send(unsigned + begun);

        assertThat(client.read().status()).isEqualTo(400);
        assertThat(hook.audited(AuditEvent.Outcome.DENIED)).containsExactly("missing_signature");
        assertThat(hook.budget.inFlight()).isZero();
      }
    }
  }

  @Test
  void body_ofAHeadThatIsRefused_comingWithIt_getsTheSameAnswer() throws Exception {
    try (Hook hook = Hook.open(o -> o);
        RawClient client = hook.connect()) {
      client.send(
          "POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 21\r\n\r\n" + Hook.BODY);
      assertThat(client.read().status()).isEqualTo(400);

      client.send(Hook.signed("d1"));
      assertThat(client.read().status()).isEqualTo(204);
      assertThat(hook.audited(AuditEvent.Outcome.DENIED)).containsExactly("missing_signature");
    }
  }

  @Test
  void body_clientGoesAwayHalfway_givesEverythingBack() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      try (RawClient client = hook.connect()) {
        client.send(Hook.head("d1", Hook.BODY) + "Content-Length: 21\r\n\r\n{\"type\"");
      }

      assertThat(hook.nextEnded().outcome()).isEqualTo(WebhookObserver.Outcome.ABANDONED);
      assertThat(hook.budget.inFlight()).isZero();
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void body_longerThanItsLength_isNotReadAsPartOfIt() throws Exception {
    try (Hook hook = Hook.open(o -> o);
        RawClient client = hook.connect()) {
      client.send(Hook.signed("d1") + "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");

      assertThat(client.read().status()).isEqualTo(204);
      assertThat(client.read().status()).isEqualTo(404);
    }
  }

  @Test
  void budget_spentByAnotherRequest_is503UntilItIsGivenBack() throws Exception {
    BodyBudget small = BodyBudget.ofBytes(1_000);
    try (Hook hook = Hook.open(o -> o.bodyBudget(small))) {
      try (RawClient slow = hook.connect()) {
        slow.send(Hook.head("d1", "") + "Content-Length: 990\r\n\r\n" + "x".repeat(980));
        awaitHeld(hook, small, 980);

        Answer declared = hook.send(Hook.signed("d2"));
        assertThat(declared.status()).isEqualTo(503);
        assertThat(declared.header("Retry-After")).isEqualTo("5");
        assertThat(hook.send(chunked("d3", Hook.BODY)).status()).isEqualTo(503);
        assertThat(small.inFlight()).isEqualTo(980);
      }
      hook.nextEnded();
      hook.nextEnded();
      hook.nextEnded();

      assertThat(small.inFlight()).isZero();
      assertThat(hook.send(Hook.signed("d2")).status()).isEqualTo(204);
    }
  }

  @Test
  void budget_promisedButNotSent_isNotTaken() throws Exception {
    BodyBudget small = BodyBudget.ofBytes(1_000);
    try (Hook hook = Hook.open(o -> o.bodyBudget(small));
        RawClient liar = hook.connect();
        RawClient honest = hook.connect()) {
      liar.send(Hook.head("d1", "") + "Content-Length: 1000\r\n\r\nx");
      awaitHeld(hook, small, 1);

      assertThat(honest.send(Hook.signed("d2")).read().status()).isEqualTo(204);
    }
  }

  @Test
  void refusal_smallBody_keepsTheConnection() throws Exception {
    try (Hook hook = Hook.open(o -> o);
        RawClient client = hook.connect()) {
      assertThat(client.send(Hook.tampered("d1")).read().status()).isEqualTo(401);
      String unsigned = "POST /hook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n";
      assertThat(client.send(unsigned).read().status()).isEqualTo(400);
      client.send("{}");
      String encoded =
          Hook.signed("d1").replace("Content-Length", "Content-Encoding: br\r\nContent-Length");
      assertThat(client.send(encoded).read().status()).isEqualTo(415);

      assertThat(client.send(Hook.signed("d1")).read().status()).isEqualTo(204);
    }
  }

  @Test
  void refusal_clientStillSending_canReadItsAnswer() throws Exception {
    try (Hook hook = Hook.open(o -> o.maxBodyBytes(1_000));
        RawClient client = hook.connect()) {
      int megabyte = 1 << 20;
      client.send(Hook.head("d1", "") + "Content-Length: " + 8 * megabyte + "\r\n\r\n");
      for (int i = 0; i < 8; i++) {
        client.send(new byte[megabyte]);
      }
      Answer answer = client.read();

      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  @Test
  void refusal_chunkedClientStillSending_canReadItsAnswer() throws Exception {
    try (Hook hook = Hook.open(o -> o.maxBodyBytes(1_000));
        RawClient client = hook.connect()) {
      client.send(Hook.head("d1", "") + CHUNKED);
      for (int i = 0; i < 64; i++) {
        client.send("10000\r\n" + "x".repeat(0x10000) + "\r\n");
      }

      assertThat(client.read().status()).isEqualTo(413);
    }
  }

  @Test
  void expectContinue_acceptableHead_isAskedForItsBody() throws Exception {
    try (Hook hook = Hook.open(o -> o);
        RawClient client = hook.connect()) {
      client.send(
          Hook.head("d1", Hook.BODY) + "Expect: 100-continue\r\nContent-Length: 21\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(100);

      assertThat(client.send(Hook.BODY).read().status()).isEqualTo(204);
    }
  }

  @Test
  void expectContinue_refusedHead_isAnsweredAtOnce() throws Exception {
    try (Hook hook = Hook.open(o -> o.maxBodyBytes(20));
        RawClient client = hook.connect()) {
      client.send(
          Hook.head("d1", Hook.BODY) + "Expect: 100-continue\r\nContent-Length: 21\r\n\r\n");
      Answer answer = client.read();

      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.header("Connection")).isEqualTo("close");
    }
  }

  @Test
  void body_25MB_leavesTheEventLoopsFree() throws Exception {
    int size = 25_000_000;
    try (Hook hook = Hook.open(o -> o.maxBodyBytes(size));
        RawClient client = hook.connect()) {
      String body = "x".repeat(size);
      client.send(Hook.head("d1", body) + "Content-Length: " + size + "\r\n\r\nx");
      awaitHeld(hook, hook.budget, 1);
      // The connection's own event loop is among these: each must go on beating meanwhile.
      List<AtomicInteger> hearts = new ArrayList<>();
      for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
        AtomicInteger beats = new AtomicInteger();
        hearts.add(beats);
        hook.vertx
            .getOrCreateContext()
            .runOnContext(go -> hook.vertx.setPeriodic(1, beat -> beats.incrementAndGet()));
      }
      client.send(Hook.bytes(body.substring(1)));

      assertThat(client.read().status()).isEqualTo(204);
      assertThat(hearts).allSatisfy(beats -> assertThat(beats.get()).isGreaterThan(2));
    }
  }

  private static String chunked(String id, String body) {
    return Hook.head(id, body)
        + CHUNKED
        + Integer.toHexString(body.length())
        + "\r\n"
        + body
        + "\r\n0\r\n\r\n";
  }

  // Bytes arrive when they arrive: looks every millisecond, on an event loop of the server's own.
  private static void awaitHeld(Hook hook, BodyBudget budget, long bytes) {
    CompletableFuture<Void> held = new CompletableFuture<>();
    look(hook, budget, bytes, held);
    held.orTimeout(20, TimeUnit.SECONDS).join();
  }

  private static void look(Hook hook, BodyBudget budget, long bytes, CompletableFuture<Void> held) {
    if (budget.inFlight() >= bytes) {
      held.complete(null);
    } else if (!held.isDone()) {
      hook.vertx.setTimer(1, again -> look(hook, budget, bytes, held));
    }
  }
}
