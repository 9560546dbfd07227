package dev.gatehouse.events;

import dev.gatehouse.core.KillSwitch;
import java.util.ArrayList;
import java.util.List;

/**
 * The topics that kill switches of kind {@code OPERATION} stop: a switch is named like a topic, or
 * like a pattern that has several. Immutable; a change makes another.
 */
final class StoppedTopics {
  static final StoppedTopics NONE = new StoppedTopics(List.of());

  private final List<TopicPattern> patterns;
  private final TopicTrie<Boolean> trie = new TopicTrie<>();

  private StoppedTopics(List<TopicPattern> patterns) {
    this.patterns = patterns;
    patterns.forEach(pattern -> trie.at(pattern, () -> Boolean.TRUE));
  }

  static StoppedTopics of(KillSwitch killSwitch) {
    List<TopicPattern> patterns = new ArrayList<>();
    for (KillSwitch.Engaged engaged : killSwitch.engaged()) {
      boolean operation = engaged.target().kind() == KillSwitch.Kind.OPERATION;
      // Other doors' operations have names too; those that are no pattern are none of ours.
      if (operation && TopicPattern.isValid(engaged.target().name())) {
        patterns.add(TopicPattern.of(engaged.target().name()));
      }
    }
    return patterns.isEmpty() ? NONE : new StoppedTopics(List.copyOf(patterns));
  }

  /** Whether events of the topic are stopped. */
  boolean stops(Topic topic) {
    if (patterns.isEmpty()) {
      return false;
    }
    boolean[] found = new boolean[1];
    trie.match(topic, stopped -> found[0] = true);
    return found[0];
  }

  /** Whether one switch stops all that the pattern has. */
  boolean covers(TopicPattern topics) {
    return patterns.stream().anyMatch(pattern -> pattern.covers(topics));
  }
}
