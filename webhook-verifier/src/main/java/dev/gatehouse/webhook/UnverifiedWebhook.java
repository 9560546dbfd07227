package dev.gatehouse.webhook;

import dev.gatehouse.webhook.WebhookRequest.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * A request that verification refused and that was let through all the same, because its source is
 * in {@link dev.gatehouse.core.Mode#OBSERVE}: <strong>anybody may have sent it</strong>.
 *
 * <p>It is no {@link VerifiedWebhook}, so a handler that wants a verified one cannot receive it by
 * mistake; one that serves both asks for this by name. It was not claimed: it may come again.
 */
public final class UnverifiedWebhook {
  private static final String CONTEXT_KEY = UnverifiedWebhook.class.getName();

  private final String source;
  private final String method;
  private final RejectReason reason;
  private final Headers headers;
  private final Buffer body;

  UnverifiedWebhook(
      String source, String method, RejectReason reason, Headers headers, Buffer body) {
    this.source = source;
    this.method = method;
    this.reason = reason;
    this.headers = headers;
    this.body = body;
  }

  /** The refused request that a handler before this one let through; empty if it was verified. */
  public static Optional<UnverifiedWebhook> of(RoutingContext ctx) {
    UnverifiedWebhook webhook = ctx.get(CONTEXT_KEY);
    return Optional.ofNullable(webhook);
  }

  void putInto(RoutingContext ctx) {
    ctx.put(CONTEXT_KEY, this);
  }

  /** The name of the source that it claims to come from. */
  public String source() {
    return source;
  }

  /** The request's method. */
  public String method() {
    return method;
  }

  /** Why it would be refused once the source is enforced. */
  public RejectReason reason() {
    return reason;
  }

  /** The headers as they came. */
  public Headers headers() {
    return headers;
  }

  /** The raw body as it came. */
  public Buffer body() {
    return body;
  }

  /** Names source, reason and size; nothing of the content. */
  @Override
  public String toString() {
    return "UnverifiedWebhook[" + source + ", " + reason.code() + ", " + body.length() + " bytes]";
  }
}
