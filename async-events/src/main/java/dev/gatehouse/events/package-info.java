/**
 * Subscriptions in which an event of another tenant cannot arrive: not filtered out, but out of
 * reach.
 */
@NullMarked
package dev.gatehouse.events;

import org.jspecify.annotations.NullMarked;
