package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.access.AnswerStream.Answers;
import dev.gatehouse.graphql.access.FieldAccess.ObjectAccess;
import dev.gatehouse.graphql.access.SharedAnswers.Asked;
import graphql.execution.DataFetcherResult;
import graphql.execution.ExecutionContext;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.GraphQLEnumType;
import java.util.List;
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

  /** An event as its subscriber may have it, and by which verdict. */
  record Passed(Object event, Verdict verdict) {}

  /**
   * The event as the subscriber may have it; empty where it is about something that the subscriber
   * may not see; failed with {@link SubscriptionEnded} where nothing more may come.
   */
  CompletableFuture<Optional<Passed>> pass(Object event) {
    return operation
        .authorization
        .anew(operation, context.getGraphQLContext())
        .thenCompose(verdict -> pass(event, verdict));
  }

  private CompletableFuture<Optional<Passed>> pass(Object event, Verdict verdict) {
    GraphQLEnumType values = field.values();
    if (values != null) {
      EnumGate gate = new EnumGate(verdict, values, context.getValueUnboxer(), operation.errors);
      Object visible = gate.visible(event, field.field().getType(), () -> env);
      return CompletableFuture.completedFuture(shown(visible, gate.hasRefused(), verdict));
    }
    ObjectAccess objects = field.objects();
    if (objects == null || !ObjectGate.isNeeded(verdict, objects)) {
      return CompletableFuture.completedFuture(Optional.of(new Passed(event, verdict)));
    }
    ObjectGate gate =
        new ObjectGate(verdict, operation.tally, objects, context.getValueUnboxer(), () -> env);
    Object visible = gate.visible(event, field.field().getType(), 1, operation.batches);
    if (visible instanceof CompletableFuture<?> later) {
      return later.thenApply(known -> shown(known, gate.hasHidden(), verdict));
    }
    return CompletableFuture.completedFuture(shown(visible, gate.hasHidden(), verdict));
  }

  // an event about nothing that is left says that there was something
  private static Optional<Passed> shown(
      @Nullable Object visible, boolean isReduced, Verdict verdict) {
    Object bare = visible instanceof DataFetcherResult<?> result ? result.getData() : visible;
    return bare == null || visible == null || (isReduced && isNothing(bare))
        ? Optional.empty()
        : Optional.of(new Passed(visible, verdict));
  }

  private static boolean isNothing(@Nullable Object left) {
    return left == null
        || (left instanceof List<?> list && list.stream().allMatch(EventGate::isNothing));
  }

  /** The subscriber for whom events are about to be subscribed to, if that is known. */
  @Nullable Answers opening() {
    return operation.opening();
  }

  /**
   * What the answer to an event that passed by that verdict depends on beside the event; null where
   * it may be the subscriber's alone.
   */
  @Nullable Asked asked(Verdict verdict) {
    return verdict.isSameForAll()
        ? new Asked(
            verdict.plan,
            context.getCoercedVariables().toMap(),
            verdict.caller.flatMap(Principal::tenant),
            context.getLocale())
        : null;
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
