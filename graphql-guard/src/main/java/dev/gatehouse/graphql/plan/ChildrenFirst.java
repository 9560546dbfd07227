package dev.gatehouse.graphql.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The order in which each node of a graph comes after all nodes below it. */
final class ChildrenFirst {
  private ChildrenFirst() {}

  /** A node, which is ordered once. */
  abstract static class Ordered {
    private boolean isOpen;
    private boolean isDone;
  }

  /** What is directly below a node. */
  @FunctionalInterface
  interface Below<N> {
    /** Visits them, the last first; any of them more than once. */
    void each(N node, Consumer<N> visit);
  }

  /**
   * Orders the nodes below a root, without recursion.
   *
   * @throws InvalidDocumentException if a node is below itself: a fragment spreads itself
   */
  static <N extends Ordered> List<N> order(N root, Below<N> below) {
    List<N> order = new ArrayList<>();
    // those that are open lead from the root to where we are, what is beside them is not yet
    ArrayDeque<N> path = new ArrayDeque<>();
    Consumer<N> push = next -> push(next, path);
    path.push(root);
    while (!path.isEmpty()) {
      N node = path.element();
      Ordered state = node;
      if (!state.isOpen && !state.isDone) {
        state.isOpen = true;
        below.each(node, push);
        continue;
      }
      path.pop();
      if (state.isOpen) {
        state.isOpen = false;
        state.isDone = true;
        order.add(node);
      }
    }
    return order;
  }

  private static <N extends Ordered> void push(N next, ArrayDeque<N> path) {
    Ordered state = next;
    if (state.isOpen) {
      throw new InvalidDocumentException("a fragment spreads itself");
    }
    if (!state.isDone) {
      path.push(next);
    }
  }
}
