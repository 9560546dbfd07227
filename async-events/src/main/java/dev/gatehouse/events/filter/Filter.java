package dev.gatehouse.events.filter;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which events a subscriber wants: a condition that always ends, in a number of steps that was
 * known before the first event.
 *
 * <p>The text form compares fields with literals:
 *
 * <pre>{@code
 * type = 'order.paid' and data.order.total >= 100
 * region in ('eu', 'us') and not prefix(subject, 'test-')
 * exists(data.coupon) or (data.vip = true and data.items > 3)
 * }</pre>
 *
 * <p>It is typed and three-valued. A text compares with a text, a number with a number, a boolean
 * with a boolean; what is missing, or of another type, is unknown, and stays so under {@code not}:
 * {@code not (a = 1)} and {@code a != 1} pass only where {@code a} is a number. Only {@code exists}
 * has an answer for what is not there. An event is wanted where the whole is true.
 *
 * <p>It is evaluated on what the subscriber may see of an event: a field that is masked is missing.
 * There is no regular expression, no arithmetic and no loop. Bounds: 4,096 characters, 64
 * conditions, nested 16 deep, 64 literals in a list, 256 steps an event, where a comparison is one
 * step for each name of the path and for each 64 characters of the literal.
 *
 * <p>A filter narrows what a subscriber gets. It grants nothing, and takes no part in isolation.
 */
public final class Filter {
  private static final Filter ALL = new Filter(new Condition.All());

  private final Condition condition;
  private final Map<FieldPath, String> equalities;

  private Filter(Condition condition) {
    this.condition = condition;
    this.equalities = equalitiesOf(condition);
  }

  /** The filter that every event passes. */
  public static Filter all() {
    return ALL;
  }

  /**
   * Reads the text form.
   *
   * @throws FilterException if it is no filter, or one too large; it says where
   */
  public static Filter parse(String text) {
    return new Filter(FilterParser.parse(text));
  }

  /**
   * Reads the dialects of CloudEvents Subscriptions ({@code exact}, {@code prefix}, {@code suffix},
   * {@code all}, {@code any}, {@code not}) from a tree of maps, lists and texts, or a {@code
   * JsonArray} or {@code JsonObject}; a list is an {@code all}. A missing attribute passes nothing,
   * also under {@code not}, where CloudEvents would let it through.
   *
   * @throws FilterException if it is no filter, or one too large
   */
  public static Filter cloudEvents(Object tree) {
    return new Filter(CloudEventsDialects.read(tree));
  }

  /** Whether the event is wanted. */
  public boolean matches(Fields event) {
    return condition.test(event) == Truth.TRUE;
  }

  /**
   * What every event that passes has in common: attributes that equal a text. An index may look
   * there first; it must still ask {@link #matches}.
   */
  public Map<FieldPath, String> equalities() {
    return equalities;
  }

  /** The most steps that one event takes. */
  public int cost() {
    return condition.cost();
  }

  /** A text that parses to the same filter; empty for {@link #all()}. */
  public String text() {
    return condition.text();
  }

  private static Map<FieldPath, String> equalitiesOf(Condition condition) {
    List<Condition> parts =
        condition instanceof Condition.And and ? and.parts() : List.of(condition);
    Map<FieldPath, String> found = new LinkedHashMap<>();
    for (Condition part : parts) {
      if (part instanceof Condition.Compare compare
          && compare.operator() == Condition.Operator.EQUAL
          && !compare.path().isData()
          && compare.literal().value() instanceof String text) {
        found.putIfAbsent(compare.path(), text);
      }
    }
    return Map.copyOf(found);
  }

  @Override
  public String toString() {
    return "Filter[" + condition.cost() + " steps]";
  }
}
