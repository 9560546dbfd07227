package dev.gatehouse.events.filter;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Where a value stands in an event: an attribute ({@code type}, {@code region}) or a member of its
 * JSON data ({@code data.order.total}).
 *
 * <p>An attribute's name is a lower-case ASCII letter and up to 63 lower-case letters, digits and
 * {@code _}. A path into data has at most {@value #MAX_SEGMENTS} segments of letters, digits,
 * {@code _}, {@code $} and {@code -}; it does not reach into arrays. The tenant is no field: it
 * decides what can be reached, and is nothing to compare with.
 */
public final class FieldPath {
  /** The most segments after {@code data}. */
  public static final int MAX_SEGMENTS = 8;

  private static final int MAX_NAME = 64;
  private static final String DATA = "data";
  private static final Set<String> NO_FIELDS = Set.of("tenant", "tenantid", "tenant_id", DATA);

  private final String text;
  private final boolean data;
  private final String[] segments;

  private FieldPath(String text, boolean data, String[] segments) {
    this.text = text;
    this.data = data;
    this.segments = segments;
  }

  /**
   * The path.
   *
   * @throws IllegalArgumentException if it is none; the message says why and does not repeat it
   */
  public static FieldPath of(String text) {
    String[] parts = text.split("\\.", MAX_SEGMENTS + 2);
    if (parts.length == 1) {
      requireAttribute(text);
      return new FieldPath(text, false, parts);
    }
    boolean named = Arrays.stream(parts).allMatch(FieldPath::isMember);
    if (!parts[0].equals(DATA) || parts.length > MAX_SEGMENTS + 1 || !named) {
      throw new IllegalArgumentException(
          "not a field: an attribute's name, or 'data.' and up to 8 names joined by '.'");
    }
    return new FieldPath(text, true, Arrays.copyOfRange(parts, 1, parts.length));
  }

  /** Whether an event's attribute may have that name. */
  public static boolean isAttributeName(String text) {
    return !NO_FIELDS.contains(text) && isName(text);
  }

  private static void requireAttribute(String text) {
    if (NO_FIELDS.contains(text) && !text.equals(DATA)) {
      throw new IllegalArgumentException(
          "the tenant is no field: it comes from the caller's credential alone");
    }
    if (!isAttributeName(text)) {
      throw new IllegalArgumentException(
          "not a field: an attribute's name is lower-case letters, digits and '_'");
    }
  }

  private static boolean isName(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_NAME
        && isLower(text.charAt(0))
        && text.chars().allMatch(c -> isLower(c) || isDigit(c) || c == '_');
  }

  private static boolean isMember(String text) {
    return !text.isEmpty() && text.length() <= MAX_NAME && text.chars().allMatch(FieldPath::isPart);
  }

  static boolean isPart(int c) {
    return isLower(c) || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_' || c == '$' || c == '-';
  }

  private static boolean isLower(int c) {
    return c >= 'a' && c <= 'z';
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /** The path, as given. */
  public String text() {
    return text;
  }

  /** Whether it leads into the data. */
  public boolean isData() {
    return data;
  }

  /** The attribute's name, or the names below {@code data}; unmodifiable. */
  public List<String> segments() {
    return List.of(segments);
  }

  /** How many segments there are. */
  public int length() {
    return segments.length;
  }

  /** One segment. */
  public String segment(int index) {
    return segments[index];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FieldPath path && path.text.equals(text);
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
