package dev.gatehouse.events;

import java.util.Map;

/**
 * What a hub holds now and did so far; every key of the maps is there.
 *
 * @param connections the connections that are open
 * @param subscriptions the subscriptions that are open or being opened
 * @param counts what was delivered, denied and so on
 * @param ended why subscriptions ended
 * @param refusedPublications why events were refused
 * @param refusedSubscriptions why subscriptions were refused
 * @param refusedConnections why connections were refused
 */
public record EventStats(
    int connections,
    int subscriptions,
    Map<Count, Long> counts,
    Map<EndReason, Long> ended,
    Map<Refusal.Code, Long> refusedPublications,
    Map<Refusal.Code, Long> refusedSubscriptions,
    Map<Refusal.Code, Long> refusedConnections) {
  /** Copies the maps. */
  public EventStats {
    counts = Map.copyOf(counts);
    ended = Map.copyOf(ended);
    refusedPublications = Map.copyOf(refusedPublications);
    refusedSubscriptions = Map.copyOf(refusedSubscriptions);
    refusedConnections = Map.copyOf(refusedConnections);
  }

  /** One of the counts. */
  public long count(Count what) {
    return counts.getOrDefault(what, 0L);
  }
}
