package dev.gatehouse.receiver;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A delivery that this process may attempt until the lease ends.
 *
 * @param id the delivery
 * @param fence the token of this lease: what is recorded with an older one changes nothing
 * @param attempt which attempt this is, from 1
 * @param orderKey what it is delivered in order with; null for no order
 * @param headers the kept headers, as a JSON object
 */
record Leased(
    long id,
    long fence,
    int attempt,
    String method,
    @Nullable String contentType,
    @Nullable String tenant,
    @Nullable String eventType,
    @Nullable String orderKey,
    @Nullable String verdict,
    Instant receivedAt,
    String headers,
    byte[] body) {}
