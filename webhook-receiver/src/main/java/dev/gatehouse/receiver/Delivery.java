package dev.gatehouse.receiver;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A stored delivery without its headers and body, as the management port shows it. */
record Delivery(
    long id,
    String source,
    @Nullable String tenant,
    String scheme,
    @Nullable String keyId,
    @Nullable String senderId,
    @Nullable String eventType,
    String method,
    @Nullable String contentType,
    int size,
    Instant receivedAt,
    @Nullable Instant signedAt,
    @Nullable String verdict,
    DeliveryState state,
    int attempts,
    @Nullable Instant nextAttemptAt,
    @Nullable Integer lastStatus,
    @Nullable String lastError,
    @Nullable Instant deliveredAt) {}
