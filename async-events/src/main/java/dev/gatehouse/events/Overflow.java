package dev.gatehouse.events;

/** What happens to a subscriber whose queue is full when an event of a topic arrives. */
public enum Overflow {
  /** It is disconnected, and can resume by its cursor: nothing is lost in silence. */
  DISCONNECT,
  /** The oldest queued event of topics that may lose some makes room, and a gap is marked. */
  DROP_OLDEST,
  /**
   * An event takes the place of a queued one with the same key, full or not, and a gap is marked;
   * without a key, as {@link #DROP_OLDEST}.
   */
  LATEST_PER_KEY
}
