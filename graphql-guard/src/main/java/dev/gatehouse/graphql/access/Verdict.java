package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import dev.gatehouse.graphql.access.Requirement.State;
import dev.gatehouse.graphql.access.RuleSet.StatedMask;
import graphql.language.Field;
import graphql.schema.GraphQLFieldDefinition;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What was decided of one operation for one caller, before any of it ran.
 *
 * <p>Safe for use by the threads on which the operation runs.
 */
final class Verdict {
  private static final int MAX_TOLD = 50;

  final AccessPlan plan;
  final SchemaAccess access;
  final Optional<Principal> caller;
  private final Set<String> allowedPolicies;

  /** By requirement; null where nobody asked yet. */
  private final @Nullable State[] states;

  /** Refusals of the operation; empty: it may run, perhaps in part. */
  List<Denial> operation = List.of();

  /** Where objects are left out whose type is refused, whether or not there are any. */
  List<Denial> leftOut = List.of();

  /** Selections that are refused for what their arguments hold. */
  @Nullable IdentityHashMap<GraphQLFieldDefinition, IdentityHashMap<Field, Boolean>> refusedInputs;

  Set<String> refused = Set.of();
  Set<String> observed = Set.of();
  boolean hasRefusals;

  Verdict(AccessPlan plan, Optional<Principal> caller, Set<String> allowedPolicies) {
    this.plan = plan;
    this.access = plan.access;
    this.caller = caller;
    this.allowedPolicies = allowedPolicies;
    this.states = new @Nullable State[access.requirements()];
  }

  State state(int requirement) {
    State known = states[requirement];
    if (known != null) {
      return known;
    }
    State state = access.requirement(requirement).state(caller, allowedPolicies);
    states[requirement] = state;
    return state;
  }

  boolean refuses(int requirement) {
    return state(requirement).compareTo(State.REFUSED) >= 0;
  }

  /** Whether anything at all is to be done where fields run. */
  boolean isEnforcedWhileRunning() {
    return hasRefusals || plan.isGated;
  }

  /** Whether what runs is the same for every caller of whom this was decided. */
  boolean isSameForAll() {
    return !isEnforcedWhileRunning() && leftOut.isEmpty();
  }

  Denial denial(List<Object> path) {
    return new Denial(caller.isEmpty(), path);
  }

  void refused(String coordinate) {
    hasRefusals = true;
    refused = with(refused, coordinate);
  }

  void observed(String coordinate) {
    observed = with(observed, coordinate);
  }

  // most operations have none of either
  private static Set<String> with(Set<String> known, String coordinate) {
    Set<String> all = known.isEmpty() ? new TreeSet<>() : known;
    if (all.size() < MAX_TOLD) {
      all.add(coordinate);
    }
    return all;
  }

  void refusesInputs(GraphQLFieldDefinition definition, Field selection) {
    if (refusedInputs == null) {
      refusedInputs = new IdentityHashMap<>();
    }
    refusedInputs.computeIfAbsent(definition, key -> new IdentityHashMap<>()).put(selection, true);
  }

  boolean refusesInputs(GraphQLFieldDefinition definition, List<Field> selections) {
    IdentityHashMap<Field, Boolean> refusedThere =
        refusedInputs == null ? null : refusedInputs.get(definition);
    return refusedThere != null && selections.stream().anyMatch(refusedThere::containsKey);
  }

  /** The mask that stands in a field's place for this caller. */
  @Nullable StatedMask mask(FieldAccess field, ObjectTally tally) {
    for (StatedMask mask : field.masks()) {
      boolean isLifted =
          caller.isPresent() && caller.get().scopes().containsAll(mask.unlessScopes());
      if (!isLifted && tally.binds(mask, field)) {
        return mask;
      }
    }
    return null;
  }

  /** Whether no object of the type is shown to this caller. */
  boolean hides(TypeAccess type) {
    return refuses(type.requirement());
  }
}
