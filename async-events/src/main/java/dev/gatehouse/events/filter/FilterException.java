package dev.gatehouse.events.filter;

/**
 * Says why a text is no filter, and where; it holds nothing of the text but the position, and is
 * safe to show to whoever wrote it.
 */
public final class FilterException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int position;

  FilterException(int position, String message) {
    super("filter, position " + position + ": " + message);
    this.position = position;
  }

  /** The character at which it goes wrong, counted from 1; 0 if it is the filter as a whole. */
  public int position() {
    return position;
  }
}
