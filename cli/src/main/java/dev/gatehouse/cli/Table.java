package dev.gatehouse.cli;

import java.util.ArrayList;
import java.util.List;

/** Aligns rows of text in columns, as wide as their longest cell. */
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  Table row(String... cells) {
    List<String> clean = new ArrayList<>(cells.length);
    for (String cell : cells) {
      clean.add(printable(cell));
    }
    rows.add(clean);
    return this;
  }

  /** The text without what would move a terminal's cursor: cells hold what strangers sent. */
  static String printable(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().map(c -> movesCursor(c) ? '?' : c).forEach(clean::appendCodePoint);
    return clean.toString();
  }

  static boolean movesCursor(int c) {
    return Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
  }

  /** The text on one line, without what would move a terminal's cursor. */
  static String oneLine(String text) {
    return printable(text.strip().replaceAll("\\s+", " "));
  }

  /** The lines. */
  List<String> lines() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      line.append(row.get(i));
      if (i < row.size() - 1) {
        line.append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
    }
    return line.toString().stripTrailing();
  }
}
