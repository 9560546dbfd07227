package dev.gatehouse.graphql.http;

import dev.gatehouse.core.AddressKey;
import dev.gatehouse.core.Principal;
import io.vertx.core.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many sockets or event streams are open: in all, by caller, and for the unknown by address, of
 * IPv6 by its /64.
 */
final class OpenConnections {
  private final int maxInAll;
  private final int maxByCaller;
  private final int maxByAddress;
  private final AtomicInteger inAll = new AtomicInteger();
  private final ConcurrentMap<String, Integer> byKey = new ConcurrentHashMap<>();

  OpenConnections(int maxInAll, int maxByCaller, int maxByAddress) {
    this.maxInAll = maxInAll;
    this.maxByCaller = maxByCaller;
    this.maxByAddress = maxByAddress;
  }

  /** The key under which a caller's connections are counted. */
  static String key(Optional<Principal> caller, @Nullable SocketAddress peer) {
    // tenants hold no slash, and kinds no letter case: no two callers share a key
    return caller
        .map(who -> who.kind() + "/" + who.tenant().map(t -> t.value()).orElse("") + "/" + who.id())
        .orElseGet(() -> "address/" + address(peer));
  }

  private static String address(@Nullable SocketAddress peer) {
    String address = peer == null ? null : peer.hostAddress();
    return address == null ? "" : AddressKey.of(address);
  }

  /** A place for one more; empty if there is none. */
  Optional<Place> enter(String key) {
    if (inAll.incrementAndGet() > maxInAll) {
      inAll.decrementAndGet();
      return Optional.empty();
    }
    if (!count(key)) {
      inAll.decrementAndGet();
      return Optional.empty();
    }
    return Optional.of(new Place(key));
  }

  private boolean count(String key) {
    int max = key.startsWith("address/") ? maxByAddress : maxByCaller;
    int counted = byKey.merge(key, 1, Integer::sum);
    if (counted > max) {
      uncount(key);
      return false;
    }
    return true;
  }

  private void uncount(String key) {
    byKey.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
  }

  int inAll() {
    return inAll.get();
  }

  /** One connection's place. */
  final class Place {
    private @Nullable String key;

    private Place(String key) {
      this.key = key;
    }

    /** Counts it for another caller from now on; false if that one has no place left. */
    boolean move(String other) {
      String mine = key;
      if (mine == null || mine.equals(other)) {
        return mine != null;
      }
      if (!count(other)) {
        return false;
      }
      uncount(mine);
      key = other;
      return true;
    }

    void leave() {
      String mine = key;
      if (mine != null) {
        key = null;
        uncount(mine);
        inAll.decrementAndGet();
      }
    }
  }
}
