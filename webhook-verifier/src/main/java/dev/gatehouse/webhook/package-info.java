/**
 * Verifies inbound webhooks: signature, replay window, idempotency, and the Vert.x handler that
 * does all three.
 */
@NullMarked
package dev.gatehouse.webhook;

import org.jspecify.annotations.NullMarked;
