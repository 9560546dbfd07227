/**
 * HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530) over Structured Fields (RFC
 * 9651): what a receiver needs to believe a signed message, and what a sender needs to sign one.
 *
 * <p>Everything here is a plain function on values: it knows neither schemes nor servers, and never
 * throws for what a message holds.
 */
@NullMarked
package dev.gatehouse.webhook.rfc9421;

import org.jspecify.annotations.NullMarked;
