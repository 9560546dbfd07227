package dev.gatehouse.events;

/**
 * Where an entry stands in a log: later entries of one tenant have greater positions.
 *
 * <p>It stays inside: callers get cursors, which show nothing of it.
 *
 * @param major the greater part, compared first, unsigned
 * @param minor the lesser part, unsigned
 */
public record Position(long major, long minor) implements Comparable<Position> {
  /** Before every entry. */
  public static final Position START = new Position(0, 0);

  @Override
  public int compareTo(Position other) {
    int order = Long.compareUnsigned(major, other.major);
    return order != 0 ? order : Long.compareUnsigned(minor, other.minor);
  }

  /** Whether this stands behind the other. */
  public boolean isAfter(Position other) {
    return compareTo(other) > 0;
  }
}
