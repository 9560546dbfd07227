package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.cost.InputSteps;
import dev.gatehouse.graphql.plan.CostGraph.Entry;
import dev.gatehouse.graphql.plan.CostGraph.Node;
import dev.gatehouse.graphql.plan.CostGraph.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Adds up what no variable decides, and leaves to evaluations what one does, children first. */
final class CostFolding {
  private static final double[] NOTHING = {};
  private static final long[] NO_TRUTHS = {};

  private CostFolding() {}

  /** Folds a graph, and gives the nodes that stay dynamic in the order of evaluation. */
  static List<Node> fold(Node root) {
    List<Node> dynamic = new ArrayList<>();
    for (Node node : ChildrenFirst.order(root, CostFolding::below)) {
      boolean isConstant = true;
      for (Region region : node.regions) {
        region.checks = checks(region);
        node.leadsToChecks |= region.checks.length > 0;
        fold(region);
        isConstant &= region.entries.length == 0;
      }
      if (isConstant) {
        settle(node);
      } else {
        node.slot = 2 * dynamic.size();
        dynamic.add(node);
      }
    }
    return dynamic;
  }

  private static void below(Node node, Consumer<Node> visit) {
    for (int i = node.regions.length - 1; i >= 0; i--) {
      Entry[] entries = node.regions[i].entries;
      for (int j = entries.length - 1; j >= 0; j--) {
        Node below = entries[j].below;
        if (below != null) {
          visit.accept(below);
        }
      }
    }
  }

  private static Entry[] checks(Region region) {
    Entry[] checks = new Entry[region.entries.length];
    int count = 0;
    for (Entry entry : region.entries) {
      if (entry.hasChecks || (entry.below != null && entry.below.leadsToChecks)) {
        checks[count++] = entry;
      }
    }
    return CostGraph.first(checks, count);
  }

  private static void fold(Region region) {
    Entry[] rest = new Entry[region.entries.length];
    int count = 0;
    for (Entry entry : region.entries) {
      if (!isConstant(entry)) {
        rest[count++] = entry;
        continue;
      }
      double size = CostGraph.size(entry, NOTHING, 0);
      double call = CostGraph.call(entry, Map.of(), NO_TRUTHS, new InputSteps());
      region.typeCost += CostGraph.typeCost(entry, size, NOTHING);
      region.fieldCost += CostGraph.fieldCost(entry, size, NOTHING, call);
    }
    region.entries = CostGraph.first(rest, count);
  }

  private static boolean isConstant(Entry entry) {
    return entry.when.isAlways()
        && entry.isCallConstant
        && entry.directives == null
        && entry.size.isConstant()
        && (entry.fromParent == null || entry.fromParent.isConstant())
        && (entry.below == null || entry.below.slot < 0);
  }

  private static void settle(Node node) {
    node.typeCost = Double.NEGATIVE_INFINITY;
    for (Region region : node.regions) {
      node.typeCost = Math.max(node.typeCost, region.typeCost);
      node.fieldCost = Math.max(node.fieldCost, region.fieldCost);
    }
  }
}
