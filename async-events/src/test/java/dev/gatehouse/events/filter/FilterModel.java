package dev.gatehouse.events.filter;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a filter means, said once more and without its code: a text, and an answer that is true,
 * false or null.
 */
public record FilterModel(String text, Meaning meaning) {
  /** True, false, or null for neither. */
  public interface Meaning {
    /** The answer for an event whose values stand under their paths. */
    Boolean of(Map<String, Object> event);
  }

  private static final List<String> FIELDS =
      List.of("type", "subject", "region", "priority", "data.a", "data.b.c", "data.flag");
  private static final List<Object> LITERALS =
      List.of(
          "eu", "us", "", "e", 0L, 1L, -1L, 1.5, 2.0, true, false, new BigInteger("1".repeat(20)));

  /** Whether the event passes. */
  public boolean passes(Map<String, Object> event) {
    return Boolean.TRUE.equals(meaning.of(event));
  }

  /** An event with some of the fields. */
  public static Map<String, Object> event(Random random) {
    return FIELDS.stream()
        .filter(field -> random.nextInt(4) > 0)
        .collect(Collectors.toMap(field -> field, field -> any(LITERALS, random)));
  }

  /** A filter, nested at most so deep. */
  public static FilterModel random(Random random, int depth) {
    int kind = random.nextInt(depth > 0 ? 10 : 5);
    String field = any(FIELDS, random);
    return switch (kind) {
      case 0, 1 -> comparison(field, random);
      case 2 -> in(field, random);
      case 3 -> affix(field, random);
      case 4 -> new FilterModel("exists(" + field + ")", event -> event.get(field) != null);
      case 5, 6 -> joined(random, depth, " and ", FilterModel::and);
      case 7, 8 -> joined(random, depth, " or ", FilterModel::or);
      default -> {
        FilterModel part = random(random, depth - 1);
        yield new FilterModel(
            "not (" + part.text + ")",
            event -> {
              Boolean answer = part.meaning.of(event);
              return answer == null ? null : Boolean.valueOf(!answer);
            });
      }
    };
  }

  private static FilterModel joined(
      Random random, int depth, String word, BiFunction<Boolean, Boolean, Boolean> both) {
    FilterModel one = random(random, depth - 1);
    FilterModel other = random(random, depth - 1);
    return new FilterModel(
        "(" + one.text + ")" + word + "(" + other.text + ")",
        event -> both.apply(one.meaning.of(event), other.meaning.of(event)));
  }

  private static Boolean and(Boolean one, Boolean other) {
    if (Boolean.FALSE.equals(one) || Boolean.FALSE.equals(other)) {
      return false;
    }
    return (one == null || other == null) ? null : Boolean.TRUE;
  }

  private static Boolean or(Boolean one, Boolean other) {
    if (Boolean.TRUE.equals(one) || Boolean.TRUE.equals(other)) {
      return true;
    }
    return (one == null || other == null) ? null : Boolean.FALSE;
  }

  private static FilterModel comparison(String field, Random random) {
    Object literal = any(LITERALS, random);
    String operator = any(List.of("=", "!=", "<", "<=", ">", ">="), random);
    return new FilterModel(
        field + " " + operator + " " + written(literal),
        event -> {
          Integer order = order(event.get(field), literal);
          return order == null ? null : holds(operator, order);
        });
  }

  private static Boolean holds(String operator, int order) {
    return switch (operator) {
      case "=" -> order == 0;
      case "!=" -> order != 0;
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }

  private static FilterModel in(String field, Random random) {
    List<Object> literals =
        IntStream.rangeClosed(0, random.nextInt(3)).mapToObj(i -> any(LITERALS, random)).toList();
    String list = literals.stream().map(FilterModel::written).collect(Collectors.joining(", "));
    return new FilterModel(
        field + " in (" + list + ")",
        event -> {
          Boolean answer = null;
          for (Object literal : literals) {
            Integer order = order(event.get(field), literal);
            answer = order == null ? answer : or(answer == null ? false : answer, order == 0);
          }
          return answer;
        });
  }

  private static FilterModel affix(String field, Random random) {
    String part = any(List.of("e", "u", "eu", ""), random);
    boolean prefix = random.nextBoolean();
    return new FilterModel(
        (prefix ? "prefix(" : "suffix(") + field + ", '" + part + "')",
        event ->
            event.get(field) instanceof String text
                ? Boolean.valueOf(prefix ? text.startsWith(part) : text.endsWith(part))
                : null);
  }

  private static Integer order(Object one, Object other) {
    if (one instanceof String a && other instanceof String b) {
      return Integer.signum(a.compareTo(b));
    }
    if (one instanceof Boolean a && other instanceof Boolean b) {
      return Boolean.compare(a, b);
    }
    if (one instanceof Number a && other instanceof Number b) {
      return new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString()));
    }
    return null;
  }

  private static String written(Object literal) {
    return literal instanceof String text ? "'" + text + "'" : literal.toString();
  }

  private static <T> T any(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }
}
