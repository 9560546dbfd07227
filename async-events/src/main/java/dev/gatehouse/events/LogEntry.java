package dev.gatehouse.events;

/**
 * An event in its place in the log.
 *
 * @param position its place among the tenant's entries
 * @param event the event; it has a tenant
 */
public record LogEntry(Position position, Event event) {
  /**
   * Checks the event.
   *
   * @throws IllegalArgumentException if it has no tenant
   */
  public LogEntry {
    if (event.tenant().isEmpty()) {
      throw new IllegalArgumentException("an event without a tenant is in no log");
    }
  }
}
