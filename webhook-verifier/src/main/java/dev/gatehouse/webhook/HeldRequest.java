package dev.gatehouse.webhook;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.webhook.WebhookObserver.Ended;
import dev.gatehouse.webhook.WebhookObserver.Outcome;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request that a {@link WebhookHandler} holds until it is over: its steps, none of which may
 * leave it without an answer; the answers that the door gives by itself; and what an observer is
 * told.
 *
 * <p>It lives on the request's context. Only its end may come from elsewhere.
 */
abstract class HeldRequest extends LateBodies.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookHandler.class);
  private static final long BUSY_RETRY_SECONDS = 5;
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");

  final WebhookHandler door;
  final RoutingContext ctx;
  final HttpServerRequest request;

  /** What its body takes of the bytes in flight. */
  final BodyBudget.Share share;

  private final Context context;
  private final Instant begun;
  private final AtomicBoolean over = new AtomicBoolean();
  private Outcome outcome = Outcome.UNAVAILABLE;
  private String reason = "ok";

  HeldRequest(WebhookHandler door, RoutingContext ctx, Context context) {
    this.door = door;
    this.ctx = ctx;
    this.request = ctx.request();
    this.context = context;
    this.begun = door.observer == null ? Instant.EPOCH : door.clock.instant();
    this.share = door.bodyBudget.open();
  }

  /** Stops what still goes on for it, because it is answered. */
  abstract void stop();

  /** How many bytes of its body are still to come, as far as was said; -1 if it was not. */
  abstract long stillToCome();

  /** It is over: the response has ended, or failed. */
  abstract void over(AsyncResult<Void> end);

  /** Ends it; false if it was over before. */
  final boolean tryEnd() {
    return over.compareAndSet(false, true);
  }

  final boolean isOver() {
    return over.get();
  }

  @Override
  final Context context() {
    return context;
  }

  final Vertx vertx() {
    return ctx.vertx();
  }

  /** The client's address, as the door tells it. */
  final String client() {
    return door.clientAddress.apply(request);
  }

  // --- steps

  // A verifier never throws for what a request holds. If it does, nothing was decided, and the
  // client must not wait for an answer that never comes.
  final void guarded(Runnable step) {
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

  /** Continues on the request's context, at once if the answer is there, never once it is over. */
  final <T> void whenDone(Future<T> future, Handler<AsyncResult<T>> next) {
    if (future.isComplete()) {
      guarded(() -> next.handle(future));
      return;
    }
    // A limiter that never answers must not keep a client waiting for ever.
    Inquiry.within(door.inFlightWait, vertx(), context, future)
        .onComplete(done -> guarded(() -> next.handle(done)));
  }

  /** Continues on the request's context, whether the request is over or not. */
  final <T> void onContext(Future<T> future, Handler<AsyncResult<T>> next) {
    Inquiry.onContext(context, future, next);
  }

  // --- failures

  final void fail(RejectReason why) {
    note(Outcome.REJECTED, why.code());
    limited(why.httpStatus(), null);
  }

  /**
   * Answers a failure, or 429 if this peer has had its share of them.
   *
   * @param rejected the evidence of it, to keep unless there was too much; null for none
   */
  final void limited(int status, @Nullable UnverifiedWebhook rejected) {
    stop();
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
            send(drain, status, HeldRequest::json, "{\"error\":\"" + code + "\"}");
          } else {
            send(drain, status, response -> {}, "");
          }
        });
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

  private static void json(HttpServerResponse response) {
    response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
  }

  // --- answers

  /** Has the client come again in a moment. */
  final void busy() {
    unavailable(BUSY_RETRY_SECONDS);
  }

  final void unavailable(long retrySeconds) {
    refuse(503, response -> retryAfter(response, retrySeconds));
  }

  /** Has the client come again when its budget has something again. */
  final void tooMany(long retrySeconds) {
    refuse(429, response -> retryAfter(response, retrySeconds));
  }

  private static void retryAfter(HttpServerResponse response, long seconds) {
    response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
  }

  final void refuse(int status, Handler<HttpServerResponse> headers) {
    answer(status, headers, "");
  }

  final void answer(int status, Handler<HttpServerResponse> headers, String body) {
    stop();
    share.close();
    send(drain(status), status, headers, body);
  }

  // A client that was too slow or too large for us is not worth its connection.
  private BodyDrain drain(int status) {
    boolean mayKeep = status != 408 && status != 413;
    return BodyDrain.begin(ctx.vertx(), request, mayKeep, stillToCome());
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

  // --- what is told of it

  /** Notes what came of it, so far. */
  final void note(Outcome value, String code) {
    this.outcome = value;
    this.reason = code;
  }

  /** Notes that nobody was there for an answer. */
  final void noteAbandoned() {
    note(Outcome.ABANDONED, reason);
  }

  final boolean isAccepted() {
    return outcome == Outcome.ACCEPTED;
  }

  final void tellObserver(int status) {
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
}
