package dev.gatehouse.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.FailureMode;
import dev.gatehouse.webhook.RawClient.Answer;
import dev.gatehouse.webhook.WebhookObserver.Outcome;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Each delivery takes effect once: duplicates, retries, and handlers that do not end well. */
final class WebhookOnceTest {
  private static final Claim NEW = new Claim.New(1, Hook.NOW);

  private final BlockingQueue<RoutingContext> arrived = new ArrayBlockingQueue<>(1_000);

  @Test
  void duplicate_ofAnAnsweredDelivery_getsTheFirstAnswerWithoutCookies() throws Exception {
    try (Hook hook =
        Hook.open(
            o -> o,
            ctx ->
                ctx.response()
                    .setStatusCode(202)
                    .putHeader("Location", "/orders/1")
                    .putHeader("Set-Cookie", "s=1")
                    .putHeader("X-Other", "1")
                    .end())) {
      hook.send(Hook.signed("d1"));
      Answer again = hook.send(Hook.signed("d1"));

      assertThat(again.status()).isEqualTo(202);
      assertThat(again.header("Location")).isEqualTo("/orders/1");
      assertThat(again.header("Gatehouse-Duplicate")).isEqualTo("true");
      assertThat(again.header("Set-Cookie")).isEmpty();
      assertThat(again.header("X-Other")).isEmpty();
      assertThat(hook.runs).hasValue(1);
    }
  }

  @Test
  void retry_signedAnew_isADuplicate() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      hook.send(Hook.signed("d1"));
      String later = Hook.head("d1", Hook.BODY, Hook.NOW.plusSeconds(60));

      Answer again = hook.send(later + "Content-Length: 21\r\n\r\n" + Hook.BODY);

      assertThat(again.header("Gatehouse-Duplicate")).isEqualTo("true");
    }
  }

  @Test
  void delivery_sameIdOtherContent_is409AndAudited() throws Exception {
    try (Hook hook = Hook.open(o -> o)) {
      hook.send(Hook.signed("d1"));

      assertThat(hook.send(Hook.signed("d1", "{\"other\":1}")).status()).isEqualTo(409);
      assertThat(hook.audited(AuditEvent.Outcome.DENIED)).containsExactly("conflict");
    }
  }

  @Test
  void duplicates_thousandAtOnce_runTheHandlerOnce() throws Exception {
    try (Hook hook =
        Hook.open(
            o -> o.inFlightWait(Duration.ofSeconds(20)),
            ctx -> {
              arrived.add(ctx);
            })) {
      HttpClient client = hook.vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(1_000));
      AtomicInteger sent = new AtomicInteger();
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        answers.add(post(client, hook.port(), sent));
      }
      RoutingContext first = take();
      first.response().setStatusCode(204).end();

      List<String> all = answers.stream().map(Hook::await).toList();
      assertThat(all.stream().filter("204 null"::equals)).hasSize(1);
      assertThat(all.stream().filter("204 true"::equals)).hasSize(999);
      assertThat(hook.runs).hasValue(1);
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  @Test
  void duplicate_whileTheFirstRuns_waitsForItsAnswer() throws Exception {
    try (Hook hook = Hook.open(o -> o, arrived::add);
        RawClient first = hook.connect();
        RawClient second = hook.connect()) {
      first.send(Hook.signed("d1"));
      RoutingContext running = take();
      second.send(Hook.signed("d1"));
      running.vertx().runOnContext(now -> running.response().setStatusCode(201).end());

      assertThat(first.read().header("Gatehouse-Duplicate")).isEmpty();
      Answer duplicate = second.read();
      assertThat(duplicate.status()).isEqualTo(201);
      assertThat(duplicate.header("Gatehouse-Duplicate")).isEqualTo("true");
    }
  }

  @Test
  void duplicate_whileTheFirstRunsTooLong_is503() throws Exception {
    try (Hook hook = Hook.open(o -> o.inFlightWait(Duration.ofMillis(100)), arrived::add);
        RawClient first = hook.connect()) {
      first.send(Hook.signed("d1"));
      RoutingContext running = take();
      Answer second = hook.send(Hook.signed("d1"));

      assertThat(second.status()).isEqualTo(503);
      assertThat(second.header("Retry-After")).isEqualTo("1");
      assertThat(hook.audited(AuditEvent.Outcome.DENIED)).containsExactly("in_flight");
      running.response().setStatusCode(204).end();
      assertThat(first.read().status()).isEqualTo(204);
    }
  }

  @Test
  void duplicate_whoseFirstFails_runsInItsPlace() throws Exception {
    try (Hook hook = Hook.open(o -> o, arrived::add);
        RawClient first = hook.connect();
        RawClient second = hook.connect()) {
      first.send(Hook.signed("d1"));
      RoutingContext failing = take();
      second.send(Hook.signed("d1"));
      failing.fail(502);
      take().response().setStatusCode(204).end();

      assertThat(first.read().status()).isEqualTo(502);
      Answer answer = second.read();
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("Gatehouse-Duplicate")).isEmpty();
    }
  }

  @Test
  void retry_afterAFailedHandler_runs() throws Exception {
    try (Hook hook = Hook.open(o -> o, ctx -> ctx.fail(new IllegalStateException("no")))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(500);
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(500);
      assertThat(hook.runs).hasValue(2);
      assertThat(hook.nextEnded().outcome()).isEqualTo(Outcome.FAILED);
    }
  }

  @Test
  void retry_afterAThrowingHandler_runs() throws Exception {
    try (Hook hook =
        Hook.open(
            o -> o,
            ctx -> {
              throw new IllegalStateException("no");
            })) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(500);
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(500);
      assertThat(hook.runs).hasValue(2);
    }
  }

  @Test
  void retry_afterAnswerThatIsNoSuccess_runs() throws Exception {
    try (Hook hook = Hook.open(o -> o, ctx -> ctx.response().setStatusCode(302).end())) {
      hook.send(Hook.signed("d1"));
      hook.send(Hook.signed("d1"));
      assertThat(hook.runs).hasValue(2);
    }
  }

  @Test
  void handler_hanging_is503AndTheRetryRuns() throws Exception {
    try (Hook hook = Hook.open(o -> o.handlerTimeout(Duration.ofMillis(100)), arrived::add)) {
      Answer timedOut = hook.send(Hook.signed("d1"));
      assertThat(timedOut.status()).isEqualTo(503);
      assertThat(timedOut.header("Retry-After")).isNotEmpty();
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("handler_timeout");
      take();

      hook.send(Hook.signed("d1"));
      assertThat(hook.runs).hasValue(2);
      assertThat(hook.budget.inFlight()).isZero();
    }
  }

  private void retryRuns(Hook hook) throws Exception {
    try (RawClient retry = hook.connect()) {
      retry.send(Hook.signed("d1"));
      take().response().setStatusCode(204).end();
      assertThat(retry.read().header("Gatehouse-Duplicate")).isEmpty();
    }
    assertThat(hook.runs).hasValue(2);
  }

  @Test
  void client_vanishedWhileTheHandlerRuns_releasesAndTheRetryRuns() throws Exception {
    try (Hook hook = Hook.open(o -> o, arrived::add)) {
      try (RawClient client = hook.connect()) {
        client.send(Hook.signed("d1"));
        take();
      }
      assertThat(hook.nextEnded().outcome()).isEqualTo(Outcome.ABANDONED);
      retryRuns(hook);
    }
  }

  @Test
  void handler_finishingAfterItsClientLeft_cannotCompleteItsSuccessorsClaim() throws Exception {
    try (Hook hook = Hook.open(o -> o, arrived::add);
        RawClient retry = hook.connect()) {
      RoutingContext late;
      try (RawClient client = hook.connect()) {
        client.send(Hook.signed("d1"));
        late = take();
      }
      hook.nextEnded();
      retry.send(Hook.signed("d1"));
      RoutingContext successor = take();
      late.response().setStatusCode(299).end();
      successor.response().setStatusCode(201).end();

      assertThat(retry.read().status()).isEqualTo(201);
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(201);
    }
  }

  @Test
  void handler_endingOnAnotherThread_completesItsClaim() throws Exception {
    try (Hook hook =
        Hook.open(
            o -> o,
            ctx ->
                new Thread(() -> ctx.response().setStatusCode(204).end(), "elsewhere").start())) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      hook.nextEnded();

      assertThat(hook.send(Hook.signed("d1")).header("Gatehouse-Duplicate")).isEqualTo("true");
    }
  }

  @Test
  void handler_replacingTheEndHandlers_stillCompletesItsClaim() throws Exception {
    try (Hook hook =
        Hook.open(
            o -> o,
            ctx ->
                ctx.response()
                    .endHandler(end -> {})
                    .closeHandler(end -> {})
                    .setStatusCode(204)
                    .end())) {
      hook.send(Hook.signed("d1"));

      assertThat(hook.send(Hook.signed("d1")).header("Gatehouse-Duplicate")).isEqualTo("true");
    }
  }

  // Whoever sets the response's handlers is told in everybody's place.
  @Test
  void client_vanishedBehindReplacedHandlers_releasesWhenTheTimeIsUp() throws Exception {
    try (Hook hook =
        Hook.open(
            o -> o.handlerTimeout(Duration.ofSeconds(1)),
            ctx -> {
              ctx.response()
                  .endHandler(end -> {})
                  .exceptionHandler(gone -> {})
                  .closeHandler(end -> {});
              arrived.add(ctx);
            })) {
      try (RawClient client = hook.connect()) {
        client.send(Hook.signed("d1"));
        take();
      }
      hook.nextEnded();
      retryRuns(hook);
    }
  }

  // Other requests have their turn while a virtual thread waits, and so has its own deadline.
  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void handler_waitingOnAVirtualThread_is503AndTheRetryRuns() throws Exception {
    Promise<Void> never = Promise.promise();
    try (Hook hook =
        Hook.openOn(
            ThreadingModel.VIRTUAL_THREAD,
            o -> o.handlerTimeout(Duration.ofMillis(100)),
            ctx -> {
              arrived.add(ctx);
              if (arrived.size() == 1) {
                Future.await(never.future());
              }
              ctx.response().setStatusCode(204).end();
            })) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(503);
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("handler_timeout");
      assertThat(hook.budget.inFlight()).isZero();

      assertThat(hook.send(Hook.signed("d1")).header("Gatehouse-Duplicate")).isEmpty();
      assertThat(hook.runs).hasValue(2);
    }
  }

  @Test
  void store_downAndClosed_is503() throws Exception {
    FlakyClaims claims = new FlakyClaims(100, 0);
    try (Hook hook = Hook.open(o -> o.claims(claims))) {
      Answer answer = hook.send(Hook.signed("d1"));

      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("Retry-After")).isEqualTo("5");
      assertThat(hook.runs).hasValue(0);
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("claims_unreachable");
    }
  }

  @Test
  void store_downAndOpen_passesAndIsAudited() throws Exception {
    FlakyClaims claims = new FlakyClaims(100, 0);
    try (Hook hook = Hook.open(o -> o.claims(claims).failureMode(FailureMode.OPEN))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("claims_unreachable");
    }
  }

  @Test
  void store_silent_is503AndALateClaimIsReleased() throws Exception {
    Promise<Claim> silent = Promise.promise();
    FlakyClaims claims = new FlakyClaims(0, 0);
    claims.next = silent.future();
    try (Hook hook = Hook.open(o -> o.claims(claims).inFlightWait(Duration.ofMillis(100)))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(503);
      silent.complete(new Claim.New(77, Hook.NOW));

      assertThat(claims.released.poll(20, TimeUnit.SECONDS)).isEqualTo(77L);
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void store_failingAtCompletion_isTriedAgain() throws Exception {
    FlakyClaims claims = new FlakyClaims(0, 2);
    try (Hook hook = Hook.open(o -> o.claims(claims))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);

      assertThat(hook.send(Hook.signed("d1")).header("Gatehouse-Duplicate")).isEqualTo("true");
      assertThat(hook.runs).hasValue(1);
    }
  }

  @Test
  void store_completesAndItsAnswerIsLost_isNotToldAsALostLease() throws Exception {
    FlakyClaims claims = new FlakyClaims(0, 0);
    claims.lostAnswers.set(1);
    try (Hook hook = Hook.open(o -> o.claims(claims))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      assertThat(claims.completed.poll(20, TimeUnit.SECONDS)).isTrue();
      assertThat(claims.completed.poll(20, TimeUnit.SECONDS)).isFalse();

      // by one request more, what the second attempt is told of has been told
      assertThat(hook.send(Hook.signed("d1")).header("Gatehouse-Duplicate")).isEqualTo("true");
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("completion_unknown");
    }
  }

  @Test
  void store_endingInAnError_is503() throws Exception {
    FlakyClaims claims = new FlakyClaims(0, 0);
    claims.error = new OutOfMemoryError("of a test");
    try (Hook hook = Hook.open(o -> o.claims(claims))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(503);
      claims.error = null;
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      assertThat(hook.runs).hasValue(1);
    }
  }

  @Test
  void store_failingWhileTheFirstRuns_runsNothingBesideItThoughOpen() throws Exception {
    FlakyClaims claims = new FlakyClaims(0, 0);
    claims.answers.add(Future.succeededFuture(new Claim.InFlight(Hook.NOW)));
    claims.answers.add(Future.failedFuture("down for a moment"));
    claims.answers.add(Future.succeededFuture(new Claim.Duplicate(ClaimAnswer.of(202))));
    try (Hook hook = Hook.open(o -> o.claims(claims).failureMode(FailureMode.OPEN))) {
      Answer answer = hook.send(Hook.signed("d1"));

      assertThat(answer.status()).isEqualTo(202);
      assertThat(answer.header("Gatehouse-Duplicate")).isEqualTo("true");
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void store_givingNull_isOneThatIsDown() throws Exception {
    FlakyClaims claims = new FlakyClaims(0, 0);
    try (Hook hook = Hook.open(o -> o.claims(claims))) {
      claims.next = Future.succeededFuture();
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(503);
      claims.next = hook.vertx.timer(1).mapEmpty();
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(503);
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN))
          .containsExactly("claims_unreachable", "claims_unreachable");
      assertThat(hook.runs).hasValue(0);
    }
  }

  @Test
  void store_givingNoFuture_isOneThatIsDown() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Claims none =
        new Claims() {
          @Override
          public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
            return asked.getAndIncrement() == 0 ? null : Future.succeededFuture(NEW);
          }

          @Override
          public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
            return null;
          }

          @Override
          public Future<Boolean> release(ClaimKey key, long fence) {
            return null;
          }

          @Override
          public Duration retention() {
            return Duration.ofDays(8);
          }
        };
    try (Hook hook = Hook.open(o -> o.claims(none).failureMode(FailureMode.OPEN))) {
      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      assertThat(hook.audited(AuditEvent.Outcome.BROKEN)).containsExactly("claims_unreachable");
      hook.nextEnded();

      assertThat(hook.send(Hook.signed("d1")).status()).isEqualTo(204);
      assertThat(hook.nextEnded().outcome()).isEqualTo(Outcome.ACCEPTED);
    }
  }

  @Test
  void claims_skipped_runEachTime() throws Exception {
    try (Hook hook = Hook.openWithoutClaims()) {
      hook.send(Hook.signed("d1"));
      hook.send(Hook.signed("d1"));
      assertThat(hook.runs).hasValue(2);
    }
  }

  private RoutingContext take() throws InterruptedException {
    RoutingContext ctx = arrived.poll(20, TimeUnit.SECONDS);
    if (ctx == null) {
      throw new AssertionError("no request reached the handler within 20 s");
    }
    return ctx;
  }

  private static Future<String> post(HttpClient client, int port, AtomicInteger sent) {
    return client
        .request(HttpMethod.POST, port, "127.0.0.1", "/hook")
        .compose(
            request -> {
              sent.incrementAndGet();
              Hook.sign("d1", Hook.bytes(Hook.BODY), Hook.NOW)
                  .forEach(header -> request.putHeader(header.name(), header.value()));
              return request.send(Buffer.buffer(Hook.BODY));
            })
        .map(
            (HttpClientResponse response) ->
                response.statusCode() + " " + response.getHeader("Gatehouse-Duplicate"));
  }

  /** Claims in memory that fail the first so many calls of each kind. */
  private static final class FlakyClaims implements Claims {
    private final Claims sound = Claims.inMemory(100, Duration.ofDays(8), Hook.CLOCK);
    private final AtomicInteger failingClaims;
    private final AtomicInteger failingCompletions;
    private final BlockingQueue<Long> released = new ArrayBlockingQueue<>(10);
    private final AtomicInteger lostAnswers = new AtomicInteger();
    private final BlockingQueue<Boolean> completed = new ArrayBlockingQueue<>(10);
    private final BlockingQueue<Future<Claim>> answers = new ArrayBlockingQueue<>(10);
    private volatile Future<Claim> next;
    private volatile Error error;

    private FlakyClaims(int claims, int completions) {
      this.failingClaims = new AtomicInteger(claims);
      this.failingCompletions = new AtomicInteger(completions);
    }

    @Override
    public Future<Claim> claim(ClaimKey key, Fingerprint fingerprint, Duration lease) {
      if (error != null) {
        throw error;
      }
      Future<Claim> given = answers.poll();
      if (given != null || next != null) {
        return given == null ? next : given;
      }
      return failingClaims.getAndDecrement() > 0
          ? Future.failedFuture("down")
          : sound.claim(key, fingerprint, lease);
    }

    @Override
    public Future<Boolean> complete(ClaimKey key, long fence, ClaimAnswer answer) {
      if (failingCompletions.getAndDecrement() > 0) {
        return Future.failedFuture("down");
      }
      Future<Boolean> kept = sound.complete(key, fence, answer);
      kept.onSuccess(completed::add);
      return lostAnswers.getAndDecrement() > 0 ? Future.failedFuture("lost") : kept;
    }

    @Override
    public Future<Boolean> release(ClaimKey key, long fence) {
      released.add(fence);
      return sound.release(key, fence);
    }

    @Override
    public Duration retention() {
      return sound.retention();
    }
  }
}
