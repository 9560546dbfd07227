package dev.gatehouse.graphql.http;

import graphql.language.OperationDefinition.Operation;
import java.time.Duration;
import java.util.Optional;

/**
 * Is told of each operation when its answer is known, on an event loop: it must not block. What it
 * throws changes nothing of the operation, and is logged the first time.
 */
@FunctionalInterface
public interface OperationObserver {
  /** The operation is over; a subscription: whether it began. */
  void answered(Answered operation);

  /** A socket or an event stream was opened ({@code +1}) or is gone ({@code -1}). */
  default void connections(Transport transport, int change) {}

  /** An event of a subscription was sent. */
  default void eventSent(Transport transport) {}

  /**
   * How one operation ended.
   *
   * @param transport on which way it came
   * @param kind of which kind it was; empty if its document was not valid
   * @param outcome {@code ok}, {@code partial} (data and errors), {@code invalid}, {@code
   *     cancelled}, or the {@link dev.gatehouse.graphql.ErrorCode} of its first error, in lower
   *     case
   * @param took from its arrival to its answer
   */
  record Answered(Transport transport, Optional<Operation> kind, String outcome, Duration took) {}
}
