package dev.gatehouse.events.filter;

import dev.gatehouse.events.filter.Condition.Operator;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads the filter dialects of CloudEvents Subscriptions 1.0 (§3.2.4): {@code exact}, {@code
 * prefix}, {@code suffix}, {@code all}, {@code any}, {@code not}. {@code sql} is refused.
 */
final class CloudEventsDialects {
  private static final Set<String> NAMES = Set.of("exact", "prefix", "suffix", "all", "any", "not");

  private final FilterBounds bounds = new FilterBounds();

  private CloudEventsDialects() {}

  static Condition read(Object tree) {
    CloudEventsDialects reader = new CloudEventsDialects();
    Condition condition =
        plain(tree) instanceof List<?> list ? reader.all(list, 1) : reader.filter(tree, 1);
    return FilterBounds.affordable(condition);
  }

  private static Object plain(Object tree) {
    if (tree instanceof JsonObject object) {
      return object.getMap();
    }
    return tree instanceof JsonArray array ? array.getList() : tree;
  }

  private Condition filter(Object tree, int depth) {
    FilterBounds.depth(depth, 0);
    if (!(plain(tree) instanceof Map<?, ?> map) || map.size() != 1) {
      throw new FilterException(0, "each filter is an object with one key, the name of a dialect");
    }
    Map.Entry<?, ?> only = map.entrySet().iterator().next();
    String name = String.valueOf(only.getKey());
    Object content = only.getValue();
    if (!NAMES.contains(name) || content == null) {
      throw new FilterException(0, "the dialects are exact, prefix, suffix, all, any and not");
    }
    return switch (name) {
      case "all" -> all(list(content), depth);
      case "any" -> any(list(content), depth);
      case "not" -> {
        bounds.condition(0);
        yield new Condition.Not(filter(content, depth + 1));
      }
      default -> attributes(name, content);
    };
  }

  private Condition all(List<?> list, int depth) {
    List<Condition> parts = parts(list, depth);
    return parts.size() == 1 ? parts.get(0) : new Condition.And(parts);
  }

  private Condition any(List<?> list, int depth) {
    List<Condition> parts = parts(list, depth);
    return parts.size() == 1 ? parts.get(0) : new Condition.Or(parts);
  }

  private List<Condition> parts(List<?> list, int depth) {
    if (list.isEmpty()) {
      throw new FilterException(0, "all and any hold at least one filter");
    }
    FilterBounds.literals(list.size(), 0);
    List<Condition> parts = new ArrayList<>();
    for (Object each : list) {
      parts.add(filter(each, depth + 1));
    }
    return List.copyOf(parts);
  }

  private static List<?> list(Object content) {
    if (plain(content) instanceof List<?> list) {
      return list;
    }
    throw new FilterException(0, "all and any hold a list of filters");
  }

  private Condition attributes(String dialect, Object content) {
    if (!(plain(content) instanceof Map<?, ?> map) || map.isEmpty()) {
      throw new FilterException(0, "exact, prefix and suffix hold attributes and texts");
    }
    FilterBounds.literals(map.size(), 0);
    List<Condition> parts = new ArrayList<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      bounds.condition(0);
      parts.add(attribute(dialect, entry.getKey(), entry.getValue()));
    }
    return parts.size() == 1 ? parts.get(0) : new Condition.And(List.copyOf(parts));
  }

  private static Condition attribute(String dialect, Object name, Object value) {
    if (!(name instanceof String attribute) || !(value instanceof String text) || text.isEmpty()) {
      throw new FilterException(0, "exact, prefix and suffix compare attributes with texts");
    }
    FilterBounds.text(text.length());
    if (!FieldPath.isAttributeName(attribute)) {
      throw new FilterException(0, "not an attribute's name");
    }
    FieldPath path = FieldPath.of(attribute);
    return switch (dialect) {
      case "exact" -> new Condition.Compare(path, Operator.EQUAL, new Literal(text));
      case "prefix" -> new Condition.Prefix(path, text);
      default -> new Condition.Suffix(path, text);
    };
  }
}
