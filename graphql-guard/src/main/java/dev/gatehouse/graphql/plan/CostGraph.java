package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.cost.DirectivePrice;
import dev.gatehouse.graphql.cost.FieldPrice;
import dev.gatehouse.graphql.cost.InputSteps;
import graphql.language.Field;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What an operation costs, as a graph whose nodes are merged selection sets: a node that fragments
 * lead to many times stands here once, so that the graph is as large as the document and not as its
 * answer.
 *
 * <p>What no variable decides has been added up; an evaluation visits only the rest.
 */
final class CostGraph {
  private static final Entry[] NO_ENTRIES = {};
  private static final Region[] NO_REGIONS = {};

  final Node root;
  private final Node[] dynamic;
  private final FieldPrice[] slices;
  private final boolean hasNegativeLiteral;
  private final FieldPrice[] oneRequired;
  // two numbers for each dynamic node and one for each slice, lent to one evaluation at a time
  private final AtomicReference<double @Nullable []> scratch = new AtomicReference<>();

  CostGraph(
      Node root,
      List<Node> dynamic,
      List<FieldPrice> slices,
      boolean hasNegativeLiteral,
      Collection<FieldPrice> oneRequired) {
    this.root = root;
    this.dynamic = dynamic.toArray(Node[]::new);
    this.slices = slices.toArray(FieldPrice[]::new);
    this.hasNegativeLiteral = hasNegativeLiteral;
    this.oneRequired = oneRequired.toArray(FieldPrice[]::new);
  }

  /** Merged selection sets on some possible types. */
  static final class Node extends ChildrenFirst.Ordered {
    Region[] regions = NO_REGIONS;

    /** Where an evaluation keeps the node's costs; -1 where they are constant. */
    int slot = -1;

    double typeCost;
    double fieldCost;
    boolean leadsToChecks;
  }

  /** Types that take the same selections; the constant part of what they cost, and the rest. */
  static final class Region {
    double typeCost;
    double fieldCost;
    Entry[] entries = NO_ENTRIES;

    /** The entries with checks, or that lead to some. */
    Entry[] checks = NO_ENTRIES;
  }

  /** One field of a region, merged. */
  static final class Entry {
    final SchemaField field;
    final FieldPrice price;
    When when = When.ALWAYS;
    @Nullable Node below;
    double callCost;
    boolean isCallConstant;
    @Nullable Discounts directives;
    Size size = Size.ONE;

    /** The size that the parent's {@code sizedFields} gives, which comes first. */
    @Nullable Size fromParent;

    /** What is multiplied with the size: the lists inside the list. */
    double innerSize = 1;

    boolean hasChecks;

    Entry(SchemaField field, FieldPrice price) {
      this.field = field;
      this.price = price;
    }
  }

  /**
   * A list's size.
   *
   * @param constant the size where no variable decides; NaN where there is none
   * @param slice the number of the slice that decides, or -1
   * @param otherwise the size where that slice gives none; NaN where there is none
   */
  record Size(double constant, int slice, double otherwise) {
    static final Size ONE = of(1);

    static Size of(double constant) {
      return new Size(constant, -1, Double.NaN);
    }

    static Size of(int slice, double otherwise) {
      return new Size(Double.NaN, slice, otherwise);
    }

    boolean isConstant() {
      return slice < 0;
    }

    double in(double[] sizes, int offset) {
      if (slice < 0) {
        return constant;
      }
      double found = sizes[offset + slice];
      return Double.isNaN(found) ? otherwise : found;
    }
  }

  /** The directives of merged selections, with the conditions under which each counts. */
  record Discounts(DirectivePrice prices, Field[] selections, When[] when) {
    double cost(Map<String, ?> variables, long[] truths, InputSteps steps) {
      double[] each = new double[selections.length];
      int count = 0;
      for (int i = 0; i < selections.length; i++) {
        if (when[i].holds(truths)) {
          each[count++] = prices.of(selections[i], variables, steps);
        }
      }
      return DirectivePrice.merged(each, count);
    }
  }

  /** So many of these entries. */
  static Entry[] first(Entry[] entries, int count) {
    if (count == 0) {
      return NO_ENTRIES;
    }
    return count == entries.length ? entries : Arrays.copyOf(entries, count);
  }

  /** The two costs of one request. */
  record Costs(double typeCost, double fieldCost, boolean hasNegativeSlice) {}

  Costs evaluate(Map<String, ?> variables, long[] truths) {
    if (dynamic.length == 0 && slices.length == 0) {
      return new Costs(Math.max(0, root.typeCost), root.fieldCost, hasNegativeLiteral);
    }
    double[] values = scratch.getAndSet(null);
    if (values == null) {
      values = new double[2 * dynamic.length + slices.length];
    }
    int offset = 2 * dynamic.length;
    boolean hasNegative = hasNegativeLiteral;
    for (int i = 0; i < slices.length; i++) {
      double size = slices[i].slice(variables);
      hasNegative |= size < 0;
      values[offset + i] = size;
    }
    InputSteps steps = new InputSteps();
    for (Node node : dynamic) {
      evaluate(node, values, offset, variables, truths, steps);
    }
    double type = root.slot < 0 ? root.typeCost : values[root.slot];
    double field = root.slot < 0 ? root.fieldCost : values[root.slot + 1];
    scratch.set(values);
    return new Costs(Math.max(0, type), field, hasNegative);
  }

  private static void evaluate(
      Node node,
      double[] values,
      int offset,
      Map<String, ?> variables,
      long[] truths,
      InputSteps steps) {
    double largestType = Double.NEGATIVE_INFINITY;
    double largestField = 0;
    for (Region region : node.regions) {
      double type = region.typeCost;
      double field = region.fieldCost;
      for (Entry entry : region.entries) {
        if (!entry.when.holds(truths)) {
          continue;
        }
        double size = size(entry, values, offset);
        type += typeCost(entry, size, values);
        field += fieldCost(entry, size, values, call(entry, variables, truths, steps));
      }
      largestType = Math.max(largestType, type);
      largestField = Math.max(largestField, field);
    }
    values[node.slot] = largestType;
    values[node.slot + 1] = largestField;
  }

  static double size(Entry entry, double[] values, int offset) {
    double size = Double.NaN;
    if (entry.fromParent != null) {
      size = entry.fromParent.in(values, offset);
    }
    if (Double.isNaN(size)) {
      size = entry.size.in(values, offset);
    }
    return times(Math.max(0, size), entry.innerSize);
  }

  static double typeCost(Entry entry, double size, double[] values) {
    Node below = entry.below;
    if (below == null) {
      return Math.max(0, times(size, entry.field.leafWeight()));
    }
    double each = below.slot < 0 ? below.typeCost : values[below.slot];
    return Math.max(0, times(size, each));
  }

  static double fieldCost(Entry entry, double size, double[] values, double call) {
    Node below = entry.below;
    if (below == null) {
      return Math.max(0, call);
    }
    double each = below.slot < 0 ? below.fieldCost : values[below.slot + 1];
    return Math.max(0, call) + times(size, each);
  }

  static double call(Entry entry, Map<String, ?> variables, long[] truths, InputSteps steps) {
    double call = entry.isCallConstant ? entry.callCost : entry.price.call(variables, steps);
    return entry.directives == null ? call : call + entry.directives.cost(variables, truths, steps);
  }

  /** Nothing, however often, is nothing. */
  static double times(double left, double right) {
    return left == 0 || right == 0 ? 0 : left * right;
  }

  /** Whether a list that requires one slicing argument might not get exactly one. */
  boolean mayLackSlices(Map<String, ?> variables) {
    for (FieldPrice price : oneRequired) {
      if (price.slicesGiven(variables) != 1) {
        return true;
      }
    }
    return false;
  }

  /** The fields with checks that a request reaches; asked only where something may be wrong. */
  Set<Entry> reached(long[] truths) {
    Set<Entry> found = new LinkedHashSet<>();
    Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<Node> open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      Node node = open.poll();
      if (!seen.add(node)) {
        continue;
      }
      for (Region region : node.regions) {
        reach(region, truths, found, open);
      }
    }
    return found;
  }

  private static void reach(Region region, long[] truths, Set<Entry> found, ArrayDeque<Node> open) {
    for (Entry entry : region.checks) {
      if (!entry.when.holds(truths)) {
        continue;
      }
      if (entry.hasChecks) {
        found.add(entry);
      }
      if (entry.below != null && entry.below.leadsToChecks) {
        open.add(entry.below);
      }
    }
  }
}
