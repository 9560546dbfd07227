package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.FieldAccess.ObjectAccess;
import dev.gatehouse.graphql.access.FieldAccess.TypeAccess;
import dev.gatehouse.graphql.access.RuleSet.ActsOn;
import graphql.execution.ValueUnboxer;
import graphql.schema.DataFetchingEnvironment;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The object that a mutation's argument names, or several: found and asked about before the
 * mutation runs.
 */
final class ActedObject {
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

  /** Whether the caller may see all of it; false also where one of it is not there. */
  CompletableFuture<Boolean> mayBeSeen(Map<String, ?> arguments, int level) {
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
    CompletableFuture<Boolean> all = CompletableFuture.completedFuture(!keys.isEmpty());
    for (Object each : keys) {
      all = all.thenCompose(soFar -> soFar ? mayBeSeen(each, level) : no());
    }
    return all;
  }

  private static CompletableFuture<Boolean> no() {
    return CompletableFuture.completedFuture(false);
  }

  private CompletableFuture<Boolean> mayBeSeen(@Nullable Object key, int level) {
    TypeAccess type = verdict.access.type(acts.type());
    if (key == null || type == null) {
      return no();
    }
    Future<@Nullable Object> found = acts.loader().load(key);
    return found
        .toCompletionStage()
        .toCompletableFuture()
        .thenCompose(
            object -> {
              Object bare = object == null ? null : unboxer.unbox(object);
              return bare == null ? no() : gate(type).mayBeSeen(bare, level, operation.batches);
            });
  }

  private ObjectGate gate(TypeAccess type) {
    ObjectAccess access = new ObjectAccess(false, Map.of(type.name(), type), true);
    return new ObjectGate(verdict, operation.tally, access, unboxer, env);
  }
}
