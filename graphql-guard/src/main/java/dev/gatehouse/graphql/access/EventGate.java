package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.FieldAccess.ObjectAccess;
import graphql.execution.DataFetcherResult;
import graphql.execution.ExecutionContext;
import graphql.schema.DataFetchingEnvironment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Decides of each event of a subscription anew: whether its caller may still have it, and whether
 * the caller may see what it is about.
 */
final class EventGate {
  private final AuthorizedOperation operation;
  private final FieldAccess field;
  private final ExecutionContext context;
  private final DataFetchingEnvironment env;

  EventGate(
      AuthorizedOperation operation,
      FieldAccess field,
      ExecutionContext context,
      DataFetchingEnvironment env) {
    this.operation = operation;
    this.field = field;
    this.context = context;
    this.env = env;
  }

  /**
   * The event as the subscriber may have it; empty where it is about something that the subscriber
   * may not see; failed with {@link SubscriptionEnded} where nothing more may come.
   */
  CompletableFuture<Optional<Object>> pass(Object event) {
    return operation
        .authorization
        .anew(operation, context.getGraphQLContext())
        .thenCompose(verdict -> pass(event, verdict));
  }

  private CompletableFuture<Optional<Object>> pass(Object event, Verdict verdict) {
    ObjectAccess objects = field.objects();
    if (objects == null || !ObjectGate.isNeeded(verdict, objects)) {
      return CompletableFuture.completedFuture(Optional.of(event));
    }
    ObjectGate gate =
        new ObjectGate(verdict, operation.tally, objects, context.getValueUnboxer(), () -> env);
    Object visible = gate.visible(event, field.field().getType(), 1, operation.batches);
    if (visible instanceof CompletableFuture<?> later) {
      return later.thenApply(EventGate::shown);
    }
    return CompletableFuture.completedFuture(shown(visible));
  }

  // an event about nothing that is left says that there was something
  private static Optional<Object> shown(@Nullable Object visible) {
    Object bare = visible instanceof DataFetcherResult<?> result ? result.getData() : visible;
    return bare == null ? Optional.empty() : Optional.ofNullable(visible);
  }

  /** Hands an event on; the engine runs its selections meanwhile. */
  void handOn(Runnable next) {
    operation.began();
    try {
      next.run();
    } finally {
      operation.dispatched();
    }
  }
}
