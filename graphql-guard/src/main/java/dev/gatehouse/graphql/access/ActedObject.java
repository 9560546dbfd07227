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

/**
 * The object that a mutation's argument names, or several: found and asked about before the
 * mutation runs.
 */
final class ActedObject {
  /** Stands for an object that the loader did not find in time. */
  private static final Object LATE = new Object();

  private final Verdict verdict;
  private final AuthorizedOperation operation;
  private final ActsOn acts;
  private final ValueUnboxer unboxer;
  private final Supplier<DataFetchingEnvironment> env;

  ActedObject(
      Verdict verdict,
      AuthorizedOperation operation,
      ActsOn acts,
      ValueUnboxer unboxer,
      Supplier<DataFetchingEnvironment> env) {
    this.verdict = verdict;
    this.operation = operation;
    this.acts = acts;
    this.unboxer = unboxer;
    this.env = env;
  }

  /** What was found out of the object. */
  enum Answer {
    /** The caller may see all of it. */
    SEEN,
    /** One of it is not there, or not for the caller to see. */
    MISSING,
    /** The loader did not answer in time. */
    LATE
  }

  /** Asks; the loader is waited for no longer than policies are. */
  CompletableFuture<Answer> ask(Map<String, ?> arguments, int level) {
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
                      ? ask(each, level)
                      : CompletableFuture.completedFuture(soFar));
    }
    return all;
  }

  private static CompletableFuture<Answer> answer(boolean isSeen) {
    return CompletableFuture.completedFuture(isSeen ? Answer.SEEN : Answer.MISSING);
  }

  private CompletableFuture<Answer> ask(@Nullable Object key, int level) {
    TypeAccess type = verdict.access.type(acts.type());
    if (key == null || type == null) {
      return answer(false);
    }
    return found(key)
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
                      .thenCompose(ActedObject::answer);
            });
  }

  private CompletableFuture<@Nullable Object> found(Object key) {
    CompletableFuture<@Nullable Object> found =
        acts.loader().load(key).toCompletionStage().toCompletableFuture();
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
