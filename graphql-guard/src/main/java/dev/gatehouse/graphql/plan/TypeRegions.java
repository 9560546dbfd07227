package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.plan.FieldGroups.Group;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The regions into which type conditions divide the possible types of a place: within a region
 * every type takes the same selections, so that costs add up inside a region, and the largest
 * region is what the place can cost.
 */
final class TypeRegions {
  private TypeRegions() {}

  /** Divides types by which of the conditions let them through. */
  static Collection<int[]> of(TypeSet types, List<TypeSet> conditions, Budget budget) {
    if (types.isEmpty()) {
      // an interface that nothing implements: no object ever stands there
      return List.of();
    }
    if (types.members.length == 1 || conditions.isEmpty()) {
      return List.of(types.members);
    }
    budget.spend((long) types.members.length * conditions.size() / 8 + 1);
    Map<BitSet, IntStream.Builder> regions = new LinkedHashMap<>();
    for (int type : types.members) {
      BitSet signature = new BitSet();
      for (int i = 0; i < conditions.size(); i++) {
        signature.set(i, conditions.get(i).has(type));
      }
      regions.computeIfAbsent(signature, key -> IntStream.builder()).add(type);
    }
    return regions.values().stream().map(region -> region.build().toArray()).toList();
  }

  /** Divides a region further, where a selected field means another thing on another type. */
  static Collection<int[]> byFields(
      int[] region, Collection<Group> groups, SchemaTypes schema, Budget budget) {
    if (region.length == 1) {
      return List.of(region);
    }
    List<String> fields = groups.stream().map(Group::name).distinct().toList();
    budget.spend((long) region.length * fields.size() / 8 + 1);
    Map<List<Integer>, IntStream.Builder> parts = new HashMap<>();
    for (int type : region) {
      List<Integer> profile = fields.stream().map(field -> schema.profile(type, field)).toList();
      parts.computeIfAbsent(profile, key -> IntStream.builder()).add(type);
    }
    return parts.values().stream().map(part -> part.build().toArray()).toList();
  }
}
