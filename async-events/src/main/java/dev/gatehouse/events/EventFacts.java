package dev.gatehouse.events;

import java.util.Optional;

/**
 * An event, as a policy's rule reads it. What is read is noted, for the rule's answer is kept for
 * events that agree in it.
 *
 * <p>It is valid during the call only.
 */
public interface EventFacts {
  /** The topic. */
  String topic();

  /**
   * The text of a field such as {@code type}, {@code subject}, an attribute, or {@code
   * data.order.customer}; empty if it is missing or no text.
   */
  Optional<String> text(String field);

  /** The whole number at a field; empty if it is missing or none. */
  Optional<Long> number(String field);

  /** The truth value at a field; empty if it is missing or none. */
  Optional<Boolean> flag(String field);
}
