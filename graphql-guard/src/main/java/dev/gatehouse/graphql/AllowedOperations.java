package dev.gatehouse.graphql;

import dev.gatehouse.graphql.plan.DocumentPlan;
import graphql.GraphQLContext;
import graphql.language.OperationDefinition;
import graphql.language.OperationDefinition.Operation;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which kinds of operations may run on the way that a request came, such as queries alone over GET;
 * the guard finds it in the request's context under this class, and refuses any other before it has
 * an effect or a price.
 *
 * <p>Without it every kind may run. One belongs to one request.
 */
public final class AllowedOperations {
  private final Set<Operation> kinds;
  private volatile boolean refused;
  private volatile @Nullable OperationDefinition operation;
  private volatile @Nullable DocumentPlan plan;

  private AllowedOperations(Set<Operation> kinds) {
    this.kinds = kinds;
  }

  /** Lets these kinds run. */
  public static AllowedOperations of(Set<Operation> kinds) {
    return new AllowedOperations(Set.copyOf(kinds));
  }

  /** Whether an operation was refused because its kind may not run. */
  public boolean hasRefused() {
    return refused;
  }

  /** Of which kind the operation is; empty until its document was found valid. */
  public Optional<Operation> kind() {
    return Optional.ofNullable(operation).map(OperationDefinition::getOperation);
  }

  /**
   * Whether a kill switch of that name stops the operation: by its name in the document, or by the
   * coordinate of one of its root fields. False until it is known within its limits.
   */
  public boolean isCalled(String name) {
    DocumentPlan known = plan;
    return known != null
        && (name.equals(known.operation().getName()) || known.rootCoordinates().contains(name));
  }

  /** Whether an operation may run that way. */
  static boolean allows(GraphQLContext context, OperationDefinition operation) {
    AllowedOperations allowed = context.get(AllowedOperations.class);
    return allowed == null || allowed.kinds.contains(operation.getOperation());
  }

  static void check(GraphQLContext context, OperationDefinition operation) {
    AllowedOperations allowed = context.get(AllowedOperations.class);
    if (allowed == null) {
      return;
    }
    allowed.operation = operation;
    if (!allows(context, operation)) {
      allowed.refused = true;
      throw Refusal.of(
          GuardError.of(
              ErrorCode.OPERATION_NOT_ALLOWED, "operations of this kind do not run this way"));
    }
  }

  /** Notes what is about to run; before switches are asked, so that none falls in between. */
  static void planned(GraphQLContext context, DocumentPlan plan) {
    AllowedOperations allowed = context.get(AllowedOperations.class);
    if (allowed != null) {
      allowed.plan = plan;
    }
  }
}
