package dev.gatehouse.graphql.access;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Finds the object that an argument of a mutation names, so that it can be asked about first. */
@FunctionalInterface
public interface ObjectLoader {
  /**
   * The object; null where there is none. Must not block. What comes later than policies may answer
   * ({@link Policies#timeout}) comes too late: the mutation is refused, and does not run.
   *
   * @param key the argument's value
   */
  Future<@Nullable Object> load(Object key);
}
