package dev.gatehouse.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table for people: the first column to the left, numbers to the right. */
final class Table {
  private final List<String[]> rows = new ArrayList<>();
  private final int[] widths;

  Table(String... titles) {
    this.widths = new int[titles.length];
    row(titles);
  }

  void row(String... cells) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], cells[i].length());
    }
    rows.add(cells.clone());
  }

  void print() {
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder(pad(row[0], -widths[0]));
      for (int i = 1; i < row.length; i++) {
        line.append("  ").append(pad(row[i], widths[i]));
      }
      System.out.println(line);
    }
    System.out.println("-".repeat(Arrays.stream(widths).sum() + 2 * (widths.length - 1)));
  }

  private static String pad(String text, int width) {
    return String.format(Locale.ROOT, "%" + width + "s", text);
  }

  static String whole(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%,.0f", value);
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String ratio(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.2f", value);
  }

  static String millis(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.2f ms", value);
  }
}
