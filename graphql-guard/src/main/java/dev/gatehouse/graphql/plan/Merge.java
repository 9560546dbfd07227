package dev.gatehouse.graphql.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The selection sets that stand at one place of a response together, in an order of their own, so
 * that the same ones are equal wherever they meet.
 */
final class Merge {
  // beyond this, conditions of one selection set are no longer compared with each other
  private static final int MAX_COMPARED = 16;

  // in threes: the selection set's number, the types' number, the condition's number
  private final int[] parts;
  private final int hash;

  private Merge(int[] parts) {
    this.parts = parts;
    this.hash = Arrays.hashCode(parts);
  }

  static Merge of(int set, int types, int condition) {
    return new Merge(new int[] {set, types, condition});
  }

  /** Puts parts in order, and drops those that others imply. */
  static Merge of(List<int[]> parts, Conditions conditions) {
    if (parts.size() == 1) {
      return new Merge(parts.get(0));
    }
    List<int[]> sorted = new ArrayList<>(parts);
    sorted.sort(
        Comparator.<int[]>comparingInt(p -> p[0])
            .thenComparingInt(p -> p[1])
            .thenComparingInt(p -> p[2]));
    int[] first = sorted.get(0);
    if (sorted.stream().allMatch(part -> sameSet(first, part))) {
      // whatever leads here leads to this one set: what leads here has its condition already
      return of(first[0], first[1], Conditions.TRUE);
    }
    List<int[]> kept = new ArrayList<>();
    int group = 0;
    for (int[] part : sorted) {
      if (group < kept.size() && !sameSet(kept.get(group), part)) {
        group = kept.size();
      }
      if (!isImplied(kept, group, part, conditions)) {
        kept.add(part);
      }
    }
    int[] flat = new int[kept.size() * 3];
    for (int i = 0; i < kept.size(); i++) {
      System.arraycopy(kept.get(i), 0, flat, 3 * i, 3);
    }
    return new Merge(flat);
  }

  private static boolean sameSet(int[] left, int[] right) {
    return left[0] == right[0] && left[1] == right[1];
  }

  // TRUE is number 0 and comes first, so that it implies all that follow
  private static boolean isImplied(List<int[]> kept, int group, int[] part, Conditions conditions) {
    int last = kept.size() - 1;
    if (last >= group && kept.get(last)[2] == part[2]) {
      return true;
    }
    int to = Math.min(kept.size(), group + MAX_COMPARED);
    for (int i = group; i < to; i++) {
      if (conditions.implies(kept.get(i)[2], part[2])) {
        return true;
      }
    }
    return false;
  }

  int size() {
    return parts.length / 3;
  }

  int set(int index) {
    return parts[3 * index];
  }

  int types(int index) {
    return parts[3 * index + 1];
  }

  int condition(int index) {
    return parts[3 * index + 2];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Merge merge && hash == merge.hash && Arrays.equals(parts, merge.parts);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
