package dev.gatehouse.cli;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known word that somebody who mistyped it most likely meant. */
final class Spelling {
  private Spelling() {}

  /** The nearest of the known words, if one is near enough to be worth a suggestion. */
  static Optional<String> nearest(String typed, Collection<String> known) {
    String folded = typed.toLowerCase(Locale.ROOT);
    if (folded.length() > 64) {
      return Optional.empty();
    }
    return known.stream()
        .filter(word -> isNear(word, folded))
        .min(Comparator.comparingInt(word -> distance(word, folded)));
  }

  private static boolean isNear(String word, String typed) {
    boolean begins = typed.length() >= 3 && word.startsWith(typed);
    return begins || distance(word, typed) <= Math.max(1, word.length() / 3);
  }

  // Levenshtein's distance.
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int swap = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(swap, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
