package dev.gatehouse.graphql.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/** The order in which each node of a graph comes after all nodes below it. */
final class ChildrenFirst {
  private ChildrenFirst() {}

  private record Visit<N>(N node, Iterator<N> below) {}

  /**
   * Orders the nodes below a root, without recursion.
   *
   * @throws InvalidDocumentException if a node is below itself: a fragment spreads itself
   */
  static <N> List<N> order(N root, Function<N, List<N>> below) {
    List<N> order = new ArrayList<>();
    // false while a node is being visited, true once it is done
    IdentityHashMap<N, Boolean> done = new IdentityHashMap<>();
    ArrayDeque<Visit<N>> path = new ArrayDeque<>();
    path.push(new Visit<>(root, below.apply(root).iterator()));
    done.put(root, false);
    while (!path.isEmpty()) {
      Visit<N> visit = path.peek();
      if (!visit.below.hasNext()) {
        path.pop();
        done.put(visit.node, true);
        order.add(visit.node);
        continue;
      }
      N next = visit.below.next();
      Boolean state = done.get(next);
      if (state == null) {
        done.put(next, false);
        path.push(new Visit<>(next, below.apply(next).iterator()));
      } else if (!state) {
        throw new InvalidDocumentException("a fragment spreads itself");
      }
    }
    return order;
  }
}
