package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.RuleSet.StatedObjects;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** What became of the objects of one operation, for the audit. */
final class ObjectTally {
  private final AtomicLong hidden = new AtomicLong();
  private volatile Set<String> observed = Set.of();
  private volatile boolean isBroken;

  /** Whether what a rule does not let through is hidden; else it is noted that it would be. */
  boolean binds(StatedObjects rule) {
    if (rule.mode().binds()) {
      return true;
    }
    observed(rule.type());
    return false;
  }

  private synchronized void observed(String type) {
    if (!observed.contains(type)) {
      Set<String> all = new HashSet<>(observed);
      all.add(type);
      observed = Set.copyOf(all);
    }
  }

  void hidden() {
    hidden.incrementAndGet();
  }

  void broken() {
    isBroken = true;
  }

  long hiddenObjects() {
    return hidden.get();
  }

  Set<String> observedTypes() {
    return observed;
  }

  boolean isBroken() {
    return isBroken;
  }
}
