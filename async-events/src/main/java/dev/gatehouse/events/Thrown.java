package dev.gatehouse.events;

/**
 * What the user's code throws: errors too, and checked exceptions that no method declares, since
 * not every language knows them.
 */
final class Thrown {
  private Thrown() {}

  /** Puts back the interruption that whoever catches one takes away. */
  static void keepInterruption(Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
  }
}
