package dev.gatehouse.graphql.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The response paths of an operation, as a graph that shares what several paths have in common.
 *
 * <p>Counts are kept as long as no path's condition can change them, and never wrap: what is too
 * many for a number stays the largest number.
 */
final class PathGraph {
  private static final Edge[] NO_EDGES = {};
  private static final Selected[] NO_SELECTED = {};
  private static final Use[] NO_USES = {};

  final Node root;

  /** All nodes, those below first. */
  private final Node[] nodes;

  private final Node[] dynamic;
  private final Edge[] sometimesAtRoot;
  private final int alwaysAtRoot;
  private final boolean looksIntoSchema;
  private final AtomicReference<long @Nullable []> scratch = new AtomicReference<>();

  PathGraph(Node root, List<Node> nodes) {
    this.root = root;
    this.nodes = nodes.toArray(Node[]::new);
    int slot = 0;
    for (int i = 0; i < this.nodes.length; i++) {
      this.nodes[i].number = i;
      slot = settle(this.nodes[i], slot);
    }
    this.looksIntoSchema = nodes.stream().anyMatch(PathGraph::looksIntoSchema);
    this.dynamic = nodes.stream().filter(node -> node.slot >= 0).toArray(Node[]::new);
    Edge[] counted = Arrays.stream(root.edges).filter(edge -> edge.isCounted).toArray(Edge[]::new);
    this.sometimesAtRoot =
        Arrays.stream(counted).filter(edge -> !edge.when.isAlways()).toArray(Edge[]::new);
    this.alwaysAtRoot = counted.length - sometimesAtRoot.length;
  }

  /** Selection sets that stand at one path. */
  static final class Node extends ChildrenFirst.Ordered {
    Edge[] edges = NO_EDGES;
    int number;

    /** Where an evaluation keeps the node's counts; -1 where they are constant. */
    int slot = -1;

    /** The edges that variables decide, or what is below them. */
    Edge[] dynamic = NO_EDGES;

    // what the other edges come to: all of it where the node is constant
    long fields;
    long aliases;
    long depth;
  }

  /** One response key. */
  static final class Edge {
    When when = When.ALWAYS;

    /** When its selection has an alias, where {@link #hasAlias}. */
    When whenAliased = When.ALWAYS;

    boolean hasAlias;

    /** Whether it counts as a field; what describes the schema does not. */
    boolean isCounted;

    /** Whether it describes the schema, on one of its types. */
    boolean isMeta;

    /** Whether what describes the schema is a list. */
    boolean isMetaList;

    /** Whether what does not describe the schema is a list. */
    boolean isPlainList;

    String key = "";

    /** The selections that share the key. */
    Selected[] selected = NO_SELECTED;

    Use[] uses = NO_USES;
    @Nullable Node below;
  }

  /** A field's name and the types on which it may run. */
  record Use(String name, TypeSet types) {}

  // the query type may stand below the root too: as a field of its own, or of a payload
  private static boolean looksIntoSchema(Node node) {
    for (Edge edge : node.edges) {
      if (edge.isMeta) {
        return true;
      }
    }
    return false;
  }

  // adds up what no variable decides; gives the next slot that is free
  private static int settle(Node node, int slot) {
    Edge[] rest = new Edge[node.edges.length];
    int count = 0;
    for (Edge edge : node.edges) {
      if (!isConstant(edge)) {
        rest[count++] = edge;
        continue;
      }
      long own = edge.isCounted ? 1 : 0;
      Node below = edge.below;
      node.fields = plus(node.fields, plus(own, below == null ? 0 : below.fields));
      node.aliases =
          plus(node.aliases, plus(edge.hasAlias ? 1 : 0, below == null ? 0 : below.aliases));
      node.depth = Math.max(node.depth, own + (below == null ? 0 : below.depth));
    }
    if (count == 0) {
      return slot;
    }
    node.dynamic = count == rest.length ? rest : Arrays.copyOf(rest, count);
    node.slot = slot;
    return slot + 3;
  }

  private static boolean isConstant(Edge edge) {
    return edge.when.isAlways()
        && (!edge.hasAlias || edge.whenAliased.isAlways())
        && (edge.below == null || edge.below.slot < 0);
  }

  /** Whether no variable decides any count. */
  boolean isConstant() {
    return root.slot < 0;
  }

  /** The counts of one request. */
  record Counts(long fields, long aliases, long depth, long rootFields) {}

  Counts count(long[] truths) {
    if (isConstant()) {
      return new Counts(root.fields, root.aliases, root.depth, rootFields(truths));
    }
    long[] values = scratch.getAndSet(null);
    if (values == null) {
      values = new long[3 * dynamic.length];
    }
    for (Node node : dynamic) {
      count(node, values, truths);
    }
    Counts counts =
        new Counts(
            values[root.slot], values[root.slot + 1], values[root.slot + 2], rootFields(truths));
    scratch.set(values);
    return counts;
  }

  private long rootFields(long[] truths) {
    long count = alwaysAtRoot;
    for (Edge edge : sometimesAtRoot) {
      count += edge.when.holds(truths) ? 1 : 0;
    }
    return count;
  }

  private static void count(Node node, long[] values, long[] truths) {
    long fields = node.fields;
    long aliases = node.aliases;
    long depth = node.depth;
    for (Edge edge : node.dynamic) {
      if (!edge.when.holds(truths)) {
        continue;
      }
      Node below = edge.below;
      long own = edge.isCounted ? 1 : 0;
      fields = plus(fields, own);
      if (edge.hasAlias && edge.whenAliased.holds(truths)) {
        aliases = plus(aliases, 1);
      }
      if (below == null) {
        depth = Math.max(depth, own);
        continue;
      }
      boolean fixed = below.slot < 0;
      fields = plus(fields, fixed ? below.fields : values[below.slot]);
      aliases = plus(aliases, fixed ? below.aliases : values[below.slot + 1]);
      depth = Math.max(depth, own + (fixed ? below.depth : values[below.slot + 2]));
    }
    values[node.slot] = fields;
    values[node.slot + 1] = aliases;
    values[node.slot + 2] = depth;
  }

  static long plus(long left, long right) {
    long sum = left + right;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  /** All nodes, those below first. */
  Node[] nodes() {
    return nodes;
  }

  /** Whether something selects a field by which the schema describes itself, wherever it stands. */
  boolean looksIntoSchema() {
    return looksIntoSchema;
  }

  /** Every selection, whatever variables say. */
  void each(Consumer<Selected> visit) {
    for (Node node : nodes) {
      for (Edge edge : node.edges) {
        for (Selected selected : edge.selected) {
          visit.accept(selected);
        }
      }
    }
  }

  /** The selections that count with these variables, those above first. */
  void live(long[] truths, Selected.Visitor visit) {
    // where each node stands; null: nowhere, with these variables
    List<@Nullable List<At>> places = new ArrayList<>(Collections.nCopies(nodes.length, null));
    places.set(root.number, List.of());
    for (int i = nodes.length - 1; i >= 0; i--) {
      Node node = nodes[i];
      List<At> above = places.get(i);
      if (above == null) {
        continue;
      }
      for (Edge edge : node.edges) {
        if (edge.when.holds(truths)) {
          At at = new At(above, edge.key, node, edge.below);
          live(edge, at, truths, visit);
          if (edge.below != null) {
            add(places, edge.below, at);
          }
        }
      }
    }
  }

  private static void add(List<@Nullable List<At>> places, Node node, At at) {
    List<At> known = places.get(node.number);
    if (known == null) {
      known = new ArrayList<>(1);
      places.set(node.number, known);
    }
    known.add(at);
  }

  private static void live(Edge edge, At at, long[] truths, Selected.Visitor visit) {
    for (Selected selected : edge.selected) {
      if (selected.when.holds(truths)) {
        visit.selection(selected, at);
      }
    }
  }

  /** The paths that end in one key: of several to what it is among, each is continued by it. */
  private record At(List<At> above, String key, Node among, @Nullable Node below)
      implements Selected.Place {
    @Override
    public List<Object> path() {
      ArrayDeque<Object> keys = new ArrayDeque<>();
      At at = this;
      keys.addFirst(key);
      while (!at.isRoot()) {
        at = at.above.get(0);
        keys.addFirst(at.key);
      }
      return List.copyOf(keys);
    }

    @Override
    public List<List<Object>> paths(int most) {
      List<List<Object>> paths = new ArrayList<>();
      ArrayDeque<Ending> open = new ArrayDeque<>();
      open.push(new Ending(this, null));
      while (!open.isEmpty() && paths.size() < most) {
        Ending next = open.pop();
        if (next.at.isRoot()) {
          paths.add(next.keys());
        }
        // each of them leads to the root: no more are needed than there may be paths
        for (int i = Math.min(most, next.at.above.size()) - 1; i >= 0; i--) {
          open.push(new Ending(next.at.above.get(i), next));
        }
      }
      return paths;
    }

    @Override
    public boolean isRoot() {
      return above.isEmpty();
    }
  }

  /** How some paths end. */
  private record Ending(At at, @Nullable Ending rest) {
    List<Object> keys() {
      List<Object> keys = new ArrayList<>();
      for (Ending next = this; next != null; next = next.rest) {
        keys.add(next.at.key);
      }
      return List.copyOf(keys);
    }
  }

  /** Whether the schema would be described for each element of a list. */
  boolean looksIntoSchemaFromAList(long[] truths) {
    boolean[] looks = new boolean[nodes.length];
    boolean[] fromAList = new boolean[nodes.length];
    for (Node node : nodes) {
      for (Edge edge : node.edges) {
        if (edge.when.holds(truths)) {
          int below = edge.below == null ? -1 : edge.below.number;
          boolean looksBelow = below >= 0 && looks[below];
          looks[node.number] |= edge.isMeta || looksBelow;
          fromAList[node.number] |=
              (edge.isPlainList && looksBelow) || (below >= 0 && fromAList[below]);
        }
      }
    }
    return fromAList[root.number];
  }

  /** How many lists that describe the schema stand on one path, at most. */
  long metaLists(long[] truths) {
    long[] most = new long[nodes.length];
    for (Node node : nodes) {
      for (Edge edge : node.edges) {
        if (edge.when.holds(truths)) {
          long own = edge.isMetaList ? 1 : 0;
          long below = edge.below == null ? 0 : most[edge.below.number];
          most[node.number] = Math.max(most[node.number], own + below);
        }
      }
    }
    return most[root.number];
  }
}
