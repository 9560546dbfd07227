package dev.gatehouse.events;

import java.util.Arrays;
import java.util.List;

/**
 * What an event is about, guaranteed to be a plain name: one to {@value #MAX_SEGMENTS} segments
 * joined by full stops, without wildcards.
 *
 * <p>A segment is one to 64 ASCII letters, digits, {@code _} and {@code -}. A topic holds no
 * tenant: topics of two tenants with one name have nothing in common but the name.
 */
public final class Topic {
  /** The most segments of a topic. */
  public static final int MAX_SEGMENTS = 8;

  private static final int MAX_SEGMENT_LENGTH = 64;

  private final String name;
  private final String[] segments;

  private Topic(String name, String[] segments) {
    this.name = name;
    this.segments = segments;
  }

  /**
   * The topic of that name.
   *
   * @throws IllegalArgumentException if it is not a valid name; the message says why and does not
   *     repeat the name
   */
  public static Topic of(String name) {
    String[] segments = split(name);
    if (segments.length > MAX_SEGMENTS || !Arrays.stream(segments).allMatch(Topic::isSegment)) {
      throw new IllegalArgumentException(
          "not a topic: 1 to 8 segments of ASCII letters, digits, '_' and '-', joined by '.'");
    }
    return new Topic(name, segments);
  }

  /** Whether the text would be accepted by {@link #of}. */
  public static boolean isValid(String name) {
    String[] segments = split(name);
    return segments.length <= MAX_SEGMENTS && Arrays.stream(segments).allMatch(Topic::isSegment);
  }

  /** The name. */
  public String name() {
    return name;
  }

  /** The segments, in order; unmodifiable. */
  public List<String> segments() {
    return List.of(segments);
  }

  int length() {
    return segments.length;
  }

  String segment(int index) {
    return segments[index];
  }

  // One more piece than may be: a name of a million full stops is not split a million times.
  static String[] split(String name) {
    return name.split("\\.", MAX_SEGMENTS + 1);
  }

  static boolean isSegment(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_SEGMENT_LENGTH
        && text.chars().allMatch(Topic::isLetter);
  }

  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-';
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Topic topic && topic.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
