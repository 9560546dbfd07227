package dev.gatehouse.graphql.access;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What a rule asks of a caller. */
public sealed interface Condition {
  /** Nothing: anyone may, known or not. */
  record Open() implements Condition {
    @Override
    public String toString() {
      return "public";
    }
  }

  /** That the caller is known. */
  record Authenticated() implements Condition {
    @Override
    public String toString() {
      return "authenticated";
    }
  }

  /**
   * That a known caller's credential grants every scope of one of these groups.
   *
   * @param anyOf the groups, none of them empty
   */
  record Scopes(Set<Set<String>> anyOf) implements Condition {
    /** Copies the groups. */
    public Scopes {
      anyOf = copied(anyOf);
    }

    @Override
    public String toString() {
      return "scopes " + text(anyOf);
    }
  }

  /**
   * That every policy of one of these groups allows it.
   *
   * @param anyOf the groups, none of them empty
   */
  record Policies(Set<Set<String>> anyOf) implements Condition {
    /** Copies the groups. */
    public Policies {
      anyOf = copied(anyOf);
    }

    @Override
    public String toString() {
      return "policies " + text(anyOf);
    }
  }

  /** One of the groups, as a directive writes them. */
  static Scopes scopes(List<List<String>> anyOf) {
    return new Scopes(groups(anyOf));
  }

  /** One of the groups, as a directive writes them. */
  static Policies policies(List<List<String>> anyOf) {
    return new Policies(groups(anyOf));
  }

  private static Set<Set<String>> groups(List<List<String>> anyOf) {
    return anyOf.stream()
        .map(LinkedHashSet::new)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  // what asks for nothing must not pass for a rule: "no scope" reads as "every caller", or as
  // "none"
  private static Set<Set<String>> copied(Set<Set<String>> anyOf) {
    boolean isEmpty = anyOf.isEmpty() || anyOf.stream().anyMatch(Set::isEmpty);
    if (isEmpty || anyOf.stream().flatMap(Set::stream).anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("names nothing in one of its groups");
    }
    return anyOf.stream().map(Set::copyOf).collect(Collectors.toUnmodifiableSet());
  }

  private static String text(Set<Set<String>> anyOf) {
    return anyOf.stream()
        .map(group -> group.stream().sorted().collect(Collectors.joining(" and ")))
        .sorted()
        .collect(Collectors.joining(" or "));
  }
}
