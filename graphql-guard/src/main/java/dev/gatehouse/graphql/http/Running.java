package dev.gatehouse.graphql.http;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.PublicFailure;
import dev.gatehouse.graphql.AllowedOperations;
import dev.gatehouse.graphql.ErrorCode;
import dev.gatehouse.graphql.GuardError;
import graphql.ExecutionInput;
import graphql.ExecutionResult;
import graphql.ExecutionResultImpl;
import graphql.GraphQL;
import graphql.GraphQLError;
import graphql.language.OperationDefinition.Operation;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operation while the engine has it: it ends in time, whatever its fetchers do, and once it is
 * cancelled nothing of it is left behind.
 */
final class Running {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedService.class);

  private final Context context;
  private final ExecutionInput input;
  private final AllowedOperations asked;
  private final Cancellation cancellation;
  private final Consumer<Outcome> ended;
  private final Promise<Outcome> outcome = Promise.promise();
  private long timer = -1;
  private boolean resulted;

  private Running(
      Context context,
      ExecutionInput input,
      AllowedOperations asked,
      Cancellation cancellation,
      Consumer<Outcome> ended) {
    this.context = context;
    this.input = input;
    this.asked = asked;
    this.cancellation = cancellation;
    this.ended = ended;
  }

  /** Begins; on the context, to which its outcome comes back. */
  static Running begin(
      Context context,
      GraphQL graphql,
      ExecutionInput input,
      AllowedOperations asked,
      Cancellation cancellation,
      Duration timeout,
      Consumer<Outcome> ended) {
    Running running = new Running(context, input, asked, cancellation, ended);
    running.timer = context.owner().setTimer(timeout.toMillis(), late -> running.timedOut());
    running.execute(graphql);
    return running;
  }

  /** One that is over before it began. */
  static Running over(
      Context context,
      ExecutionInput input,
      AllowedOperations asked,
      GraphQLError why,
      Consumer<Outcome> ended) {
    Running running = new Running(context, input, asked, new Cancellation(), ended);
    running.complete(refusal(why));
    return running;
  }

  /** What became of it; never a failure. Nothing comes of one that was cancelled. */
  Future<Outcome> outcome() {
    return outcome.future();
  }

  String correlationId() {
    return String.valueOf(input.getExecutionId());
  }

  /** Nobody waits any more. */
  void cancel() {
    clearTimer();
    if (!cancellation.isCancelled() && !outcome.future().isComplete()) {
      ended.accept(new Outcome.Cancelled());
    }
    // an engine that is cancelled drops the source of a subscription that is about to be opened,
    // and nobody would close it: it goes on until it hands the source over
    boolean isOpening =
        !resulted && asked.kind().filter(Operation.SUBSCRIPTION::equals).isPresent();
    if (!isOpening) {
      input.cancel();
    }
    cancellation.cancel();
  }

  private void execute(GraphQL graphql) {
    Future.fromCompletionStage(executed(graphql), context)
        .onComplete(done -> resulted(done.result(), done.cause()));
  }

  private CompletableFuture<ExecutionResult> executed(GraphQL graphql) {
    try {
      return graphql.executeAsync(input);
    } catch (RuntimeException | StackOverflowError e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void resulted(@Nullable ExecutionResult result, @Nullable Throwable failure) {
    resulted = true;
    Outcome known = failure == null && result != null ? outcomeOf(result) : broken(failure);
    boolean unwanted = cancellation.isCancelled() || outcome.future().isComplete();
    if (unwanted && known instanceof Outcome.Stream stream) {
      // its source has been opened, and would stay so for ever
      EventPump.discard(stream.events());
      input.cancel();
    }
    if (!unwanted) {
      complete(known);
    }
  }

  @SuppressWarnings("unchecked") // the data of a subscription is that, by graphql-java's contract
  private static Outcome outcomeOf(ExecutionResult result) {
    Object data = result.getData();
    return data instanceof Publisher<?> events
        ? new Outcome.Stream((Publisher<ExecutionResult>) events)
        : new Outcome.Answer(result);
  }

  private void timedOut() {
    timer = -1;
    if (outcome.future().isComplete()) {
      return;
    }
    complete(refusal(GuardError.of(ErrorCode.TIMEOUT, "the operation took too long")));
    cancel();
  }

  private Outcome broken(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException e ? e.getCause() : failure;
    LOG.warn(
        "an operation broke: {} ({})",
        cause == null ? "no result" : cause.getClass().getName(),
        correlationId());
    return refusal(internal(correlationId()));
  }

  private void complete(Outcome known) {
    clearTimer();
    ended.accept(known);
    outcome.tryComplete(known);
  }

  private void clearTimer() {
    if (timer >= 0) {
      context.owner().cancelTimer(timer);
      timer = -1;
    }
  }

  /** What the subscriber of a stream that failed is told. */
  static GuardError ended(Throwable failure, String correlationId) {
    Decision.Deny told = told(failure);
    if (told != null) {
      LOG.debug("a subscription was ended: {} ({})", told.code(), correlationId);
      return GuardError.of(
          ErrorCode.SUBSCRIPTION_ENDED, told.publicMessage(), Map.of("reason", told.code()));
    }
    LOG.warn("a subscription broke: {} ({})", failure.getClass().getName(), correlationId);
    return internal(correlationId);
  }

  // anybody may write such a failure, and whatever it does the subscriber is told of the end
  private static Decision.@Nullable Deny told(Throwable failure) {
    try {
      return failure instanceof PublicFailure known ? known.told() : null;
    } catch (RuntimeException e) {
      return null;
    }
  }

  static GuardError internal(String correlationId) {
    return GuardError.of(
        ErrorCode.INTERNAL, "something went wrong", Map.of("correlationId", correlationId));
  }

  static Outcome.Answer refusal(GraphQLError error) {
    return new Outcome.Answer(new ExecutionResultImpl(List.of(error)));
  }
}
