package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Mode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rules as somebody wrote them, not yet held against a schema. */
final class RuleSet {
  final List<Stated> rules = new ArrayList<>();
  final List<StatedObjects> objects = new ArrayList<>();
  final List<StatedMask> masks = new ArrayList<>();
  final Map<String, List<ActsOn>> acts = new LinkedHashMap<>();
  final Set<String> unasked = new HashSet<>();

  /** Coordinates whose refusal refuses the operation, whoever wrote the rule. */
  final Set<String> wholeOperation = new HashSet<>();

  /** Coordinates whose rules, as the schema's directives state them, are only observed. */
  final Set<String> observedDirectives = new HashSet<>();

  /** Further names of directives, and what they are called here. */
  final Map<String, String> directiveNames = new LinkedHashMap<>();

  /** Directives that look like rules and are none. */
  final Set<String> ignoredDirectives = new HashSet<>();

  /**
   * A rule at a coordinate.
   *
   * @param source who says so: {@code @requiresScopes}, {@code java}, or a policy file
   */
  record Stated(String coordinate, Condition condition, Mode mode, String source) {}

  /**
   * A rule for the objects of a type.
   *
   * @param text as the report says it
   */
  record StatedObjects(String type, ObjectCheck check, String text, Mode mode, String source) {}

  /** What stands in a field's place. */
  record StatedMask(
      String coordinate,
      Set<String> unlessScopes,
      @Nullable Object with,
      Mode mode,
      String source) {}

  /** Which object a mutation acts on. */
  record ActsOn(String coordinate, List<String> argument, String type, ObjectLoader loader) {}

  // rules that are joined twice say one object, which is looked up once
  void actsOn(ActsOn object) {
    List<ActsOn> all = acts.computeIfAbsent(object.coordinate(), key -> new ArrayList<>());
    if (!all.contains(object)) {
      all.add(object);
    }
  }

  void add(RuleSet other) {
    rules.addAll(other.rules);
    objects.addAll(other.objects);
    masks.addAll(other.masks);
    other.acts.values().forEach(each -> each.forEach(this::actsOn));
    unasked.addAll(other.unasked);
    wholeOperation.addAll(other.wholeOperation);
    observedDirectives.addAll(other.observedDirectives);
    directiveNames.putAll(other.directiveNames);
    ignoredDirectives.addAll(other.ignoredDirectives);
  }
}
