package dev.gatehouse.webhook.scheme;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Fields of a JSON object as lines: each name, a line feed, its value, a line feed. A pure
 * function.
 *
 * <p>Only the first value may hold line feeds itself: read from the end, the text then has one
 * reading. Otherwise whoever may choose a message could have it signed as another's.
 *
 * @param fields the names in their order, and whether each may be absent
 */
public record FieldLines(Map<String, Boolean> fields) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+\\??");

  /**
   * Reads {@code Message,MessageId,Subject?,…}; the question mark marks what may be absent.
   *
   * @throws IllegalArgumentException if it is not such a list
   */
  public static FieldLines parse(String text) {
    Map<String, Boolean> fields = new LinkedHashMap<>();
    for (String name : text.split(",", -1)) {
      boolean optional = name.endsWith("?");
      String bare = optional ? name.substring(0, name.length() - 1) : name;
      if (!NAME.matcher(name).matches() || fields.put(bare, optional) != null) {
        throw new IllegalArgumentException(
            "lists lines that are no names, or twice one: write {lines:A,B,C?}");
      }
    }
    return new FieldLines(fields);
  }

  /** The names. */
  public List<String> names() {
    return new ArrayList<>(fields.keySet());
  }

  /**
   * The lines; empty if a field is missing that must not be, or holds a line feed.
   *
   * @param values the values of the fields that are there
   * @param leftOut a field to leave out, for what identifies a delivery; empty for none
   */
  public Optional<String> render(Map<String, String> values, String leftOut) {
    StringBuilder lines = new StringBuilder();
    boolean first = true;
    for (Map.Entry<String, Boolean> field : fields.entrySet()) {
      String value = values.get(field.getKey());
      if (value == null && !field.getValue()) {
        return Optional.empty();
      }
      if (value != null && !first && value.indexOf('\n') >= 0) {
        return Optional.empty();
      }
      first = false;
      if (value != null && !field.getKey().equals(leftOut)) {
        lines.append(field.getKey()).append('\n').append(value).append('\n');
      }
    }
    return Optional.of(lines.toString());
  }
}
