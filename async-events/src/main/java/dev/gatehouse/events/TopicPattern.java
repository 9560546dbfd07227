package dev.gatehouse.events;

import java.util.List;

/**
 * The topics that a subscription asks for: a topic, in which at most one segment may be {@code *}
 * (any one segment) and the last may be {@code >} (one or more segments).
 *
 * <p>{@code orders.*} has {@code orders.paid} and not {@code orders.eu.paid}; {@code orders.>} has
 * both and not {@code orders}. A wildcard is a whole segment: {@code ord*} is refused, and so is a
 * second {@code *}. There is no wildcard for tenants anywhere.
 */
public final class TopicPattern {
  private static final String ONE = "*";
  private static final String REST = ">";

  private final String text;
  private final String[] segments;

  private TopicPattern(String text, String[] segments) {
    this.text = text;
    this.segments = segments;
  }

  /**
   * The pattern.
   *
   * @throws IllegalArgumentException if it is not valid; the message says why and does not repeat
   *     the text
   */
  public static TopicPattern of(String text) {
    String[] segments = Topic.split(text);
    if (!isValid(segments)) {
      throw new IllegalArgumentException(
          "not a topic pattern: 1 to 8 segments of ASCII letters, digits, '_' and '-' joined by"
              + " '.', one of which may be '*', and the last '>'");
    }
    return new TopicPattern(text, segments);
  }

  /** Whether the text would be accepted by {@link #of(String)}. */
  public static boolean isValid(String text) {
    return isValid(Topic.split(text));
  }

  private static boolean isValid(String[] segments) {
    int stars = 0;
    for (int i = 0; i < segments.length; i++) {
      boolean star = segments[i].equals(ONE);
      boolean rest = segments[i].equals(REST) && i == segments.length - 1;
      stars += star ? 1 : 0;
      if (!star && !rest && !Topic.isSegment(segments[i])) {
        return false;
      }
    }
    return stars <= 1 && segments.length <= Topic.MAX_SEGMENTS;
  }

  /** The pattern that has this topic alone. */
  public static TopicPattern of(Topic topic) {
    return new TopicPattern(topic.name(), topic.segments().toArray(String[]::new));
  }

  /** The pattern, as given. */
  public String text() {
    return text;
  }

  /** Its segments; unmodifiable. */
  public List<String> segments() {
    return List.of(segments);
  }

  /** Whether it has no wildcard, so that it is one topic. */
  public boolean isTopic() {
    return !endsOpen() && stars() == 0;
  }

  /** Whether the topic is one of those asked for. */
  public boolean matches(Topic topic) {
    int fixed = endsOpen() ? segments.length - 1 : segments.length;
    if (endsOpen() ? topic.length() <= fixed : topic.length() != fixed) {
      return false;
    }
    for (int i = 0; i < fixed; i++) {
      if (!segments[i].equals(ONE) && !segments[i].equals(topic.segment(i))) {
        return false;
      }
    }
    return true;
  }

  /** Whether every topic that the other asks for is one of these. */
  public boolean covers(TopicPattern other) {
    int fixed = endsOpen() ? segments.length - 1 : segments.length;
    int theirs = other.endsOpen() ? other.segments.length - 1 : other.segments.length;
    if (!endsOpen() && (other.endsOpen() || theirs != fixed)) {
      return false;
    }
    // With an open end of its own the other has topics one longer than its fixed part.
    if (endsOpen() && (other.endsOpen() ? theirs < fixed : theirs <= fixed)) {
      return false;
    }
    for (int i = 0; i < fixed; i++) {
      if (!segments[i].equals(ONE) && !segments[i].equals(other.segments[i])) {
        return false;
      }
    }
    return true;
  }

  /**
   * How narrow it is: of two patterns that have one topic, the more specific has fewer wildcards,
   * and those further to the right.
   */
  int specificity() {
    int score = 0;
    for (int i = 0; i < Topic.MAX_SEGMENTS; i++) {
      score = score * 4 + rank(i);
    }
    return score;
  }

  private int rank(int index) {
    if (index >= segments.length) {
      // After a closed end nothing follows, which is narrower than anything that may.
      return endsOpen() ? 0 : 3;
    }
    return switch (segments[index]) {
      case REST -> 0;
      case ONE -> 1;
      default -> 2;
    };
  }

  private boolean endsOpen() {
    return segments[segments.length - 1].equals(REST);
  }

  private long stars() {
    return List.of(segments).stream().filter(ONE::equals).count();
  }

  int length() {
    return segments.length;
  }

  String segment(int index) {
    return segments[index];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TopicPattern pattern && pattern.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
