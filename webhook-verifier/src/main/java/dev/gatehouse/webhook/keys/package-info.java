/**
 * Public keys that senders publish: key sets by {@code kid}, certificates by URL, PEM files,
 * fetched under rules that a request cannot bend, kept for a while, and never waited for on an
 * event loop.
 */
@NullMarked
package dev.gatehouse.webhook.keys;

import org.jspecify.annotations.NullMarked;
