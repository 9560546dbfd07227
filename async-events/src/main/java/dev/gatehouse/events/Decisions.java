package dev.gatehouse.events;

import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The kept decisions of one lane, a cache for each principal that is connected: bounded in all.
 *
 * <p>Two principals share one only if all that a rule can see of them is equal: a fresh credential
 * with other scopes begins anew. Not safe for threads.
 */
final class Decisions {
  private static final int MAX_KEPT = 500_000;
  private static final int SLOW_IN_A_ROW = 3;
  private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** All that a rule can see of a principal, but for its expiry. */
  private record Sight(
      Principal.Kind kind,
      String id,
      String voucher,
      @Nullable TenantId tenant,
      Set<String> scopes,
      Map<String, String> claims) {
    private static Sight of(Principal principal) {
      return new Sight(
          principal.kind(),
          principal.id(),
          principal.voucher(),
          principal.tenant().orElse(null),
          principal.scopes(),
          principal.claims());
    }
  }

  private static final class Shared {
    private final DecisionCache cache;
    private int users;

    private Shared(DecisionCache cache) {
      this.cache = cache;
    }
  }

  private final EventPolicy policy;
  private final Map<Sight, Shared> caches = new HashMap<>();
  private int kept;
  private long restUntil;
  private boolean resting;
  private int slowInARow;

  Decisions(EventPolicy policy) {
    this.policy = policy;
  }

  /** The principal's cache, until it is given back. */
  DecisionCache take(Principal principal) {
    Shared shared =
        caches.computeIfAbsent(
            Sight.of(principal), sight -> new Shared(new DecisionCache(policy, principal, this)));
    shared.users++;
    return shared.cache;
  }

  void giveBack(Principal principal) {
    Sight sight = Sight.of(principal);
    Shared shared = caches.get(sight);
    if (shared != null && --shared.users == 0) {
      shared.cache.forget();
      caches.remove(sight);
    }
  }

  void kept() {
    if (++kept > MAX_KEPT) {
      caches.values().forEach(shared -> shared.cache.forget());
    }
  }

  void forgotten(int nodes) {
    kept -= nodes;
  }

  // After three that were slow in a row, all rest for a while, lest a rule that waits for something
  // holds up every subscriber.
  void slow(long now) {
    resting = ++slowInARow >= SLOW_IN_A_ROW;
    restUntil = now + REST_NANOS;
  }

  void quick() {
    slowInARow = 0;
  }

  boolean isResting(long now) {
    resting = resting && now - restUntil < 0;
    return resting;
  }

  int size() {
    return caches.size();
  }
}
