package dev.gatehouse.graphql.access;

import dev.gatehouse.graphql.access.RuleSet.StatedMask;
import dev.gatehouse.graphql.access.RuleSet.StatedObjects;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** What became of the objects of one operation, and of its masks, for the audit. */
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

  /** Whether a mask stands in the field's place; else it is noted that it would. */
  boolean binds(StatedMask mask, FieldAccess field) {
    if (mask.mode().binds()) {
      return true;
    }
    observed(field.coordinate());
    return false;
  }

  private void observed(String coordinate) {
    if (!observed.contains(coordinate)) {
      add(coordinate);
    }
  }

  private synchronized void add(String coordinate) {
    Set<String> all = new HashSet<>(observed);
    all.add(coordinate);
    observed = Set.copyOf(all);
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

  /** The types whose rules, and the fields whose masks, were only observed. */
  Set<String> observed() {
    return observed;
  }

  boolean isBroken() {
    return isBroken;
  }
}
