package dev.gatehouse.events;

/** The answer to a request for a subscription. */
public sealed interface Subscribed {
  /** It is open; nothing is delivered before it has a handler and demand. */
  record Open(Subscription subscription) implements Subscribed {}

  /** No. */
  record Refused(Refusal refusal) implements Subscribed {}
}
