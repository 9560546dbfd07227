package dev.gatehouse.webhook.scheme;

/**
 * One kind of signature that a scheme accepts.
 *
 * @param label the entry's label ({@code v1}), or the fixed prefix of a bare signature ({@code
 *     sha256=}); may be empty
 * @param algorithm how it is made
 * @param encoding how it is written
 * @param key how its keys are written
 */
public record Acceptance(String label, Algorithm algorithm, Encoding encoding, KeyRule key) {}
