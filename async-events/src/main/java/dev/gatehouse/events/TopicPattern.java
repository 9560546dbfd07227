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

  // No array of segments beside it: a hub holds as many patterns as subscriptions.
  private final String text;

  private TopicPattern(String text) {
    this.text = text;
  }

  /**
   * The pattern.
   *
   * @throws IllegalArgumentException if it is not valid; the message says why and does not repeat
   *     the text
   */
  public static TopicPattern of(String text) {
    if (!isValid(text)) {
      throw new IllegalArgumentException(
          "not a topic pattern: 1 to 8 segments of ASCII letters, digits, '_' and '-' joined by"
              + " '.', one of which may be '*', and the last '>'");
    }
    return new TopicPattern(text);
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
    return new TopicPattern(topic.name());
  }

  /** The pattern, as given. */
  public String text() {
    return text;
  }

  /** Its segments; unmodifiable. */
  public List<String> segments() {
    return List.of(split());
  }

  /** Whether it has no wildcard, so that it is one topic. */
  public boolean isTopic() {
    return !endsOpen() && !text.contains(ONE);
  }

  /** Whether the topic is one of those asked for. */
  public boolean matches(Topic topic) {
    String name = topic.name();
    int at = 0;
    int there = 0;
    while (at <= text.length() && there <= name.length()) {
      int end = endOfSegment(text, at);
      if (text.startsWith(REST, at)) {
        return true;
      }
      int theirEnd = endOfSegment(name, there);
      boolean same =
          end - at == theirEnd - there && text.regionMatches(at, name, there, theirEnd - there);
      if (!same && !text.startsWith(ONE, at)) {
        return false;
      }
      at = end + 1;
      there = theirEnd + 1;
    }
    return at > text.length() && there > name.length();
  }

  private static int endOfSegment(String text, int from) {
    int end = text.indexOf('.', from);
    return end < 0 ? text.length() : end;
  }

  /** Whether every topic that the other asks for is one of these. */
  public boolean covers(TopicPattern other) {
    String[] segments = split();
    String[] theirs = other.split();
    int fixed = endsOpen() ? segments.length - 1 : segments.length;
    int theirFixed = other.endsOpen() ? theirs.length - 1 : theirs.length;
    if (!endsOpen() && (other.endsOpen() || theirFixed != fixed)) {
      return false;
    }
    // With an open end of its own the other has topics one longer than its fixed part.
    if (endsOpen() && (other.endsOpen() ? theirFixed < fixed : theirFixed <= fixed)) {
      return false;
    }
    for (int i = 0; i < fixed; i++) {
      if (!segments[i].equals(ONE) && !segments[i].equals(theirs[i])) {
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
    String[] segments = split();
    int score = 0;
    for (int i = 0; i < Topic.MAX_SEGMENTS; i++) {
      score = score * 4 + rank(segments, i);
    }
    return score;
  }

  private int rank(String[] segments, int index) {
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

  // Neither sign is part of a name: where it stands it is a segment.
  private boolean endsOpen() {
    return text.endsWith(REST);
  }

  private String[] split() {
    return Topic.split(text);
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
