package dev.gatehouse.webhook.keys;

import java.security.PublicKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A public key that its owner published, checked to be one that can protect something.
 *
 * @param id its {@code kid}, or what else tells it from others; empty if it has none
 * @param key the key
 * @param algorithm the only algorithm it is for (RFC 7518), such as {@code ES256}; empty for every
 *     one that its type fits
 * @param notBefore from when it is valid, or null
 * @param notAfter until when it is valid, or null
 */
public record PublishedKey(
    String id,
    PublicKey key,
    String algorithm,
    @Nullable Instant notBefore,
    @Nullable Instant notAfter) {}
