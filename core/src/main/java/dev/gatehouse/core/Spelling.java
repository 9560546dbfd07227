package dev.gatehouse.core;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the known word that somebody who mistyped it most likely meant, for error messages that
 * suggest it. Case, hyphens, underscores and spaces do not count.
 */
public final class Spelling {
  private static final int MAX_LENGTH = 64;

  private Spelling() {}

  /** The nearest of the known words, if one is near enough to be worth a suggestion. */
  public static Optional<String> nearest(String typed, Collection<String> known) {
    String folded = fold(typed);
    if (folded.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    return known.stream()
        .filter(word -> isNear(fold(word), folded))
        .min(Comparator.comparingInt(word -> distance(fold(word), folded)));
  }

  private static boolean isNear(String word, String typed) {
    boolean begins = typed.length() >= 3 && word.startsWith(typed);
    return begins || distance(word, typed) <= Math.max(1, word.length() / 4);
  }

  private static String fold(String word) {
    return word.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "").replace(" ", "");
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
