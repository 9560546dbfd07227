package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.plan.PathGraph.Edge;
import dev.gatehouse.graphql.plan.PathGraph.Node;
import dev.gatehouse.graphql.plan.PathGraph.Use;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Where one coordinate is selected: only the nodes that lead to it, so that counting again with
 * another request's variables visits nothing else.
 */
final class CoordinateUse {
  private final Place[] places;
  private final boolean isConstant;
  private final long calls;
  private final long recursion;

  private CoordinateUse(List<Place> places) {
    this.places = places.toArray(Place[]::new);
    boolean constant = true;
    for (Place place : places) {
      for (Step step : place.steps) {
        constant &= step.edge.when.isAlways();
      }
    }
    this.isConstant = constant;
    this.calls = constant ? countCalls(NO_TRUTHS) : 0;
    this.recursion = constant ? countRecursion(NO_TRUTHS) : 0;
  }

  private static final long[] NO_TRUTHS = {};

  /** A node that leads to the coordinate. */
  private record Place(Step[] steps) {}

  /**
   * One of its edges that does.
   *
   * @param selects whether the edge itself selects it
   * @param below the number of the place below, or -1
   */
  private record Step(Edge edge, boolean selects, int below) {}

  /** Finds a field on types of which one is among these; the root's place is the last. */
  static CoordinateUse of(PathGraph paths, String field, BitSet onTypes) {
    int[] placeOf = new int[paths.nodes().length];
    List<Place> places = new ArrayList<>();
    for (Node node : paths.nodes()) {
      List<Step> steps = new ArrayList<>();
      for (Edge edge : node.edges) {
        boolean selects = selects(edge, field, onTypes);
        int below = edge.below == null ? -1 : placeOf[edge.below.number];
        if (selects || below >= 0) {
          steps.add(new Step(edge, selects, below));
        }
      }
      placeOf[node.number] = steps.isEmpty() ? -1 : places.size();
      if (!steps.isEmpty()) {
        places.add(new Place(steps.toArray(Step[]::new)));
      }
    }
    return new CoordinateUse(places);
  }

  private static boolean selects(Edge edge, String field, BitSet onTypes) {
    for (Use use : edge.uses) {
      if (use.name().equals(field) && use.types().meets(onTypes)) {
        return true;
      }
    }
    return false;
  }

  /** How many paths select it. */
  long calls(long[] truths) {
    return isConstant ? calls : countCalls(truths);
  }

  /** How often it stands on one path, at most. */
  long recursion(long[] truths) {
    return isConstant ? recursion : countRecursion(truths);
  }

  private long countCalls(long[] truths) {
    long[] counts = new long[places.length];
    for (int i = 0; i < places.length; i++) {
      for (Step step : places[i].steps) {
        if (step.edge.when.holds(truths)) {
          counts[i] = PathGraph.plus(counts[i], step.selects ? 1 : 0);
          counts[i] = PathGraph.plus(counts[i], step.below < 0 ? 0 : counts[step.below]);
        }
      }
    }
    return places.length == 0 ? 0 : counts[places.length - 1];
  }

  private long countRecursion(long[] truths) {
    long[] most = new long[places.length];
    for (int i = 0; i < places.length; i++) {
      for (Step step : places[i].steps) {
        if (step.edge.when.holds(truths)) {
          long own = step.selects ? 1 : 0;
          most[i] = Math.max(most[i], own + (step.below < 0 ? 0 : most[step.below]));
        }
      }
    }
    return places.length == 0 ? 0 : most[places.length - 1];
  }
}
