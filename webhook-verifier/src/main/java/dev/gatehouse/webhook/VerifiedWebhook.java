package dev.gatehouse.webhook;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.webhook.WebhookRequest.Headers;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A webhook whose signature was verified within its replay window: holding one is the proof.
 *
 * <p>Only a {@link WebhookVerifier} makes one. It holds the raw body as it was signed, the key that
 * matched, and what the scheme says of the delivery; each value tells whether the signature covers
 * it.
 *
 * <h2>Security guarantees</h2>
 *
 * <ul>
 *   <li>{@link #body} is, byte for byte, what the holder of the key signed; schemes that send only
 *       a token sign nothing, and some sign only fields of it: see {@link #isIntegrityProtected}.
 *   <li>{@link #claimKey} is the same for a retry of the same delivery, also when the sender signs
 *       it anew, and differs between tenants and sources.
 * </ul>
 */
public final class VerifiedWebhook {
  private static final String CONTEXT_KEY = VerifiedWebhook.class.getName();

  private final WebhookVerifier verifier;
  private final WebhookRequest request;
  private final Match match;
  private final long receivedAtMillis;
  private final @Nullable TenantId tenant;
  // worked out by whoever asks first; all find the same
  private @Nullable Fingerprint fingerprint;

  VerifiedWebhook(
      WebhookVerifier verifier,
      WebhookRequest request,
      Match match,
      long receivedAtMillis,
      @Nullable TenantId tenant) {
    this.verifier = verifier;
    this.request = request;
    this.match = match;
    this.receivedAtMillis = receivedAtMillis;
    this.tenant = tenant;
  }

  /**
   * The webhook that a {@link WebhookHandler} before this handler verified.
   *
   * @throws IllegalStateException if there is none: mount a {@code WebhookHandler} on the route
   */
  public static VerifiedWebhook of(RoutingContext ctx) {
    VerifiedWebhook webhook = ctx.get(CONTEXT_KEY);
    if (webhook == null) {
      throw new IllegalStateException(
          "no verified webhook on this route: mount WebhookHandler.create(…) before this handler");
    }
    return webhook;
  }

  void putInto(RoutingContext ctx) {
    ctx.put(CONTEXT_KEY, this);
  }

  /** The name of the source, as the verifier was built. */
  public String source() {
    return verifier.source();
  }

  /** The name of the scheme. */
  public String scheme() {
    return verifier.scheme().name();
  }

  /** The tenant, if the verifier knows one. */
  public Optional<TenantId> tenant() {
    return Optional.ofNullable(tenant);
  }

  /** The sender, as a principal. */
  public Principal principal() {
    Principal.Builder principal =
        Principal.vouchedBy("webhook", Principal.Kind.WEBHOOK_SOURCE, source());
    if (tenant != null) {
      principal.tenant(tenant);
    }
    return principal.build();
  }

  /** The position of the key that matched, from 0. */
  public int keyIndex() {
    return match.keyIndex();
  }

  /** The id of the key that matched, so that an old one can be seen to go out of use. */
  public String keyId() {
    return match.keyId();
  }

  /** The raw body, a copy. */
  public Buffer body() {
    return request.body();
  }

  /** The raw body as bytes, a copy. */
  public byte[] bodyBytes() {
    return rawBody().clone();
  }

  /** The raw body itself: do not change it, and let nobody else. */
  byte[] rawBody() {
    return request.bodyBytes();
  }

  /** The request's method. */
  public String method() {
    return request.method();
  }

  /** The URL that the sender called, as far as it is known. */
  public String url() {
    return request.url();
  }

  /** The headers, of which most are not signed. */
  public Headers headers() {
    return request.headers();
  }

  /** The delivery's id, where the scheme has one. */
  public Optional<Attested> deliveryId() {
    return Optional.ofNullable(match.deliveryId());
  }

  /** The event's type, where the scheme has one; read from the body at each call. */
  public Optional<Attested> eventType() {
    return verifier.values().eventType(this);
  }

  /** The time that the sender signed, where the scheme has one. */
  public Optional<Instant> timestamp() {
    return matched().timestamp();
  }

  /** When this server verified it, to the millisecond. */
  public Instant receivedAt() {
    return Instant.ofEpochMilli(receivedAtMillis);
  }

  /**
   * Whether the whole body is covered by the signature; false for schemes that only send a token,
   * for those that sign some fields, a checksum or nothing of it, and for a message signature
   * without the digest.
   */
  public boolean isIntegrityProtected() {
    return matched().coversBody(verifier.scheme());
  }

  /** What this delivery is claimed by: the same for each retry of it. */
  public ClaimKey claimKey() {
    return verifier.identity().claimKey(this);
  }

  /** A digest of everything that is signed except the time: differs when the content does. */
  public Fingerprint fingerprint() {
    Fingerprint known = fingerprint;
    if (known == null) {
      known = verifier.identity().fingerprint(this);
      fingerprint = known;
    }
    return known;
  }

  Match match() {
    return match;
  }

  MatchedSignature matched() {
    return match.signature();
  }

  WebhookRequest request() {
    return request;
  }

  /** Names source, scheme and size; nothing of the content. */
  @Override
  public String toString() {
    return "VerifiedWebhook[" + source() + ", " + scheme() + ", " + rawBody().length + " bytes]";
  }
}
