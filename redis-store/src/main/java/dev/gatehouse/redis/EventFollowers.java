package dev.gatehouse.redis;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.EventLog.Following;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who on this node wants to know of a tenant's appends. Safe for any thread. */
final class EventFollowers {
  /** Not a record: one callback that follows twice is two followers. */
  private static final class Follower {
    final Runnable wake;

    Follower(Runnable wake) {
      this.wake = wake;
    }
  }

  private final Map<TenantId, List<Follower>> followers = new ConcurrentHashMap<>();
  // When each tenant's latest append was, as last heard.
  private final Map<TenantId, Double> heard = new ConcurrentHashMap<>();

  Following add(TenantId tenant, Runnable wake) {
    Follower own = new Follower(wake);
    followers.compute(
        tenant,
        (name, known) -> {
          List<Follower> list = known == null ? new CopyOnWriteArrayList<>() : known;
          list.add(own);
          return list;
        });
    return () -> remove(tenant, own);
  }

  private void remove(TenantId tenant, Follower own) {
    followers.computeIfPresent(
        tenant,
        (name, list) -> {
          list.remove(own);
          return list.isEmpty() ? null : list;
        });
    if (!followers.containsKey(tenant)) {
      heard.remove(tenant);
    }
  }

  Set<TenantId> tenants() {
    return Set.copyOf(followers.keySet());
  }

  boolean isEmpty() {
    return followers.isEmpty();
  }

  void wake(TenantId tenant) {
    List<Follower> list = followers.get(tenant);
    if (list != null) {
      list.forEach(each -> each.wake.run());
    }
  }

  /**
   * Wakes if this append was not heard of before. A later one may have the lower time: each node
   * reckons the server's clock for itself.
   */
  void wake(TenantId tenant, double appended) {
    if (followers.containsKey(tenant)) {
      Double before = heard.put(tenant, appended);
      if (before == null || !before.equals(appended)) {
        wake(tenant);
      }
    }
  }

  void wakeAll() {
    followers.values().forEach(list -> list.forEach(each -> each.wake.run()));
  }
}
