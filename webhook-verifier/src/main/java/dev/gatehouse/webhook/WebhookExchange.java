package dev.gatehouse.webhook;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.WebhookObserver.Ended;
import dev.gatehouse.webhook.WebhookObserver.Outcome;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request's way through a {@link WebhookHandler}: head, body, verdict, answer.
 *
 * <p>It lives on the request's context. Only {@link #over} may come from elsewhere, when a handler
 * ends its response on a thread of its own.
 */
final class WebhookExchange extends LateBodies.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookHandler.class);
  private static final long SWITCHED_OFF_RETRY_SECONDS = 60;
  private static final long BUSY_RETRY_SECONDS = 5;
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");

  private final WebhookHandler door;
  private final RoutingContext ctx;
  private final HttpServerRequest request;
  private final Headers headers;
  private final Context context;
  private final Instant begun;
  private final BodyBudget.Share share;
  private final AtomicBoolean over = new AtomicBoolean();

  private @Nullable VerificationStream stream;
  private @Nullable Buffer observedBody;
  private @Nullable RejectReason observedEarly;
  private @Nullable ClaimedDelivery delivery;
  private volatile boolean isReading;
  private long announced = -1;
  private long received;
  private volatile long bodyTimer = -1;
  private volatile HandlerDeadlines.@Nullable Wait handling;

  private Outcome outcome = Outcome.UNAVAILABLE;
  private String reason = "ok";

  WebhookExchange(WebhookHandler door, RoutingContext ctx, Context context) {
    this.door = door;
    this.ctx = ctx;
    this.request = ctx.request();
    this.headers = Headers.of(request.headers());
    this.context = context;
    this.begun = door.observer == null ? Instant.EPOCH : door.clock.instant();
    this.share = door.bodyBudget.open();
  }

  void begin() {
    ctx.addEndHandler(this::over);
    // A handler that sets its own endHandler on the response replaces the one above.
    ctx.addBodyEndHandler(end -> over(Future.succeededFuture()));
    guarded(this::judgeHead);
  }

  private void judgeHead() {
    if (door.stops.all()) {
      switchedOff(door.verifier.tenant().orElse(null));
      return;
    }
    if (!door.methods.contains(request.method().name())) {
      note(Outcome.REJECTED, "method_not_allowed");
      refuse(405, response -> response.putHeader(HttpHeaders.ALLOW, door.allow));
      return;
    }
    announced = contentLength(request.getHeader(HttpHeaders.CONTENT_LENGTH));
    if (announced > door.maxBodyBytes) {
      fail(RejectReason.BODY_TOO_LARGE);
      return;
    }
    if (isTransferCoded(request.getHeader(HttpHeaders.TRANSFER_ENCODING))) {
      fail(RejectReason.UNSUPPORTED_CONTENT_ENCODING);
      return;
    }
    if (announced > door.bodyBudget.capacity() - door.bodyBudget.inFlight()) {
      overBudget();
      return;
    }
    beginVerification();
  }

  // --- body

  private void beginVerification() {
    String expected = request.getHeader(HttpHeaders.EXPECT);
    VerificationStream begun =
        door.verifier.begin(WebhookRequest.head(request.method().name(), calledUrl(), headers));
    stream = begun;
    if (door.evidence != null || !door.mode.binds()) {
      observedBody = Buffer.buffer();
    }
    boolean isAwaited =
        request.version() != HttpVersion.HTTP_1_0 && "100-continue".equalsIgnoreCase(expected);
    // A small body comes with its head as a rule, and both are judged at once then.
    boolean mayComeWhole =
        door.verifier.hasShortWay()
            && door.mode.binds()
            && expected == null
            && announced >= 0
            && announced <= Shortcut.MAX_BODY;
    if (mayComeWhole || !isDecidedBy(begun)) {
      readBody(isAwaited);
    }
  }

  /** Answers what the head alone decides; whether there was anything. */
  private boolean isDecidedBy(VerificationStream begun) {
    Verification early = begun.early();
    if (early instanceof Verification.Rejected rejected && !door.mode.binds()) {
      observedEarly = rejected.reason();
      return false;
    }
    if (early == null) {
      return false;
    }
    decide(early);
    return true;
  }

  // Of the request as it is now: it may be asked for on any thread, and once a handler has sent the
  // request elsewhere.
  private Supplier<String> calledUrl() {
    Supplier<String> origin = door.origin.apply(request);
    String target = request.uri();
    return () -> origin.get() + pathAndQuery(target);
  }

  private void readBody(boolean isAwaited) {
    isReading = true;
    LateBodies.add(this);
    request.handler(chunk -> guarded(() -> take(chunk)));
    request.endHandler(end -> guarded(this::finishBody));
    if (isAwaited) {
      request.response().writeContinue();
    }
  }

  @Override
  Context context() {
    return context;
  }

  @Override
  boolean isReading() {
    return isReading;
  }

  @Override
  void waitForBody() {
    guarded(this::keepReading);
  }

  private void keepReading() {
    VerificationStream waiting = stream;
    if (!isReading || waiting == null || isDecidedBy(waiting)) {
      return;
    }
    bodyTimer = ctx.vertx().setTimer(door.bodyTimeout.toMillis(), late -> bodyTimedOut());
    // whoever came before this handler may have held it up
    request.resume();
  }

  private void bodyTimedOut() {
    bodyTimer = -1;
    if (isReading) {
      note(Outcome.REJECTED, "body_timeout");
      guarded(() -> limited(408));
    }
  }

  private void take(Buffer chunk) {
    received += chunk.length();
    if (received > door.maxBodyBytes) {
      fail(RejectReason.BODY_TOO_LARGE);
      return;
    }
    if (!share.take(chunk.length())) {
      overBudget();
      return;
    }
    if (observedBody != null) {
      observedBody.appendBuffer(chunk);
    }
    if (stream != null && observedEarly == null) {
      stream.update(Chunks.bytesOf(chunk));
    }
  }

  private void finishBody() {
    isReading = false;
    cancelTimer();
    VerificationStream ending = stream;
    if (ending == null) {
      return;
    }
    if (request.bytesRead() != received) {
      partlyRead();
      return;
    }
    if (observedEarly != null) {
      decide(Verification.rejected(observedEarly));
      return;
    }
    if (!door.verifier.mayFetch()) {
      stream = null;
      decide(ending.finish());
      return;
    }
    whenDone(
        ending.lookup(),
        found -> {
          if (found.failed()) {
            keysUnavailable();
          } else {
            stream = null;
            decide(ending.finish(found.result()));
          }
        });
  }

  // A token vouches for whatever comes with it, and so for what is left of a body too.
  private void partlyRead() {
    stopReading();
    share.close();
    note(Outcome.UNAVAILABLE, "read_before");
    door.audit.record("read", AuditEvent.Outcome.BROKEN, "read_before", null);
    WebhookHandler.failAsRead(ctx);
  }

  // Nothing was decided, so failing open would let anything in: that is what observing is for.
  private void keysUnavailable() {
    door.audit.record("verify", AuditEvent.Outcome.BROKEN, "keys_unavailable", null);
    if (!door.mode.binds()) {
      decide(Verification.rejected(RejectReason.UNKNOWN_KEY));
      return;
    }
    note(Outcome.UNAVAILABLE, "keys_unavailable");
    busy();
  }

  // --- verdict

  private void decide(Verification verdict) {
    abandonStream();
    if (!(verdict instanceof Verification.Rejected)) {
      observedBody = null;
    }
    if (verdict instanceof Verification.Verified verified) {
      admit(verified.webhook());
    } else if (verdict instanceof Verification.Rejected rejected) {
      reject(rejected.reason());
    } else if (verdict instanceof Verification.Handshake handshake) {
      shakeHands(handshake);
    }
  }

  private void reject(RejectReason why) {
    if (door.mode.binds()) {
      note(Outcome.REJECTED, why.code());
      limited(why.httpStatus(), door.evidence == null ? null : unverified(why));
      return;
    }
    note(Outcome.OBSERVED, why.code());
    door.audit.record("verify", AuditEvent.Outcome.DENIED, why.code(), null, "mode", "observe");
    unverified(why).putInto(ctx);
    runNext();
  }

  private UnverifiedWebhook unverified(RejectReason why) {
    return new UnverifiedWebhook(
        door.verifier.source(),
        request.method().name(),
        why,
        headers,
        observedBody == null ? Buffer.buffer() : observedBody);
  }

  private void keep(UnverifiedWebhook rejected) {
    if (door.evidence == null) {
      return;
    }
    try {
      door.evidence.accept(rejected);
    } catch (Throwable e) { // an Error too: the door must answer all the same
      LOG.error("the evidence of source '{}' failed", door.verifier.source(), e);
    }
  }

  private void admit(VerifiedWebhook webhook) {
    String source = webhook.source();
    if (door.stops.key(webhook.keyId())) {
      fail(RejectReason.UNKNOWN_KEY);
      return;
    }
    if (door.stops.tenantOf(webhook)) {
      switchedOff(webhook.tenant().orElse(null));
      return;
    }
    RateLimiter limiter = door.verifiedLimiter;
    if (limiter == null) {
      claim(webhook);
      return;
    }
    whenDone(
        Inquiry.ask(() -> limiter.acquire(source, 1)),
        asked -> {
          if (asked.failed()) {
            broken(webhook, "limiter_unreachable", () -> claim(webhook));
          } else if (asked.result().granted()) {
            claim(webhook);
          } else {
            overVerifiedLimit(webhook, asked.result());
          }
        });
  }

  private void overVerifiedLimit(VerifiedWebhook webhook, Permit permit) {
    if (!door.mode.binds()) {
      door.audit.record(
          "limit", AuditEvent.Outcome.DENIED, "rate_limited", webhook, "mode", "observe");
      claim(webhook);
      return;
    }
    note(Outcome.LIMITED, "rate_limited");
    door.audit.record("limit", AuditEvent.Outcome.DENIED, "rate_limited", webhook);
    tooMany(permit.retryAfterSeconds());
  }

  private void claim(VerifiedWebhook webhook) {
    door.audit.record("verify", AuditEvent.Outcome.ALLOWED, "ok", webhook, "key", webhook.keyId());
    if (door.claims == null) {
      run(webhook);
      return;
    }
    delivery = new ClaimedDelivery(door, door.claims, this, webhook);
    delivery.claim();
  }

  /** Lets the next handler run. */
  void run(VerifiedWebhook webhook) {
    note(Outcome.ACCEPTED, "ok");
    webhook.putInto(ctx);
    runNext();
  }

  // A virtual thread may wait inside the next handler while others have their turn, so its time
  // begins before. An event loop does nothing else meanwhile, and most are over then.
  private void runNext() {
    if (!context.isEventLoopContext()) {
      beginDeadline();
      ctx.next();
      return;
    }
    ctx.next();
    if (!over.get()) {
      beginDeadline();
    }
  }

  private void beginDeadline() {
    HandlerDeadlines.Wait begun = door.deadlines.begin(ctx.vertx(), context, this::handlerTimedOut);
    handling = begun;
    if (over.get()) {
      begun.end();
    }
  }

  private void handlerTimedOut() {
    HttpServerResponse response = request.response();
    if (over.get()) {
      return;
    }
    if (response.ended()) {
      over(Future.succeededFuture());
      return;
    }
    note(Outcome.FAILED, "handler_timeout");
    door.audit.record("run", AuditEvent.Outcome.BROKEN, "handler_timeout", null);
    if (response.headWritten()) {
      over(Future.failedFuture("handler timeout"));
      response.reset();
      return;
    }
    response.headers().clear();
    busy();
  }

  private void shakeHands(Verification.Handshake handshake) {
    String key = handshake.keyId();
    if (key != null && door.stops.key(key)) {
      fail(RejectReason.UNKNOWN_KEY);
      return;
    }
    door.handshakes.answer(this, handshake);
  }

  // --- refusals

  private void switchedOff(@Nullable TenantId tenant) {
    note(Outcome.UNAVAILABLE, "switched_off");
    door.audit.record(
        door.audit.event("verify", AuditEvent.Outcome.DENIED, "switched_off").tenant(tenant));
    unavailable(SWITCHED_OFF_RETRY_SECONDS);
  }

  private void overBudget() {
    note(Outcome.UNAVAILABLE, "body_budget");
    door.audit.record("read", AuditEvent.Outcome.DENIED, "body_budget", null);
    busy();
  }

  private void fail(RejectReason why) {
    note(Outcome.REJECTED, why.code());
    limited(why.httpStatus());
  }

  /** Answers a failure, or 429 if this peer has had its share of them. */
  private void limited(int status) {
    limited(status, null);
  }

  private void limited(int status, @Nullable UnverifiedWebhook rejected) {
    stopReading();
    if (rejected == null) {
      share.close();
    }
    BodyDrain drain = drain(status);
    String code = reason;
    String client = client();
    whenDone(
        door.failures.ofFailures(client),
        asked -> {
          boolean spent = asked.succeeded() && !asked.result().granted();
          door.audit.record(
              door.audit
                  .event("verify", AuditEvent.Outcome.DENIED, code)
                  .detail("limited", String.valueOf(spent))
                  .sensitive("client", client));
          if (rejected != null && !spent) {
            keep(rejected);
          }
          share.close();
          if (spent) {
            note(Outcome.LIMITED, code);
            send(drain, 429, r -> retryAfter(r, asked.result().retryAfterSeconds()), "");
          } else if (door.tellReasons && (status == 400 || status == 401)) {
            send(drain, status, WebhookExchange::json, "{\"error\":\"" + code + "\"}");
          } else {
            send(drain, status, response -> {}, "");
          }
        });
  }

  private static void json(HttpServerResponse response) {
    response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
  }

  /**
   * Passes, if the door fails open, or answers 503: for what could not be decided.
   *
   * @param code what is broken
   * @param pass goes on with the webhook
   */
  void broken(VerifiedWebhook webhook, String code, Runnable pass) {
    boolean passes = door.failureMode.passes();
    door.audit.record(
        "claim", AuditEvent.Outcome.BROKEN, code, webhook, "passed", String.valueOf(passes));
    if (passes) {
      pass.run();
      return;
    }
    note(Outcome.UNAVAILABLE, code);
    busy();
  }

  /** Has the client come again in a moment. */
  void busy() {
    unavailable(BUSY_RETRY_SECONDS);
  }

  void unavailable(long retrySeconds) {
    refuse(503, response -> retryAfter(response, retrySeconds));
  }

  /** Has the client come again when its budget has something again. */
  void tooMany(long retrySeconds) {
    refuse(429, response -> retryAfter(response, retrySeconds));
  }

  private static void retryAfter(HttpServerResponse response, long seconds) {
    response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
  }

  void refuse(int status, Handler<HttpServerResponse> headers) {
    answer(status, headers, "");
  }

  void answer(int status, Handler<HttpServerResponse> headers, String body) {
    stopReading();
    share.close();
    send(drain(status), status, headers, body);
  }

  // A client that was too slow or too large for us is not worth its connection.
  private BodyDrain drain(int status) {
    boolean mayKeep = status != 408 && status != 413;
    return BodyDrain.begin(
        ctx.vertx(), request, mayKeep, announced < 0 ? -1 : announced - received);
  }

  private void send(BodyDrain drain, int status, Handler<HttpServerResponse> headers, String body) {
    HttpServerResponse response = request.response();
    if (response.ended()) {
      return;
    }
    if (response.closed()) {
      // a handler of the response's own may have been told instead
      over(Future.failedFuture("the client has gone away"));
      return;
    }
    response.setStatusCode(status).putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
    headers.handle(response);
    drain.prepare(response);
    response.end(body);
    drain.answered();
  }

  private void stopReading() {
    isReading = false;
    cancelTimer();
    abandonStream();
    observedBody = null;
  }

  private void abandonStream() {
    VerificationStream open = stream;
    stream = null;
    if (open != null) {
      open.abandon();
    }
  }

  private void cancelTimer() {
    if (bodyTimer >= 0) {
      ctx.vertx().cancelTimer(bodyTimer);
      bodyTimer = -1;
    }
    HandlerDeadlines.Wait wait = handling;
    if (wait != null) {
      wait.end();
    }
  }

  // A verifier never throws for what a request holds. If it does, nothing was decided, and the
  // client must not wait for an answer that never comes.
  private void guarded(Runnable step) {
    if (over.get()) {
      return;
    }
    try {
      step.run();
    } catch (Throwable e) { // an Error too, such as no memory
      LOG.error("verification for source '{}' failed", door.verifier.source(), e);
      note(Outcome.UNAVAILABLE, "verifier_failed");
      busy();
      door.audit.record("verify", AuditEvent.Outcome.BROKEN, "verifier_failed", null);
    }
  }

  // --- end

  private void over(AsyncResult<Void> end) {
    if (!over.compareAndSet(false, true)) {
      return;
    }
    cancelTimer();
    abandonStream();
    share.close();
    // Over HTTP/2 an answer that is flushed while it is written closes its stream, and that is told
    // before its end: whoever has answered was not abandoned.
    boolean answered = end.succeeded() || request.response().ended();
    int status = answered ? request.response().getStatusCode() : 0;
    boolean success = status >= 200 && status <= 299;
    if (!answered) {
      note(Outcome.ABANDONED, reason);
    } else if (outcome == Outcome.ACCEPTED && !success) {
      note(Outcome.FAILED, "handler_failed");
    }
    if (delivery != null) {
      delivery.settle(success ? status : 0, request.response().headers());
    }
    tellObserver(status);
  }

  private void tellObserver(int status) {
    if (door.observer == null) {
      return;
    }
    Duration taken = Duration.between(begun, door.clock.instant());
    Duration duration = taken.isNegative() ? Duration.ZERO : taken;
    try {
      door.observer.ended(new Ended(door.verifier.source(), outcome, reason, status, duration));
    } catch (Throwable e) { // an Error too: others wait for the end of the same request
      LOG.error("a webhook observer failed", e);
    }
  }

  /** The client's address, as the door tells it. */
  String client() {
    return door.clientAddress.apply(request);
  }

  boolean isOver() {
    return over.get();
  }

  Vertx vertx() {
    return ctx.vertx();
  }

  void note(Outcome value, String code) {
    this.outcome = value;
    this.reason = code;
  }

  /** Continues on the request's context, at once if the answer is there, never once it is over. */
  <T> void whenDone(Future<T> future, Handler<AsyncResult<T>> next) {
    if (future.isComplete()) {
      guarded(() -> next.handle(future));
      return;
    }
    // A limiter that never answers must not keep a client waiting for ever.
    Inquiry.within(door.inFlightWait, vertx(), context, future)
        .onComplete(done -> guarded(() -> next.handle(done)));
  }

  /** Continues on the request's context, whether the request is over or not. */
  <T> void onContext(Future<T> future, Handler<AsyncResult<T>> next) {
    Inquiry.onContext(context, future, next);
  }

  // In absolute form (RFC 9112, section 3.2.2) the target names a server too; ours is known.
  private static String pathAndQuery(String target) {
    if (target.startsWith("/")) {
      return target;
    }
    int authority = target.indexOf("://");
    int path = authority < 0 ? -1 : target.indexOf('/', authority + 3);
    return path < 0 ? "/" : target.substring(path);
  }

  // Nothing here undoes a coding but chunked, and a proxy that does would hand on other bytes.
  private static boolean isTransferCoded(@Nullable String transferEncoding) {
    return transferEncoding != null && !transferEncoding.strip().equalsIgnoreCase("chunked");
  }

  private static long contentLength(@Nullable String header) {
    if (header == null || header.isEmpty() || header.length() > 18) {
      return -1;
    }
    long length = 0;
    for (int i = 0; i < header.length(); i++) {
      char c = header.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      length = length * 10 + (c - '0');
    }
    return length;
  }
}
