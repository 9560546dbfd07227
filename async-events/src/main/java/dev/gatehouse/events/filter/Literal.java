package dev.gatehouse.events.filter;

import java.util.List;

/**
 * A value that a filter names.
 *
 * @param value a text, a boolean, a long or a finite double
 */
record Literal(Object value) {
  private static final int UNIT = 64;

  /** The steps of a comparison with it: longer texts take longer. */
  int cost() {
    return value instanceof String text ? costOf(text) : 1;
  }

  static int costOf(String text) {
    return 1 + text.length() / UNIT;
  }

  String text() {
    return value instanceof String text ? quoted(text) : String.valueOf(value);
  }

  static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  static List<Literal> ofAll(List<?> values) {
    return values.stream().map(value -> new Literal(value)).toList();
  }
}
