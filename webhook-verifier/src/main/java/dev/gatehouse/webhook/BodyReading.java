package dev.gatehouse.webhook;

import dev.gatehouse.core.AuditEvent;
import dev.gatehouse.webhook.WebhookObserver.Outcome;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a request into its verification as it comes, within the door's limits of size,
 * of time and of bytes in flight, up to the verdict.
 */
abstract class BodyReading extends HeldRequest {
  private @Nullable VerificationStream stream;
  private @Nullable Buffer observedBody;
  private @Nullable RejectReason observedEarly;
  private volatile boolean isReading;
  private long announced = -1;
  private long received;
  private volatile long bodyTimer = -1;

  BodyReading(WebhookHandler door, RoutingContext ctx, Context context) {
    super(door, ctx, context);
  }

  /** Does what follows from the verdict, which comes once. */
  abstract void decide(Verification verdict);

  /** Whether the body that is announced may be read; if not, that was answered. */
  final boolean mayBeRead() {
    announced = contentLength(request.getHeader(HttpHeaders.CONTENT_LENGTH));
    if (announced > door.maxBodyBytes) {
      fail(RejectReason.BODY_TOO_LARGE);
      return false;
    }
    if (isTransferCoded(request.getHeader(HttpHeaders.TRANSFER_ENCODING))) {
      fail(RejectReason.UNSUPPORTED_CONTENT_ENCODING);
      return false;
    }
    if (announced > door.bodyBudget.capacity() - door.bodyBudget.inFlight()) {
      overBudget();
      return false;
    }
    return true;
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

  // Nothing here undoes a coding but chunked, and a proxy that does would hand on other bytes.
  private static boolean isTransferCoded(@Nullable String transferEncoding) {
    return transferEncoding != null && !transferEncoding.strip().equalsIgnoreCase("chunked");
  }

  private void overBudget() {
    note(Outcome.UNAVAILABLE, "body_budget");
    door.audit.record("read", AuditEvent.Outcome.DENIED, "body_budget", null);
    busy();
  }

  /** Reads it into a verification that was begun. */
  final void read(VerificationStream begun) {
    String expected = request.getHeader(HttpHeaders.EXPECT);
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
      awaitBody(isAwaited);
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
    conclude(early);
    return true;
  }

  private void awaitBody(boolean isAwaited) {
    isReading = true;
    LateBodies.add(this);
    request.handler(chunk -> guarded(() -> take(chunk)));
    request.endHandler(end -> guarded(this::finish));
    if (isAwaited) {
      request.response().writeContinue();
    }
  }

  @Override
  final boolean isReading() {
    return isReading;
  }

  @Override
  final void waitForBody() {
    guarded(this::keepReading);
  }

  private void keepReading() {
    VerificationStream waiting = stream;
    if (!isReading || waiting == null || isDecidedBy(waiting)) {
      return;
    }
    bodyTimer = ctx.vertx().setTimer(door.bodyTimeout.toMillis(), late -> timedOut());
    // whoever came before this handler may have held it up
    request.resume();
  }

  private void timedOut() {
    bodyTimer = -1;
    if (isReading) {
      note(Outcome.REJECTED, "body_timeout");
      guarded(() -> limited(408, null));
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

  private void finish() {
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
      conclude(Verification.rejected(observedEarly));
      return;
    }
    if (!door.verifier.mayFetch()) {
      stream = null;
      conclude(ending.finish());
      return;
    }
    whenDone(
        ending.lookup(),
        found -> {
          if (found.failed()) {
            keysUnavailable();
          } else {
            stream = null;
            conclude(ending.finish(found.result()));
          }
        });
  }

  // A token vouches for whatever comes with it, and so for what is left of a body too.
  private void partlyRead() {
    stop();
    share.close();
    note(Outcome.UNAVAILABLE, "read_before");
    door.audit.record("read", AuditEvent.Outcome.BROKEN, "read_before", null);
    WebhookHandler.failAsRead(ctx);
  }

  // Nothing was decided, so failing open would let anything in: that is what observing is for.
  private void keysUnavailable() {
    door.audit.record("verify", AuditEvent.Outcome.BROKEN, "keys_unavailable", null);
    if (!door.mode.binds()) {
      conclude(Verification.rejected(RejectReason.UNKNOWN_KEY));
      return;
    }
    note(Outcome.UNAVAILABLE, "keys_unavailable");
    busy();
  }

  private void conclude(Verification verdict) {
    abandonStream();
    if (!(verdict instanceof Verification.Rejected)) {
      observedBody = null;
    }
    decide(verdict);
  }

  /** As much of the body as was read, where it is kept beside the verification; else empty. */
  final Buffer observedBody() {
    return observedBody == null ? Buffer.buffer() : observedBody;
  }

  @Override
  final long stillToCome() {
    return announced < 0 ? -1 : announced - received;
  }

  @Override
  void stop() {
    isReading = false;
    cancelTimer();
    abandonStream();
    observedBody = null;
  }

  /** Gives up what waits for the body, when the request is over. */
  final void abandon() {
    cancelTimer();
    abandonStream();
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
  }
}
