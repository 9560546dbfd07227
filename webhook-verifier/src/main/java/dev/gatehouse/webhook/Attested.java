package dev.gatehouse.webhook;

/**
 * A value found in a verified webhook, and whether the signature covers it.
 *
 * <p>Decide nothing by a value that is not signed: whoever relayed the request could have changed
 * it. GitHub's {@code X-GitHub-Event} and Shopify's {@code X-Shopify-Topic} are of that sort.
 *
 * @param value the value
 * @param signed whether the signature covers it
 */
public record Attested(String value, boolean signed) {}
