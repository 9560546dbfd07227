package dev.gatehouse.receiver;

import org.jspecify.annotations.Nullable;

/**
 * Headers and body as they stand in a row.
 *
 * @param keyId the key that sealed them; null if they are as they came
 * @param headers the headers; null if they are sealed with the body
 * @param body the body, or what is sealed
 */
record Sealed(@Nullable String keyId, @Nullable String headers, byte[] body) {}
