package dev.gatehouse.receiver;

/** What became of a delivery that was handed to the inbox. */
sealed interface Stored {
  /** It is on the disk; {@code id} names it from now on. */
  record Fresh(long id) implements Stored {}

  /** It was stored before, as {@code id}. */
  record Duplicate(long id) implements Stored {}

  /** The same delivery id came before with other signed content. */
  record Conflict() implements Stored {}
}
