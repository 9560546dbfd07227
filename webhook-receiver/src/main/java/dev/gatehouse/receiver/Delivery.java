package dev.gatehouse.receiver;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A stored delivery without its headers and body, as the management port shows it.
 *
 * @param nextAttemptAt when it is due; while it is delivered, when its lease ends; null if it is
 *     not on its way, or held
 * @param held whether it waits for an older one of its order key
 */
record Delivery(
    long id,
    String source,
    @Nullable String tenant,
    String scheme,
    @Nullable String keyId,
    @Nullable String senderId,
    @Nullable String eventType,
    @Nullable String orderKey,
    String method,
    @Nullable String contentType,
    int size,
    Instant receivedAt,
    @Nullable Instant signedAt,
    @Nullable String verdict,
    DeliveryState state,
    int attempts,
    @Nullable Instant nextAttemptAt,
    boolean held,
    @Nullable Integer lastStatus,
    @Nullable String lastError,
    @Nullable Instant deliveredAt) {
  /** Whether it will be attempted without anybody's doing. */
  boolean isOnItsWay() {
    return nextAttemptAt != null || held;
  }
}
