package dev.gatehouse.events.filter;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a filter is made of. Each knows its price and its canonical text. */
sealed interface Condition {
  Truth test(Fields fields);

  /** The steps that one test takes at most. */
  int cost();

  /** The text that parses to an equal condition. */
  String text();

  /** Everything passes. */
  record All() implements Condition {
    @Override
    public Truth test(Fields fields) {
      return Truth.TRUE;
    }

    @Override
    public int cost() {
      return 0;
    }

    @Override
    public String text() {
      return "";
    }
  }

  /** All of them; false wins over unknown. */
  record And(List<Condition> parts) implements Condition {
    @Override
    public Truth test(Fields fields) {
      Truth least = Truth.TRUE;
      for (Condition part : parts) {
        Truth truth = part.test(fields);
        if (truth == Truth.FALSE) {
          return truth;
        }
        least = truth == Truth.UNKNOWN ? truth : least;
      }
      return least;
    }

    @Override
    public int cost() {
      return sum(parts);
    }

    @Override
    public String text() {
      return joined(parts, " and ");
    }
  }

  /** Any of them; true wins over unknown. */
  record Or(List<Condition> parts) implements Condition {
    @Override
    public Truth test(Fields fields) {
      Truth most = Truth.FALSE;
      for (Condition part : parts) {
        Truth truth = part.test(fields);
        if (truth == Truth.TRUE) {
          return truth;
        }
        most = truth == Truth.UNKNOWN ? truth : most;
      }
      return most;
    }

    @Override
    public int cost() {
      return sum(parts);
    }

    @Override
    public String text() {
      return joined(parts, " or ");
    }
  }

  /** The contrary; of unknown, unknown. */
  record Not(Condition part) implements Condition {
    @Override
    public Truth test(Fields fields) {
      return part.test(fields).not();
    }

    @Override
    public int cost() {
      return 1 + part.cost();
    }

    @Override
    public String text() {
      return "not " + nested(part);
    }
  }

  /** A comparison with a literal. */
  record Compare(FieldPath path, Operator operator, Literal literal) implements Condition {
    @Override
    public Truth test(Fields fields) {
      int order = Values.compare(fields.value(path), literal.value());
      return order == Values.INCOMPARABLE ? Truth.UNKNOWN : Truth.of(operator.holds(order));
    }

    @Override
    public int cost() {
      return reach(path) + literal.cost();
    }

    @Override
    public String text() {
      return path + " " + operator.sign + " " + literal.text();
    }
  }

  /** One of some literals. */
  record In(FieldPath path, List<Literal> literals) implements Condition {
    @Override
    public Truth test(Fields fields) {
      Object value = fields.value(path);
      Truth most = value == null ? Truth.UNKNOWN : Truth.FALSE;
      boolean comparable = false;
      for (Literal literal : literals) {
        int order = Values.compare(value, literal.value());
        if (order == 0) {
          return Truth.TRUE;
        }
        comparable |= order != Values.INCOMPARABLE;
      }
      return comparable ? most : Truth.UNKNOWN;
    }

    @Override
    public int cost() {
      return reach(path) + literals.stream().mapToInt(Literal::cost).sum();
    }

    @Override
    public String text() {
      return path
          + " in "
          + literals.stream().map(Literal::text).collect(Collectors.joining(", ", "(", ")"));
    }
  }

  /** Begins with a text. */
  record Prefix(FieldPath path, String text0) implements Condition {
    @Override
    public Truth test(Fields fields) {
      return fields.value(path) instanceof String value
          ? Truth.of(value.startsWith(text0))
          : Truth.UNKNOWN;
    }

    @Override
    public int cost() {
      return reach(path) + Literal.costOf(text0);
    }

    @Override
    public String text() {
      return "prefix(" + path + ", " + Literal.quoted(text0) + ")";
    }
  }

  /** Ends with a text. */
  record Suffix(FieldPath path, String text0) implements Condition {
    @Override
    public Truth test(Fields fields) {
      return fields.value(path) instanceof String value
          ? Truth.of(value.endsWith(text0))
          : Truth.UNKNOWN;
    }

    @Override
    public int cost() {
      return reach(path) + Literal.costOf(text0);
    }

    @Override
    public String text() {
      return "suffix(" + path + ", " + Literal.quoted(text0) + ")";
    }
  }

  /** Has a value: the one condition that knows an answer where nothing stands. */
  record Exists(FieldPath path) implements Condition {
    @Override
    public Truth test(Fields fields) {
      return Truth.of(fields.value(path) != null);
    }

    @Override
    public int cost() {
      return reach(path);
    }

    @Override
    public String text() {
      return "exists(" + path + ")";
    }
  }

  /** How two values may stand to each other. */
  enum Operator {
    EQUAL("="),
    UNEQUAL("!="),
    LESS("<"),
    AT_MOST("<="),
    MORE(">"),
    AT_LEAST(">=");

    private final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    static @Nullable Operator of(String sign) {
      for (Operator operator : values()) {
        if (operator.sign.equals(sign)) {
          return operator;
        }
      }
      return null;
    }

    boolean holds(int order) {
      return switch (this) {
        case EQUAL -> order == 0;
        case UNEQUAL -> order != 0;
        case LESS -> order < 0;
        case AT_MOST -> order <= 0;
        case MORE -> order > 0;
        case AT_LEAST -> order >= 0;
      };
    }
  }

  private static int reach(FieldPath path) {
    return path.length();
  }

  private static int sum(List<Condition> parts) {
    return parts.stream().mapToInt(Condition::cost).sum();
  }

  private static String joined(List<Condition> parts, String between) {
    return parts.stream().map(Condition::nested).collect(Collectors.joining(between));
  }

  private static String nested(Condition part) {
    return part instanceof And || part instanceof Or ? "(" + part.text() + ")" : part.text();
  }
}
