package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import dev.gatehouse.graphql.access.RuleSet.Stated;
import dev.gatehouse.graphql.access.RuleSet.StatedMask;
import dev.gatehouse.graphql.access.RuleSet.StatedObjects;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLInterfaceType;
import graphql.schema.GraphQLNamedType;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What holds at each coordinate of a schema, and where that comes from: every field of every object
 * type, and what else carries a rule.
 *
 * @param coordinates by name
 * @param mismatches where a type says something else than its interface, by coordinate
 * @param unasked mutations that return objects with rules and do not say which they act on, each
 *     with the type that it returns
 */
public record AccessAudit(
    List<Coordinate> coordinates, Map<String, String> mismatches, Map<String, String> unasked) {
  /** What stands for the rule of a field that has none. */
  public static final String UNPROTECTED = "UNPROTECTED";

  /**
   * One coordinate.
   *
   * @param name such as {@code Order.internalNotes}
   * @param rule all that holds there, or {@link #UNPROTECTED}
   * @param source where it comes from: directives, Java or files, and the coordinates that they
   *     stand at; empty where there is no rule
   */
  public record Coordinate(String name, String rule, String source) {
    /** Whether some rule holds. */
    public boolean isProtected() {
      return !rule.equals(UNPROTECTED);
    }
  }

  /** Copies. */
  public AccessAudit {
    coordinates = List.copyOf(coordinates);
    mismatches = Map.copyOf(mismatches);
    unasked = Map.copyOf(unasked);
  }

  /**
   * Audits a schema with the rules of its directives and further ones.
   *
   * @throws dev.gatehouse.core.Problems.InvalidException if the rules do not fit the schema
   */
  public static AccessAudit of(GraphQLSchema schema, AccessRules rules) {
    SchemaAccess access = SchemaAccessBuilder.build(schema, rules.set, "");
    Map<String, Coordinate> found = new TreeMap<>();
    for (Map<String, FieldAccess> fields : access.fields().values()) {
      fields.values().forEach(field -> found.put(field.coordinate(), coordinate(access, field)));
    }
    others(access.rules).forEach(each -> found.putIfAbsent(each.name(), each));
    return new AccessAudit(
        List.copyOf(found.values()), mismatches(schema, access.rules), access.unasked());
  }

  private static Coordinate coordinate(SchemaAccess access, FieldAccess field) {
    if (field.stated().isEmpty()) {
      return new Coordinate(field.coordinate(), UNPROTECTED, "");
    }
    Set<String> rules = new LinkedHashSet<>();
    Set<String> sources = new LinkedHashSet<>();
    for (Stated stated : field.stated()) {
      rules.add(text(stated));
      sources.add(source(stated.source(), stated.coordinate(), field.coordinate()));
    }
    for (StatedMask mask : field.masks()) {
      String scopes = String.join(" and ", new TreeSet<>(mask.unlessScopes()));
      rules.add("masked unless " + scopes + (mask.mode().binds() ? "" : " (observed)"));
      sources.add(source(mask.source(), mask.coordinate(), field.coordinate()));
    }
    TypeAccess type = access.type(field.type().getName());
    for (StatedObjects objects : type == null ? List.<StatedObjects>of() : type.checks()) {
      rules.add(objects.text() + (objects.mode().binds() ? "" : " (observed)"));
      sources.add(source(objects.source(), objects.type(), field.coordinate()));
    }
    return new Coordinate(field.coordinate(), String.join(", ", rules), String.join(", ", sources));
  }

  private static String text(Stated stated) {
    return stated.condition() + (stated.mode().binds() ? "" : " (observed)");
  }

  private static String source(String source, String at, String coordinate) {
    return at.equals(coordinate) ? source : source + " of " + at;
  }

  // arguments, inputs, values, types and interfaces that carry rules
  private static List<Coordinate> others(RuleSet rules) {
    Map<String, List<Stated>> byName =
        rules.rules.stream().collect(Collectors.groupingBy(Stated::coordinate));
    List<Coordinate> all = new ArrayList<>();
    byName.forEach(
        (name, stated) ->
            all.add(
                new Coordinate(
                    name, joined(stated, AccessAudit::text), joined(stated, Stated::source))));
    return all;
  }

  private static String joined(List<Stated> all, Function<Stated, String> text) {
    return all.stream().map(text).distinct().collect(Collectors.joining(", "));
  }

  private static Map<String, String> mismatches(GraphQLSchema schema, RuleSet rules) {
    Map<String, Set<Condition>> byName = new TreeMap<>();
    for (Stated stated : rules.rules) {
      byName.computeIfAbsent(stated.coordinate(), key -> new HashSet<>()).add(stated.condition());
    }
    Map<String, String> found = new TreeMap<>();
    for (GraphQLNamedType type : schema.getAllTypesAsList()) {
      if (type instanceof GraphQLObjectType object) {
        for (GraphQLInterfaceType one : TypeFamily.interfaces(object)) {
          compare(found, byName, object.getName(), one.getName());
          for (GraphQLFieldDefinition field : one.getFieldDefinitions()) {
            compare(
                found,
                byName,
                object.getName() + "." + field.getName(),
                one.getName() + "." + field.getName());
          }
        }
      }
    }
    return found;
  }

  // a rule on one side only holds on both; two that differ mislead whoever reads one of them
  private static void compare(
      Map<String, String> found, Map<String, Set<Condition>> rules, String own, String inherited) {
    Set<Condition> mine = rules.get(own);
    Set<Condition> others = rules.get(inherited);
    if (mine != null && others != null && !mine.equals(others)) {
      found.put(own, inherited);
    }
  }
}
