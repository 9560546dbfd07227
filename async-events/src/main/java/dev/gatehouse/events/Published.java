package dev.gatehouse.events;

/** The answer to a publisher. */
public sealed interface Published {
  /** The event is in its tenant's log, and on its way to those who may see it. */
  record Accepted() implements Published {}

  /** The event was given to nobody. */
  record Refused(Refusal refusal) implements Published {}

  /** Whether it was accepted. */
  default boolean isAccepted() {
    return this instanceof Accepted;
  }
}
