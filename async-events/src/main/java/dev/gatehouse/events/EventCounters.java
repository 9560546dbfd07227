package dev.gatehouse.events;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What happened so far. Every name in it is from a closed set; nothing of a caller becomes one. */
final class EventCounters {
  private final Map<Count, LongAdder> counts = adders(Count.class);
  private final Map<EndReason, LongAdder> ends = adders(EndReason.class);
  private final Map<Refusal.Code, LongAdder> refusedPublications = adders(Refusal.Code.class);
  private final Map<Refusal.Code, LongAdder> refusedSubscriptions = adders(Refusal.Code.class);
  private final Map<Refusal.Code, LongAdder> refusedConnections = adders(Refusal.Code.class);

  private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
    Map<E, LongAdder> adders = new EnumMap<>(type);
    for (E each : type.getEnumConstants()) {
      adders.put(each, new LongAdder());
    }
    return adders;
  }

  void add(Count count) {
    add(counts, count);
  }

  void ended(EndReason reason) {
    add(ends, reason);
  }

  void refusedPublication(Refusal.Code code) {
    add(refusedPublications, code);
  }

  void refusedSubscription(Refusal.Code code) {
    add(refusedSubscriptions, code);
  }

  void refusedConnection(Refusal.Code code) {
    add(refusedConnections, code);
  }

  private static <E> void add(Map<E, LongAdder> adders, E key) {
    LongAdder adder = adders.get(key);
    if (adder != null) {
      adder.increment();
    }
  }

  EventStats snapshot(int connections, int subscriptions) {
    return new EventStats(
        connections,
        subscriptions,
        values(Count.class, counts),
        values(EndReason.class, ends),
        values(Refusal.Code.class, refusedPublications),
        values(Refusal.Code.class, refusedSubscriptions),
        values(Refusal.Code.class, refusedConnections));
  }

  private static <E extends Enum<E>> Map<E, Long> values(Class<E> type, Map<E, LongAdder> adders) {
    Map<E, Long> values = new EnumMap<>(type);
    adders.forEach((key, adder) -> values.put(key, adder.sum()));
    return values;
  }
}
