package dev.gatehouse.receiver;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.receiver.ReceiverConfig.Source;
import dev.gatehouse.receiver.ReceiverConfig.Tenant;
import dev.gatehouse.webhook.Attested;
import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Fingerprint;
import dev.gatehouse.webhook.UnverifiedWebhook;
import dev.gatehouse.webhook.VerifiedWebhook;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import io.vertx.core.AsyncResult;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts a webhook into the inbox and acknowledges it when it is on the disk, never before. */
final class InboxHandler implements Handler<RoutingContext> {
  private static final CharSequence DUPLICATE = HttpHeaders.createOptimized("Gatehouse-Duplicate");
  private static final CharSequence TRUE = HttpHeaders.createOptimized("true");
  private static final CharSequence SECONDS = HttpHeaders.createOptimized("5");
  private static final byte[] OBSERVED = "observed:".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_TEXT = 256;

  private final Source source;
  private final KeptHeaders kept;
  private final Inbox inbox;
  private final InstantSource clock;
  private final Metrics metrics;
  private final KeyUse keyUse;
  private final OrderKeys order;

  InboxHandler(Source source, Inbox inbox, InstantSource clock, Metrics metrics, KeyUse keyUse) {
    this.source = source;
    this.kept = KeptHeaders.of(source.scheme());
    this.inbox = inbox;
    this.clock = clock;
    this.metrics = metrics;
    this.keyUse = keyUse;
    this.order =
        new OrderKeys(source.deliver().map(Deliver::order).orElseGet(Deliver.Order.None::new));
  }

  @Override
  public void handle(RoutingContext ctx) {
    Optional<UnverifiedWebhook> unverified = UnverifiedWebhook.of(ctx);
    Incoming incoming =
        unverified.isPresent()
            ? observed(unverified.get(), ctx.request().method().name())
            : verified(VerifiedWebhook.of(ctx));
    inbox.store(incoming).onComplete(stored -> answer(ctx.response(), incoming, stored));
  }

  private Incoming verified(VerifiedWebhook webhook) {
    keyUse.used(webhook.keyId(), webhook.receivedAt());
    String tenant = webhook.tenant().map(TenantId::value).orElse(null);
    byte[] body = webhook.bodyBytes();
    return new Incoming(
        webhook.claimKey(),
        // worked out here, where others do not wait for it
        Fingerprint.of(webhook.fingerprint().toBytes()),
        source.name(),
        tenant,
        webhook.scheme(),
        webhook.keyId(),
        text(webhook.deliveryId()),
        text(webhook.eventType()),
        webhook.method(),
        webhook.headers().first("content-type"),
        kept.toJson(webhook.headers()),
        body,
        webhook.receivedAt(),
        webhook.timestamp().orElse(null),
        null,
        webhook.receivedAt().plus(source.dedupeLifetime()),
        source.deliver().isPresent(),
        order.of(tenant, body));
  }

  private static @Nullable String text(Optional<Attested> attested) {
    return attested
        .map(Attested::value)
        .map(value -> value.length() > MAX_TEXT ? value.substring(0, MAX_TEXT) : value)
        .orElse(null);
  }

  // Nobody vouches for it, so nothing in it may name it: what it is claimed by is its body, apart
  // from all that is verified.
  private Incoming observed(UnverifiedWebhook webhook, String method) {
    byte[] body = webhook.body().getBytes();
    byte[] digest = observedDigest(body);
    Headers headers = webhook.headers();
    Instant now = clock.instant();
    String tenant = source.tenant() instanceof Tenant.Fixed fixed ? fixed.id().value() : null;
    return new Incoming(
        ClaimKey.of(tenant == null ? "" : tenant, source.name(), digest),
        Fingerprint.of(digest),
        source.name(),
        tenant,
        source.scheme().name(),
        null,
        null,
        null,
        method,
        headers.first("content-type"),
        kept.toJson(headers),
        body,
        now,
        null,
        webhook.reason().code(),
        now.plus(source.dedupeLifetime()),
        source.deliver().isPresent(),
        order.ofUnverified(tenant));
  }

  static byte[] observedDigest(byte[] body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(OBSERVED);
      return digest.digest(body);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private void answer(HttpServerResponse response, Incoming incoming, AsyncResult<Stored> stored) {
    if (stored.failed()) {
      metrics.webhook(source.name(), "unavailable", "store");
      send(response.putHeader(HttpHeaders.RETRY_AFTER, SECONDS), 503);
      return;
    }
    String reason = incoming.verdict() == null ? "ok" : incoming.verdict();
    if (stored.result() instanceof Stored.Conflict) {
      metrics.webhook(source.name(), "conflict", reason);
      send(response, 409);
      return;
    }
    if (stored.result() instanceof Stored.Duplicate known) {
      AttemptLog.stored(source.name(), known.id(), "duplicate");
      metrics.webhook(source.name(), "duplicate", reason);
      send(response.putHeader(DUPLICATE, TRUE), source.ack());
      return;
    }
    if (stored.result() instanceof Stored.Fresh fresh) {
      AttemptLog.stored(source.name(), fresh.id(), "received");
    }
    metrics.webhook(source.name(), incoming.verdict() == null ? "stored" : "observed", reason);
    send(response, source.ack());
  }

  private static void send(HttpServerResponse response, int status) {
    if (!response.ended() && !response.closed()) {
      response.setStatusCode(status).end();
    }
  }
}
