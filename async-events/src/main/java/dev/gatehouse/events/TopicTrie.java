package dev.gatehouse.events;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Values by topic pattern, found by topic in steps that depend on the topic's length alone.
 *
 * <p>A pattern has one {@code *} at most, so a topic of n segments leads to at most n + 1 paths,
 * however many patterns there are. Not safe for threads: whoever owns it is on one.
 */
final class TopicTrie<V> {
  private static final class Node<V> {
    // most nodes are ends
    private Map<String, Node<V>> children = Map.of();
    private @Nullable Node<V> star;
    private @Nullable V here;
    private @Nullable V rest;

    private boolean isEmpty() {
      return children.isEmpty() && star == null && here == null && rest == null;
    }
  }

  private final Node<V> root = new Node<>();

  /** The value under the pattern, made if there is none. */
  V at(TopicPattern pattern, Supplier<V> make) {
    Node<V> node = root;
    for (String segment : pattern.segments()) {
      if (segment.equals(">")) {
        node.rest = node.rest == null ? make.get() : node.rest;
        return node.rest;
      }
      node = child(node, segment);
    }
    node.here = node.here == null ? make.get() : node.here;
    return node.here;
  }

  private Node<V> child(Node<V> node, String segment) {
    if (!segment.equals("*")) {
      if (node.children.isEmpty()) {
        node.children = new HashMap<>(4);
      }
      return node.children.computeIfAbsent(segment, name -> new Node<>());
    }
    Node<V> star = node.star == null ? new Node<>() : node.star;
    node.star = star;
    return star;
  }

  /** Removes the value under the pattern, and whatever was there for it alone. */
  void remove(TopicPattern pattern) {
    remove(root, pattern.segments(), 0);
  }

  private void remove(Node<V> node, List<String> pattern, int index) {
    if (index == pattern.size()) {
      node.here = null;
      return;
    }
    String segment = pattern.get(index);
    if (segment.equals(">")) {
      node.rest = null;
      return;
    }
    Node<V> next = segment.equals("*") ? node.star : node.children.get(segment);
    if (next == null) {
      return;
    }
    remove(next, pattern, index + 1);
    if (next.isEmpty() && segment.equals("*")) {
      node.star = null;
    } else if (next.isEmpty()) {
      node.children.remove(segment);
      if (node.children.isEmpty()) {
        node.children = Map.of();
      }
    }
  }

  /** Visits the value of each pattern that has the topic. */
  void match(Topic topic, Consumer<? super V> visitor) {
    match(root, topic, 0, visitor);
  }

  private void match(Node<V> node, Topic topic, int index, Consumer<? super V> visitor) {
    if (index == topic.length()) {
      if (node.here != null) {
        visitor.accept(node.here);
      }
      return;
    }
    if (node.rest != null) {
      visitor.accept(node.rest);
    }
    Node<V> child = node.children.get(topic.segment(index));
    if (child != null) {
      match(child, topic, index + 1, visitor);
    }
    if (node.star != null) {
      match(node.star, topic, index + 1, visitor);
    }
  }

  boolean isEmpty() {
    return root.isEmpty();
  }
}
