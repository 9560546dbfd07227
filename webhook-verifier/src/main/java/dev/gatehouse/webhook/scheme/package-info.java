/**
 * The language in which a provider's way of signing is written down, as data: what is signed, where
 * the signature sits, how it and the keys are encoded, which time and identity it carries.
 *
 * <p>A scheme is a value. It is read from YAML by {@code SchemeReader} and used by {@code
 * dev.gatehouse.webhook.WebhookVerifier}; nothing here knows HTTP.
 */
@NullMarked
package dev.gatehouse.webhook.scheme;

import org.jspecify.annotations.NullMarked;
