package dev.gatehouse.graphql;

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

  /** Its name in the document; empty if it has none, or until its document was found valid. */
  public Optional<String> name() {
    return Optional.ofNullable(operation).map(OperationDefinition::getName);
  }

  static void check(GraphQLContext context, OperationDefinition operation) {
    AllowedOperations allowed = context.get(AllowedOperations.class);
    if (allowed == null) {
      return;
    }
    allowed.operation = operation;
    if (!allowed.kinds.contains(operation.getOperation())) {
      allowed.refused = true;
      throw Refusal.of(
          GuardError.of(
              ErrorCode.OPERATION_NOT_ALLOWED, "operations of this kind do not run this way"));
    }
  }
}
