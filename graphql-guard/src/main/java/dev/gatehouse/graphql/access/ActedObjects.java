package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.FieldAccess.ObjectAccess;
import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import dev.gatehouse.graphql.access.RuleSet.ActsOn;
import graphql.execution.ValueUnboxer;
import graphql.schema.DataFetchingEnvironment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The objects that a mutation's arguments name: found and asked about before the mutation runs. */
final class ActedObjects {
  /** Stands for an object that the loader did not find in time. */
  private static final Object LATE = new Object();

  private final Verdict verdict;
  private final AuthorizedOperation operation;
  private final List<ActsOn> acts;
  private final ValueUnboxer unboxer;
  private final Supplier<DataFetchingEnvironment> env;

  ActedObjects(
      Verdict verdict,
      AuthorizedOperation operation,
      List<ActsOn> acts,
      ValueUnboxer unboxer,
      Supplier<DataFetchingEnvironment> env) {
    this.verdict = verdict;
    this.operation = operation;
    this.acts = acts;
    this.unboxer = unboxer;
    this.env = env;
  }

  /** What was found out of them; of several answers, the last of these is that of all. */
  enum Answer {
    /** The caller may see all of them. */
    SEEN,
    /** One is not there, or not for the caller to see. */
    MISSING,
    /** A loader did not answer in time. */
    LATE;

    Answer and(Answer other) {
      return compareTo(other) < 0 ? other : this;
    }
  }

  /**
   * Asks each, whatever comes of the others; a loader is waited for no longer than policies are.
   */
  CompletableFuture<Answer> ask(Map<String, ?> arguments, int level) {
    CompletableFuture<Answer> all = answer(true);
    for (ActsOn each : acts) {
      all = all.thenCombine(ask(each, arguments, level), Answer::and);
    }
    return all;
  }

  private CompletableFuture<Answer> ask(ActsOn acts, Map<String, ?> arguments, int level) {
    Object key = arguments;
    for (String step : acts.argument()) {
      key = key instanceof Map<?, ?> map ? map.get(step) : null;
    }
    Iterable<?> several = key == null ? null : Elements.of(key);
    List<@Nullable Object> keys = new ArrayList<>();
    if (several == null) {
      keys.add(key);
    } else {
      several.forEach(keys::add);
    }
    // nothing named: nothing that could be asked about
    CompletableFuture<Answer> all = answer(!keys.isEmpty());
    for (Object each : keys) {
      all =
          all.thenCompose(
              soFar ->
                  soFar == Answer.SEEN
                      ? ask(acts, each, level)
                      : CompletableFuture.completedFuture(soFar));
    }
    return all;
  }

  private static CompletableFuture<Answer> answer(boolean isSeen) {
    return CompletableFuture.completedFuture(isSeen ? Answer.SEEN : Answer.MISSING);
  }

  private CompletableFuture<Answer> ask(ActsOn acts, @Nullable Object key, int level) {
    TypeAccess type = verdict.access.type(acts.type());
    if (key == null || type == null) {
      return answer(false);
    }
    return found(acts.loader(), key)
        .thenCompose(
            object -> {
              if (object == LATE) {
                operation.tally.broken();
                return CompletableFuture.completedFuture(Answer.LATE);
              }
              Object bare = object == null ? null : unboxer.unbox(object);
              return bare == null
                  ? answer(false)
                  : gate(type)
                      .mayBeSeen(bare, level, operation.batches)
                      .thenCompose(ActedObjects::answer);
            });
  }

  private CompletableFuture<@Nullable Object> found(ObjectLoader loader, Object key) {
    CompletableFuture<@Nullable Object> found =
        loader.load(key).toCompletionStage().toCompletableFuture();
    long nanos = operation.authorization.timeout().toNanos();
    return found.isDone()
        ? found
        : found.copy().completeOnTimeout(LATE, nanos, TimeUnit.NANOSECONDS);
  }

  private ObjectGate gate(TypeAccess type) {
    ObjectAccess access = new ObjectAccess(false, Map.of(type.name(), type), true);
    return new ObjectGate(verdict, operation.tally, access, unboxer, env);
  }
}
