package dev.gatehouse.receiver;

import dev.gatehouse.webhook.ClaimKey;
import dev.gatehouse.webhook.Fingerprint;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A delivery on its way into the inbox, with everything that is kept of it.
 *
 * @param claimKey what it is claimed by
 * @param fingerprint what tells a repetition from a conflict
 * @param source its source
 * @param tenant its tenant, if known
 * @param scheme the scheme that verified it
 * @param keyId the key that matched; null if none did (observed)
 * @param senderId the sender's delivery id, if there is one
 * @param eventType the event's type, if there is one
 * @param method the request's method
 * @param contentType the content type, if it had one
 * @param headers the headers that are kept, as a JSON object
 * @param body the raw body
 * @param receivedAt when it was verified
 * @param signedAt the time that the sender signed, if any
 * @param verdict why it would have been rejected, where a source only observes
 * @param dedupeUntil until when a repetition is recognised
 * @param deliver whether it is to be delivered
 * @param orderKey what it is delivered in order with, among its source's; null for no order
 */
record Incoming(
    ClaimKey claimKey,
    Fingerprint fingerprint,
    String source,
    @Nullable String tenant,
    String scheme,
    @Nullable String keyId,
    @Nullable String senderId,
    @Nullable String eventType,
    String method,
    @Nullable String contentType,
    String headers,
    byte[] body,
    Instant receivedAt,
    @Nullable Instant signedAt,
    @Nullable String verdict,
    Instant dedupeUntil,
    boolean deliver,
    @Nullable String orderKey) {
  private static final int MAX_ORDER_KEY = 256;

  /** Refuses an order key that is too long to be indexed. */
  Incoming {
    if (orderKey != null && orderKey.length() > MAX_ORDER_KEY) {
      throw new IllegalArgumentException("an order key has at most 256 characters");
    }
  }

  /** What it takes of memory while it waits, about. */
  int weight() {
    return body.length + headers.length() + 512;
  }
}
