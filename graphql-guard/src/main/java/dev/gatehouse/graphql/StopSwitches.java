package dev.gatehouse.graphql;

import dev.gatehouse.core.KillSwitch;
import dev.gatehouse.core.KillSwitch.Kind;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.graphql.access.Authorization;
import dev.gatehouse.graphql.plan.Evaluation;
import graphql.language.OperationDefinition;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The kill switches that stop operations: of a tenant, of a principal by its id, and of an
 * operation by its name or by the coordinate of one of its root fields. A caller names its
 * operations as it likes: what must not run is stopped by its coordinate, {@code
 * Mutation.cancelOrder}.
 */
final class StopSwitches implements Authorization.Stops {
  private final @Nullable KillSwitch switches;

  StopSwitches(@Nullable KillSwitch switches) {
    this.switches = switches;
  }

  /** What stops the operation, if anything does. */
  Optional<Kind> stopped(Optional<Principal> caller, Evaluation operation) {
    KillSwitch all = switches;
    if (all == null) {
      return Optional.empty();
    }
    if (caller.isPresent() && all.stops(Kind.PRINCIPAL, caller.get().id())) {
      return Optional.of(Kind.PRINCIPAL);
    }
    Optional<TenantId> tenant = caller.flatMap(Principal::tenant);
    if (tenant.isPresent() && all.stops(Kind.TENANT, tenant.get().value())) {
      return Optional.of(Kind.TENANT);
    }
    return isStopped(all, operation) ? Optional.of(Kind.OPERATION) : Optional.empty();
  }

  private static boolean isStopped(KillSwitch all, Evaluation operation) {
    OperationDefinition definition = operation.plan().operation();
    String name = definition.getName();
    if (name != null && all.stops(Kind.OPERATION, name)) {
      return true;
    }
    for (String root : operation.plan().rootCoordinates()) {
      if (all.stops(Kind.OPERATION, root)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean stops(Optional<Principal> caller, Evaluation operation) {
    return stopped(caller, operation).isPresent();
  }
}
