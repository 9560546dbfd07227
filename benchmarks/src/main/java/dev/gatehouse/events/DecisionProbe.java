package dev.gatehouse.events;

import dev.gatehouse.core.Decision;
import dev.gatehouse.core.Principal;
import dev.gatehouse.core.TenantId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The hub's decision about one event, from its cache and without, and the making of a cursor. */
public final class DecisionProbe {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final Principal principal;
  private final EventPolicy policy = new Owners();
  private final DecisionCache cache;
  private final List<Event> events = new ArrayList<>();
  private final CursorKeys keys = CursorKeys.random();
  private final byte[] binding;
  private long place;
  private int next;

  /** An event is its owner's, and of its topic everybody's if it is public. */
  private static final class Owners implements EventPolicy {
    @Override
    public Future<Decision> maySubscribe(Principal principal, TopicPattern topics) {
      return Future.succeededFuture(Decision.allow());
    }

    @Override
    public Decision maySee(Principal principal, EventFacts event) {
      boolean may =
          event.topic().equals("orders.public")
              || event.text("owner").equals(Optional.of(principal.id()));
      return may ? Decision.allow() : Decision.deny("forbidden", "no");
    }
  }

  /** One principal, and events of some topics and owners. */
  public DecisionProbe(Principal principal) {
    TenantId tenant = principal.tenant().orElseThrow();
    this.principal = principal;
    this.cache = new Decisions(policy).take(principal);
    this.binding = CursorKeys.binding(tenant, principal, TopicPattern.of("orders.*"));
    for (int i = 0; i < 64; i++) {
      events.add(
          Event.builder("orders.t" + i % 8)
              .tenant(tenant)
              .attribute("owner", "customer-" + i % 16)
              .data(EventData.json(new JsonObject().put("order", "o" + i)))
              .build());
    }
  }

  private Event event() {
    next = (next + 1) & 63;
    return events.get(next);
  }

  /** A decision from the cache. */
  public boolean cached() {
    return cache.rule(event(), 1, 0).isSeen();
  }

  /** The same by asking the policy. */
  public boolean asked() {
    return policy.maySee(principal, new TracedFacts(event())).isAllowed();
  }

  /** A cursor. */
  public String cursor() {
    return keys.seal(binding, new Position(1, ++place), NOW);
  }
}
