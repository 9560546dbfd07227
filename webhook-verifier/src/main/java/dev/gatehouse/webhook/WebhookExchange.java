package dev.gatehouse.webhook;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.Permit;
import dev.gatehouse.core.RateLimiter;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.WebhookObserver.Outcome;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request's way through a {@link WebhookHandler}: head, body, verdict, answer.
 *
 * <p>It lives on the request's context. Only {@link #over} may come from elsewhere, when a handler
 * ends its response on a thread of its own.
 */
final class WebhookExchange extends BodyReading {
  private static final long SWITCHED_OFF_RETRY_SECONDS = 60;

  private final Headers headers;
  private @Nullable ClaimedDelivery delivery;
  private volatile HandlerDeadlines.@Nullable Wait handling;

  WebhookExchange(WebhookHandler door, RoutingContext ctx, Context context) {
    super(door, ctx, context);
    this.headers = Headers.of(request.headers());
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
    if (mayBeRead()) {
      read(door.verifier.begin(WebhookRequest.head(request.method().name(), calledUrl(), headers)));
    }
  }

  private void switchedOff(@Nullable TenantId tenant) {
    note(Outcome.UNAVAILABLE, "switched_off");
    door.audit.record(
        door.audit.event("verify", AuditEvent.Outcome.DENIED, "switched_off").tenant(tenant));
    unavailable(SWITCHED_OFF_RETRY_SECONDS);
  }

  // Of the request as it is now: it may be asked for on any thread, and once a handler has sent the
  // request elsewhere.
  private Supplier<String> calledUrl() {
    Supplier<String> origin = door.origin.apply(request);
    String target = request.uri();
    return () -> origin.get() + pathAndQuery(target);
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

  // --- verdict

  @Override
  void decide(Verification verdict) {
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
        door.verifier.source(), request.method().name(), why, headers, observedBody());
  }

  private void shakeHands(Verification.Handshake handshake) {
    String key = handshake.keyId();
    if (key != null && door.stops.key(key)) {
      fail(RejectReason.UNKNOWN_KEY);
      return;
    }
    door.handshakes.answer(this, handshake);
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

  // --- the next handler

  /** Lets the next handler run. */
  void run(VerifiedWebhook webhook) {
    note(Outcome.ACCEPTED, "ok");
    webhook.putInto(ctx);
    runNext();
  }

  // A virtual thread may wait inside the next handler while others have their turn, so its time
  // begins before. An event loop does nothing else meanwhile, and most are over then.
  private void runNext() {
    if (!context().isEventLoopContext()) {
      beginDeadline();
      ctx.next();
      return;
    }
    ctx.next();
    if (!isOver()) {
      beginDeadline();
    }
  }

  private void beginDeadline() {
    HandlerDeadlines.Wait begun = door.deadlines.begin(vertx(), context(), this::handlerTimedOut);
    handling = begun;
    if (isOver()) {
      begun.end();
    }
  }

  private void handlerTimedOut() {
    HttpServerResponse response = request.response();
    if (isOver()) {
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

  private void endDeadline() {
    HandlerDeadlines.Wait wait = handling;
    if (wait != null) {
      wait.end();
    }
  }

  // --- end

  @Override
  void stop() {
    endDeadline();
    super.stop();
  }

  @Override
  void over(AsyncResult<Void> end) {
    if (!tryEnd()) {
      return;
    }
    endDeadline();
    abandon();
    share.close();
    // Over HTTP/2 an answer that is flushed while it is written closes its stream, and that is told
    // before its end: whoever has answered was not abandoned.
    boolean answered = end.succeeded() || request.response().ended();
    int status = answered ? request.response().getStatusCode() : 0;
    boolean success = status >= 200 && status <= 299;
    if (!answered) {
      noteAbandoned();
    } else if (isAccepted() && !success) {
      note(Outcome.FAILED, "handler_failed");
    }
    if (delivery != null) {
      delivery.settle(success ? status : 0, request.response().headers());
    }
    tellObserver(status);
  }
}
