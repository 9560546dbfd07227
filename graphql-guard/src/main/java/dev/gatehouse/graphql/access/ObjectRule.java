package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Principal;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * Decides which objects a caller may see, for all objects of one level of a response at once.
 *
 * <p>What it does not say yes to is answered as if it did not exist: a shorter list than it was
 * asked for, a null, a failed or a late future hide what they leave open.
 */
@FunctionalInterface
public interface ObjectRule {
  /**
   * Whether the caller may see each object, in their order; must not block.
   *
   * @param caller nobody where there is no valid credential
   * @param objects what resolvers returned, of one type
   */
  Future<List<Boolean>> visible(Optional<Principal> caller, List<Object> objects);

  /** A rule that looks at one object and answers at once. */
  @FunctionalInterface
  interface Each {
    /** Whether the caller may see the object. */
    boolean visible(Optional<Principal> caller, Object object);
  }
}
