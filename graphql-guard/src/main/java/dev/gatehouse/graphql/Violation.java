package dev.gatehouse.graphql;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One limit that an operation exceeds.
 *
 * @param limit the limit's name as {@link Limits} spells it, such as {@code depth} or {@code calls}
 * @param max what is allowed
 * @param actual what the operation asks for; infinite where there is no bound
 * @param coordinate the field it is about, such as {@code Mutation.login}, where the limit is about
 *     one
 */
public record Violation(String limit, double max, double actual, Optional<String> coordinate) {
  static Violation of(String limit, double max, double actual) {
    return new Violation(limit, max, actual, Optional.empty());
  }

  static Violation at(String coordinate, String limit, double max, double actual) {
    return new Violation(limit, max, actual, Optional.of(coordinate));
  }

  /** As JSON has it: {@code {"limit":"depth","max":6,"actual":10}}. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("limit", limit);
    coordinate.ifPresent(name -> json.put("coordinate", name));
    json.put("max", Numbers.json(max));
    json.put("actual", Numbers.json(actual));
    return json;
  }
}
