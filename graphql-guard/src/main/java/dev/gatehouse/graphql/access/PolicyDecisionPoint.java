package dev.gatehouse.graphql.access;

import dev.gatehouse.core.Decision;
import io.vertx.core.Future;
import java.util.Map;

/**
 * Decides the policies that {@code @policy} names, all of an operation's together, before any of it
 * runs.
 *
 * <p>What it does not allow is denied: a policy that is not in the answer, one that abstains, a
 * failed future, an exception, null, an answer that comes too late. It is called on event loops and
 * must not block.
 *
 * <p>Each policy is decided by itself, from what the question tells: its answers may be {@linkplain
 * Policies#cache kept} for callers of whom all that was read is the same.
 */
@FunctionalInterface
public interface PolicyDecisionPoint {
  /** Decides every policy that the question names. */
  Future<Map<String, Decision>> decide(PolicyQuestion question);

  /** The version of the policies; a decision is not kept beyond it. */
  default String version() {
    return "";
  }

  /** Policies in plain Java, each by its name; one that is not there denies. */
  static PolicyDecisionPoint of(Map<String, JavaPolicy> policies) {
    return new JavaPolicies(policies);
  }

  /** One policy, decided by Java. */
  @FunctionalInterface
  interface JavaPolicy {
    /** Decides for one operation; must not block. */
    Future<Decision> decide(PolicyQuestion question);
  }
}
