package dev.gatehouse.webhook;

import java.time.Duration;

/**
 * Told of each request once, when it is over; for metrics.
 *
 * <p>It is called on event loops or, where a handler ends its response on another thread, on that
 * one; so at the same time by several threads. It must neither block nor throw.
 */
@FunctionalInterface
public interface WebhookObserver {
  /** A request is over. */
  void ended(Ended request);

  /** How a request ended; the constants are few, so they can be a metric's tag. */
  enum Outcome {
    /** Verified, and the next handler answered 2xx. */
    ACCEPTED,
    /** Verified, and the next handler failed, timed out or answered something else. */
    FAILED,
    /** The first answer was given again. */
    DUPLICATE,
    /** The same delivery was still being handled. */
    IN_FLIGHT,
    /** The same id came with other signed content. */
    CONFLICT,
    /** A handshake was answered. */
    HANDSHAKE,
    /** Refused; the reason says why. */
    REJECTED,
    /** Would be refused, and was let through because the source is only observed. */
    OBSERVED,
    /** Over a rate limit. */
    LIMITED,
    /** Switched off, out of budget, or a store was unreachable. */
    UNAVAILABLE,
    /** The client went away before there was an answer. */
    ABANDONED
  }

  /**
   * A request that is over.
   *
   * @param source the source's name
   * @param outcome how it ended
   * @param reason the stable reason code, {@code ok} where there is nothing to say
   * @param status the HTTP status answered; 0 if none was
   * @param duration from the request's head to its end, by the handler's clock
   */
  record Ended(String source, Outcome outcome, String reason, int status, Duration duration) {}
}
