package dev.gatehouse.events;

import dev.gatehouse.core.TenantId;
import dev.gatehouse.events.filter.Filter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The hub's index by itself: tenants with 10 subscriptions for each of their topics, which want an
 * event of it.
 *
 * <p>It stands in the hub's package to reach what nobody else should.
 */
public final class MatchingProbe {
  private static final int EACH = 10;

  private final Map<TenantId, TenantIndex<Wanted>> tenants = new HashMap<>();
  private final Map<TenantId, Map<String, List<Wanted>>> bare = new HashMap<>();
  private final List<Wanted> all = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<Wanted> found = new ArrayList<>();
  private int next;

  /** A subscription that is only looked for. */
  private static final class Wanted extends TenantIndex.Entry {
    private final TenantId tenant;
    private final TopicPattern topics;
    private final Filter filter;

    private Wanted(TenantId tenant, TopicPattern topics, Filter filter) {
      this.tenant = tenant;
      this.topics = topics;
      this.filter = filter;
    }

    @Override
    TopicPattern topics() {
      return topics;
    }

    @Override
    Filter filter() {
      return filter;
    }
  }

  /** So many tenants, with so many topics each. */
  public MatchingProbe(int tenantCount, int topics) {
    // One filter decides by the index alone, two have a rest to be tested, one is no filter.
    List<Filter> filters =
        List.of(
            Filter.parse("region = 'eu'"),
            Filter.parse("region = 'eu' and priority >= 3"),
            Filter.parse("priority > 1 or kind = 'x'"),
            Filter.all());
    for (int t = 0; t < tenantCount; t++) {
      TenantId tenant = TenantId.of("tenant-" + t);
      TenantIndex<Wanted> index = new TenantIndex<>();
      for (int i = 0; i < topics * EACH; i++) {
        String topic = "orders.t" + i % topics;
        // Seven name the topic, three reach it by a wildcard that has no other.
        String pattern = i / topics < 7 ? topic + ".paid" : topic + (i % 2 == 0 ? ".*" : ".>");
        Wanted wanted =
            new Wanted(tenant, TopicPattern.of(pattern), filters.get(i / topics % filters.size()));
        index.add(wanted);
        all.add(wanted);
      }
      tenants.put(tenant, index);
    }
    for (int i = 0; i < 1_024; i++) {
      // A prime step: events go to tenants far from each other.
      TenantId tenant = TenantId.of("tenant-" + (int) (i * 7_919L % tenantCount));
      events.add(
          Event.builder("orders.t" + i % topics + ".paid")
              .tenant(tenant)
              .attribute("region", "eu")
              .attribute("priority", 5)
              .build());
    }
  }

  /** How many subscriptions there are. */
  public int subscriptions() {
    return all.size();
  }

  private Event event() {
    next = (next + 1) & 1_023;
    return events.get(next);
  }

  /** Matches one event: by tenant, topic, attribute and filter. Returns how many want it. */
  public int match() {
    Event event = event();
    TenantIndex<Wanted> index = tenants.get(event.tenant().orElseThrow());
    return index == null ? 0 : wanting(event, index.matching(event));
  }

  /**
   * The same by a map of each tenant's topics that holds what is to be found: nothing but the
   * filters is left to be decided. How it grows with the tenants is what the memory of so many
   * costs.
   */
  public int matchByMaps() {
    if (bare.isEmpty()) {
      all.forEach(this::putBare);
    }
    Event event = event();
    Map<String, List<Wanted>> topics = bare.get(event.tenant().orElseThrow());
    List<Wanted> wanting = topics == null ? null : topics.get(event.topic().name());
    return wanting == null ? 0 : wanting(event, wanting);
  }

  private void putBare(Wanted wanted) {
    List<String> segments = wanted.topics.segments();
    bare.computeIfAbsent(wanted.tenant, tenant -> new HashMap<>())
        .computeIfAbsent(
            segments.get(0) + '.' + segments.get(1) + ".paid", topic -> new ArrayList<>(EACH))
        .add(wanted);
  }

  private static int wanting(Event event, List<Wanted> candidates) {
    EventView view = new Views(event).of(Mask.none());
    int count = 0;
    for (Wanted each : candidates) {
      count += view != null && each.filter.matches(view) ? 1 : 0;
    }
    return count;
  }

  /** The same by a list of all subscriptions, with an {@code if} for the tenant. */
  public int matchByList() {
    Event event = event();
    TenantId tenant = event.tenant().orElseThrow();
    found.clear();
    for (Wanted each : all) {
      if (each.tenant.equals(tenant) && each.topics.matches(event.topic())) {
        found.add(each);
      }
    }
    return wanting(event, found);
  }
}
