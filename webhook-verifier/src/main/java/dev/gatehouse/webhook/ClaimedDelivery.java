package dev.gatehouse.webhook;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.webhook.WebhookObserver.Outcome;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.util.HashMap;
import java.util.Map;

/**
 * A verified delivery on its way through the claims: claimed, or waited for; then completed or
 * released, once.
 */
final class ClaimedDelivery {
  private static final long NO_FENCE = Long.MIN_VALUE;
  private static final long FIRST_POLL_MILLIS = 25;
  private static final long LAST_POLL_MILLIS = 400;
  private static final int COMPLETE_ATTEMPTS = 4;
  private static final long COMPLETE_RETRY_MILLIS = 100;

  private final WebhookHandler door;
  private final Claims claims;
  private final WebhookExchange exchange;
  private final VerifiedWebhook webhook;
  private final ClaimKey key;
  private final Fingerprint fingerprint;

  // that of the claim, once there is one; whoever ends the response may do so on another thread
  private volatile long fence = NO_FENCE;
  private boolean givenUp;
  private boolean sawTheFirst;
  private long poll = FIRST_POLL_MILLIS;
  private long waitTimer = -1;
  private long pollTimer = -1;
  private int asked;

  ClaimedDelivery(
      WebhookHandler door, Claims claims, WebhookExchange exchange, VerifiedWebhook webhook) {
    this.door = door;
    this.claims = claims;
    this.exchange = exchange;
    this.webhook = webhook;
    this.key = webhook.claimKey();
    this.fingerprint = webhook.fingerprint();
  }

  void claim() {
    int question = ++asked;
    Future<Claim> answer = Inquiry.ask(() -> claims.claim(key, fingerprint, door.lease));
    if (!answer.isComplete() && waitTimer < 0) {
      startWaiting();
    }
    exchange.onContext(answer, claimed -> answered(question, claimed));
  }

  private void answered(int question, AsyncResult<Claim> answer) {
    if (givenUp || exchange.isOver() || question != asked) {
      releaseUnused(answer);
      return;
    }
    if (answer.failed() && sawTheFirst && door.failureMode.passes()) {
      // open is for what nobody knows; of this one it is known that it runs
      waitForTheFirst();
      return;
    }
    if (answer.failed()) {
      stopWaiting();
      exchange.broken(webhook, "claims_unreachable", () -> exchange.run(webhook));
      return;
    }
    decide(answer.result());
  }

  private void decide(Claim claim) {
    if (claim instanceof Claim.InFlight) {
      waitForTheFirst();
      return;
    }
    stopWaiting();
    if (claim instanceof Claim.New fresh) {
      fence = fresh.fence();
      exchange.run(webhook);
    } else if (claim instanceof Claim.Duplicate duplicate) {
      answerAgain(duplicate.answer());
    } else {
      conflict();
    }
  }

  private void answerAgain(ClaimAnswer answer) {
    exchange.note(Outcome.DUPLICATE, "duplicate");
    door.audit.record("claim", AuditEvent.Outcome.ALLOWED, "duplicate", webhook);
    exchange.refuse(
        answer.status(),
        response -> {
          answer.headers().forEach(response::putHeader);
          response.putHeader("Gatehouse-Duplicate", "true");
        });
  }

  private void conflict() {
    if (!door.mode.binds()) {
      door.audit.record("claim", AuditEvent.Outcome.DENIED, "conflict", webhook, "mode", "observe");
      exchange.run(webhook);
      return;
    }
    exchange.note(Outcome.CONFLICT, "conflict");
    door.audit.record("claim", AuditEvent.Outcome.DENIED, "conflict", webhook);
    exchange.refuse(409, response -> {});
  }

  // --- waiting

  private void startWaiting() {
    waitTimer = exchange.vertx().setTimer(door.inFlightWait.toMillis(), ended -> waitedInVain());
  }

  private void waitForTheFirst() {
    sawTheFirst = true;
    if (waitTimer < 0) {
      startWaiting();
    }
    pollTimer = exchange.vertx().setTimer(spread(poll), due -> pollAgain());
    poll = Math.min(LAST_POLL_MILLIS, poll * 2);
  }

  private void pollAgain() {
    pollTimer = -1;
    if (!exchange.isOver()) {
      claim();
    }
  }

  // Between half and all of it, by steps of the golden ratio: waiters that came together do not
  // come back together.
  private long spread(long millis) {
    double turn = door.waiters.getAndIncrement() * 0.618033988749895;
    double fraction = turn - Math.floor(turn);
    return Math.max(1, Math.round(millis * (0.5 + fraction / 2)));
  }

  private void waitedInVain() {
    waitTimer = -1;
    givenUp = true;
    stopWaiting();
    if (exchange.isOver()) {
      return;
    }
    if (!sawTheFirst) {
      exchange.broken(webhook, "claims_timeout", () -> exchange.run(webhook));
      return;
    }
    exchange.note(Outcome.IN_FLIGHT, "in_flight");
    door.audit.record("claim", AuditEvent.Outcome.DENIED, "in_flight", webhook);
    exchange.unavailable(Math.max(1, door.inFlightWait.toSeconds()));
  }

  private void stopWaiting() {
    cancel(waitTimer);
    cancel(pollTimer);
    waitTimer = -1;
    pollTimer = -1;
  }

  private void cancel(long timer) {
    if (timer >= 0) {
      exchange.vertx().cancelTimer(timer);
    }
  }

  // --- the end

  /** The request is over: with that success, or with 0 for anything else. */
  void settle(int status, MultiMap headers) {
    stopWaiting();
    long held = fence;
    if (held == NO_FENCE) {
      return;
    }
    if (status == 0) {
      release(held);
    } else {
      complete(held, new ClaimAnswer(status, remembered(headers)), 1);
    }
  }

  private Map<String, String> remembered(MultiMap headers) {
    Map<String, String> kept = Map.of();
    if (headers.isEmpty()) {
      return kept;
    }
    for (String name : door.rememberedHeaders) {
      String value = headers.get(name);
      if (value != null) {
        kept = kept.isEmpty() ? new HashMap<>() : kept;
        kept.put(name, value);
      }
    }
    return kept;
  }

  private void complete(long held, ClaimAnswer answer, int attempt) {
    Future<Boolean> completed = Inquiry.ask(() -> claims.complete(key, held, answer));
    if (completed.succeeded() && Boolean.TRUE.equals(completed.result())) {
      return;
    }
    completed
        .onSuccess(
            kept -> {
              if (!kept) {
                // The attempt before may have been kept, and its answer lost.
                String code = attempt == 1 ? "lease_lost" : "completion_unknown";
                door.audit.record("complete", AuditEvent.Outcome.BROKEN, code, webhook);
              }
            })
        .onFailure(
            unreachable -> {
              if (attempt < COMPLETE_ATTEMPTS) {
                long pause = COMPLETE_RETRY_MILLIS << (2 * (attempt - 1));
                exchange.vertx().setTimer(pause, due -> complete(held, answer, attempt + 1));
              } else {
                door.audit.record(
                    "complete", AuditEvent.Outcome.BROKEN, "claims_unreachable", webhook);
              }
            });
  }

  // If it fails, the lease ends by itself.
  private void release(long held) {
    Inquiry.ask(() -> claims.release(key, held))
        .onFailure(
            unreachable ->
                door.audit.record(
                    "release", AuditEvent.Outcome.BROKEN, "claims_unreachable", webhook));
  }

  private void releaseUnused(AsyncResult<Claim> late) {
    if (late.succeeded() && late.result() instanceof Claim.New unused) {
      release(unused.fence());
    }
  }
}
