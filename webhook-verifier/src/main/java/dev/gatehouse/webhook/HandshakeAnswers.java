package dev.gatehouse.webhook;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.core.FailureMode;
import dev.gatehouse.webhook.WebhookObserver.Outcome;
import dev.gatehouse.webhook.WebhookRequest.Header;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Answers the handshakes that a verifier recognised: each within a budget and with a trace in the
 * audit; and makes the call that confirms a subscription, where that is asked for.
 */
final class HandshakeAnswers {
  private final FailureBudget budget;
  private final FailureMode failureMode;
  private final SourceAudit audit;
  private final @Nullable SubscriptionConfirmer confirmer;

  HandshakeAnswers(
      FailureBudget budget,
      FailureMode failureMode,
      SourceAudit audit,
      @Nullable SubscriptionConfirmer confirmer) {
    this.budget = budget;
    this.failureMode = failureMode;
    this.audit = audit;
    this.confirmer = confirmer;
  }

  // Anybody may ask for one, so it has a budget, and one apart from that of failures; in every
  // mode, because an answer may be a signature.
  void answer(HeldRequest request, Verification.Handshake handshake) {
    request.whenDone(
        budget.ofHandshakes(request.client()),
        asked -> {
          if (asked.failed()) {
            undecided(request, handshake);
          } else if (asked.succeeded() && !asked.result().granted()) {
            overBudget(request, handshake, asked.result().retryAfterSeconds());
          } else {
            audit.record(
                "handshake", AuditEvent.Outcome.ALLOWED, "ok", null, "handshake", handshake.name());
            reply(request, handshake);
          }
        });
  }

  private void undecided(HeldRequest request, Verification.Handshake handshake) {
    boolean passes = failureMode.passes();
    audit.record(
        "handshake",
        AuditEvent.Outcome.BROKEN,
        "limiter_unreachable",
        null,
        "handshake",
        handshake.name(),
        "passed",
        String.valueOf(passes));
    if (passes) {
      reply(request, handshake);
      return;
    }
    request.note(Outcome.UNAVAILABLE, "limiter_unreachable");
    request.busy();
  }

  private void overBudget(
      HeldRequest request, Verification.Handshake handshake, long retrySeconds) {
    request.note(Outcome.LIMITED, "rate_limited");
    audit.record(
        "handshake",
        AuditEvent.Outcome.DENIED,
        "rate_limited",
        null,
        "handshake",
        handshake.name());
    request.tooMany(retrySeconds);
  }

  private void reply(HeldRequest request, Verification.Handshake handshake) {
    request.note(Outcome.HANDSHAKE, "ok");
    request.answer(
        handshake.status(),
        response -> {
          response.putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8");
          for (Header header : handshake.headers()) {
            response.putHeader(header.name(), header.value());
          }
        },
        handshake.body());
    confirm(request, handshake);
  }

  // After the answer, which does not wait for it.
  private void confirm(HeldRequest request, Verification.Handshake handshake) {
    URI url = handshake.confirmation();
    if (confirmer == null || url == null) {
      return;
    }
    String host = url.getHost();
    request.onContext(
        confirmer.confirm(url),
        done -> {
          String code = done.succeeded() ? done.result().code() : "confirmation_failed";
          boolean confirmed = code.equals("ok");
          audit.record(
              "confirm",
              confirmed ? AuditEvent.Outcome.ALLOWED : AuditEvent.Outcome.BROKEN,
              code,
              null,
              "handshake",
              handshake.name(),
              "host",
              host);
        });
  }
}
