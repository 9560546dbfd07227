package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Mode;
import dev.gatehouse.core.Principal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that one coordinate asks of a caller, from all rules that hold there.
 *
 * @param isProtected whether there is a rule at all; without one nobody may
 * @param grants what must hold, all of it
 */
record Requirement(boolean isProtected, Set<Grant> grants) {
  static final Requirement OPEN = new Requirement(true, Set.of());
  static final Requirement UNPROTECTED = new Requirement(false, Set.of());

  /** One condition, whether it binds, and whether its refusal refuses the operation. */
  record Grant(Condition condition, Mode mode, boolean refusesOperation) {}

  /** What comes of it for one caller. */
  enum State {
    GRANTED,
    /** Would be refused, by rules that are observed only. */
    OBSERVED,
    REFUSED,
    /** Refused, and the operation with it. */
    OPERATION_REFUSED
  }

  static Requirement of(List<Grant> all) {
    Set<Grant> asking = new HashSet<>();
    for (Grant grant : all) {
      if (!(grant.condition instanceof Condition.Open)) {
        asking.add(grant);
      }
    }
    return asking.isEmpty() ? OPEN : new Requirement(true, Set.copyOf(asking));
  }

  /** Those that a decision of policies is needed for. */
  void policies(Set<String> into) {
    for (Grant grant : grants) {
      if (grant.condition instanceof Condition.Policies asked) {
        asked.anyOf().forEach(into::addAll);
      }
    }
  }

  boolean hasPolicies() {
    return grants.stream().anyMatch(grant -> grant.condition instanceof Condition.Policies);
  }

  State state(Optional<Principal> caller, Set<String> allowedPolicies) {
    if (!isProtected) {
      return State.REFUSED;
    }
    State state = State.GRANTED;
    for (Grant grant : grants) {
      if (holds(grant.condition, caller.orElse(null), allowedPolicies)) {
        continue;
      }
      State one = State.OBSERVED;
      if (grant.mode.binds()) {
        one = grant.refusesOperation ? State.OPERATION_REFUSED : State.REFUSED;
      }
      state = one.compareTo(state) > 0 ? one : state;
    }
    return state;
  }

  private static boolean holds(
      Condition condition, @Nullable Principal caller, Set<String> allowed) {
    if (condition instanceof Condition.Open) {
      return true;
    }
    if (condition instanceof Condition.Policies policies) {
      return policies.anyOf().stream().anyMatch(allowed::containsAll);
    }
    if (caller == null) {
      return false;
    }
    return condition instanceof Condition.Authenticated
        || (condition instanceof Condition.Scopes scopes
            && scopes.anyOf().stream().anyMatch(caller.scopes()::containsAll));
  }
}
