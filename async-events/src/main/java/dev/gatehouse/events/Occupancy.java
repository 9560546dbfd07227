package dev.gatehouse.events;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.EventLimits.Scope;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many of one kind are open: on the node, of each tenant, of each principal. Any thread. */
final class Occupancy {
  /** Whose it is; principals of two verifiers with one id count as one. */
  record Caller(TenantId tenant, Principal.Kind kind, String id) {
    static Caller of(TenantId tenant, Principal principal) {
      return new Caller(tenant, principal.kind(), principal.id());
    }

    /** It as a text. A tenant and a kind hold no slash, so an id may hold what it likes. */
    String key() {
      return tenant + "/" + kind + "/" + id;
    }
  }

  private final Scope most;
  private final AtomicInteger node = new AtomicInteger();
  private final Map<TenantId, Integer> tenants = new ConcurrentHashMap<>();
  private final Map<Caller, Integer> callers = new ConcurrentHashMap<>();

  Occupancy(Scope most) {
    this.most = most;
  }

  /** Takes a place, if there is one by each of the three measures. */
  boolean take(Caller caller) {
    if (node.incrementAndGet() > most.node()) {
      node.decrementAndGet();
      return false;
    }
    if (!take(tenants, caller.tenant(), most.tenant())) {
      node.decrementAndGet();
      return false;
    }
    if (!take(callers, caller, most.principal())) {
      giveBack(tenants, caller.tenant());
      node.decrementAndGet();
      return false;
    }
    return true;
  }

  void giveBack(Caller caller) {
    giveBack(callers, caller);
    giveBack(tenants, caller.tenant());
    node.decrementAndGet();
  }

  int count() {
    return node.get();
  }

  /** How many tenants and principals are remembered. */
  int remembered() {
    return tenants.size() + callers.size();
  }

  private static <K> boolean take(Map<K, Integer> counts, K key, int most) {
    boolean[] taken = new boolean[1];
    counts.compute(
        key,
        (k, count) -> {
          int before = count == null ? 0 : count;
          taken[0] = before < most;
          return taken[0] ? Integer.valueOf(before + 1) : count;
        });
    return taken[0];
  }

  private static <K> void giveBack(Map<K, Integer> counts, K key) {
    counts.computeIfPresent(key, (k, count) -> count > 1 ? count - 1 : null);
  }
}
