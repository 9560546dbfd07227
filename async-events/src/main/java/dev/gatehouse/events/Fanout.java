package dev.gatehouse.events;

import java.util.List;

/** One event on its way to the subscriptions that may want it; it can stop and go on. */
final class Fanout {
  private final LogEntry entry;
  private final List<Member> members;
  private final Views views;
  private final TopicDeclaration declared;
  private final HubState hub;
  private int next;

  Fanout(HubState hub, LogEntry entry, List<Member> members) {
    this.hub = hub;
    this.entry = entry;
    this.members = members;
    this.views = new Views(entry.event());
    this.declared = hub.topics().of(entry.event().topic());
  }

  /** Delivers to at most so many; returns how many it was. */
  int advance(int most) {
    // Anew at each turn: the policy may have changed since the last.
    long version = hub.desk().version();
    long now = System.nanoTime();
    int end = Math.min(members.size(), next + most);
    int begin = next;
    while (next < end) {
      members.get(next++).meet(entry, views, declared, version, now);
    }
    return end - begin;
  }

  boolean isOver() {
    return next >= members.size();
  }
}
