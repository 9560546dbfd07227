package dev.gatehouse.events;

import java.util.List;

/**
 * A part of a tenant's log.
 *
 * @param entries what was found, in the order of their positions
 * @param upTo the position up to which everything asked for is in the entries, or lost; never
 *     before the position that the page was read from, except where that was unknown to the log
 * @param gap whether entries that were asked for may be lost: the position is not known, or the log
 *     has dropped some of them
 * @param more whether there may be more after {@code upTo} already
 * @param scanned how many entries were looked at
 */
public record LogPage(
    List<LogEntry> entries, Position upTo, boolean gap, boolean more, int scanned) {
  /** Copies the list. */
  public LogPage {
    entries = List.copyOf(entries);
  }
}
