package dev.gatehouse.graphql.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The conditions of one operation: conjunctions of boolean variables and their negations, each
 * known by a number.
 *
 * <p>A literal is twice its variable's number, plus one where it is negated.
 */
final class Conditions {
  /** The conjunction of nothing. */
  static final int TRUE = 0;

  private static final int[] NOTHING_MORE = {TRUE};

  /** What no variables satisfy. */
  static final int FALSE = -1;

  private final Map<String, Integer> variables = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private final Map<Key, Integer> numbers = new HashMap<>();
  private final List<int[]> conjunctions = new ArrayList<>();
  private final List<When> whens = new ArrayList<>();

  private final Budget budget;

  Conditions(Budget budget) {
    this.budget = budget;
    number(new int[0]);
  }

  private record Key(int[] literals) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(literals, key.literals);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(literals);
    }
  }

  private int number(int[] literals) {
    return numbers.computeIfAbsent(
        new Key(literals),
        key -> {
          conjunctions.add(literals);
          return conjunctions.size() - 1;
        });
  }

  /** The names of the variables that decide, by their numbers. */
  String[] names() {
    return names.toArray(String[]::new);
  }

  /** The literals of a conjunction, ascending. */
  int[] literals(int conjunction) {
    return conjunctions.get(conjunction);
  }

  /** A variable's literal. */
  int literal(String variable, boolean negated) {
    int number = variables.computeIfAbsent(variable, this::add);
    return 2 * number + (negated ? 1 : 0);
  }

  private int add(String variable) {
    names.add(variable);
    return names.size() - 1;
  }

  /** Both. */
  int and(int left, int right) {
    if (left == TRUE || right == FALSE || left == right) {
      return right;
    }
    return right == TRUE || left == FALSE ? left : union(literals(left), literals(right));
  }

  /** Both; {@link #FALSE} where a literal meets its negation. */
  int and(int left, int[] right) {
    return right.length == 0 || left == FALSE ? left : union(literals(left), right);
  }

  private int union(int[] left, int[] right) {
    budget.spend((left.length + right.length) / 2 + 1L);
    int[] all = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, all, left.length, right.length);
    Arrays.sort(all);
    int kept = 0;
    for (int literal : all) {
      if (kept > 0 && all[kept - 1] == literal) {
        continue;
      }
      if (kept > 0 && all[kept - 1] == literal - 1 && literal % 2 == 1) {
        return FALSE;
      }
      all[kept++] = literal;
    }
    return number(Arrays.copyOf(all, kept));
  }

  /** What all have in common. */
  int common(int[] all) {
    if (all.length == 1) {
      return all[0];
    }
    int[] shared = literals(all[0]);
    for (int i = 1; i < all.length && shared.length > 0; i++) {
      int[] other = literals(all[i]);
      shared = Arrays.stream(shared).filter(x -> Arrays.binarySearch(other, x) >= 0).toArray();
    }
    return number(shared);
  }

  /** What is left of each when what all share is known to hold. */
  int[] without(int[] all, int known) {
    if (all.length == 1 && all[0] == known) {
      return NOTHING_MORE;
    }
    int[] rest = new int[all.length];
    for (int i = 0; i < all.length; i++) {
      rest[i] = without(all[i], known);
    }
    return rest;
  }

  /** What is left of a conjunction when another, part of it, is known to hold. */
  int without(int conjunction, int known) {
    if (known == TRUE || known == conjunction) {
      return known == TRUE ? conjunction : TRUE;
    }
    int[] part = literals(known);
    return number(
        Arrays.stream(literals(conjunction))
            .filter(literal -> Arrays.binarySearch(part, literal) < 0)
            .toArray());
  }

  /** Whether whatever satisfies the right one satisfies the left one too. */
  boolean implies(int left, int right) {
    if (left == TRUE || left == right) {
      return true;
    }
    int[] stronger = literals(right);
    budget.spend(stronger.length / 2 + 1L);
    return Arrays.stream(literals(left)).allMatch(x -> Arrays.binarySearch(stronger, x) >= 0);
  }

  /** When a conjunction holds. */
  When when(int conjunction) {
    if (conjunction == TRUE) {
      return When.ALWAYS;
    }
    while (whens.size() <= conjunction) {
      whens.add(When.oneOf(literals(whens.size())));
    }
    return whens.get(conjunction);
  }

  /** Both what all share and one of what they do not. */
  When when(int shared, int[] residuals) {
    if (residuals.length == 1 && residuals[0] == TRUE) {
      return when(shared);
    }
    int[] distinct = Arrays.stream(residuals).distinct().toArray();
    int[][] cases = new int[distinct.length][];
    for (int i = 0; i < distinct.length; i++) {
      if (distinct[i] == TRUE) {
        return when(shared);
      }
      cases[i] = literals(and(shared, distinct[i]));
    }
    return When.oneOf(cases);
  }
}
