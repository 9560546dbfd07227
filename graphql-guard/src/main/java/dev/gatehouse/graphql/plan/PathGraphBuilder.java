package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.plan.PathGraph.Edge;
import dev.gatehouse.graphql.plan.PathGraph.Node;
import dev.gatehouse.graphql.plan.PathGraph.Use;
import dev.gatehouse.graphql.plan.Selections.FieldItem;
import dev.gatehouse.graphql.plan.Selections.FragmentItem;
import dev.gatehouse.graphql.plan.Selections.Item;
import dev.gatehouse.graphql.plan.Selections.Written;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds the graph of an operation's response paths: selections of one response key are one path,
 * whatever their types, and a selection that no runtime type can take is none.
 */
final class PathGraphBuilder {
  private final SchemaTypes types;
  private final TypeSets sets;
  private final Conditions conditions;
  private final Selections selections;
  private final Budget budget;
  private final Map<Merge, Node> nodes = new HashMap<>();
  private final ArrayDeque<Merge> open = new ArrayDeque<>();

  PathGraphBuilder(
      SchemaTypes types,
      TypeSets sets,
      Conditions conditions,
      Selections selections,
      Budget budget) {
    this.types = types;
    this.sets = sets;
    this.conditions = conditions;
    this.selections = selections;
    this.budget = budget;
  }

  private record Open(Written set, TypeSet types, int condition) {}

  private record Spread(int body, int types, int condition) {}

  /** One selection of a response key. */
  private record Found(FieldItem item, TypeSet types, int condition) {}

  PathGraph build(TypeSet rootTypes, int rootSet) {
    Merge first = Merge.of(rootSet, rootTypes.id, Conditions.TRUE);
    Node root = node(first);
    while (!open.isEmpty()) {
      Merge next = open.poll();
      Node node = java.util.Objects.requireNonNull(nodes.get(next));
      List<Edge> edges = new ArrayList<>();
      for (List<Found> same : collect(next).values()) {
        edges.add(edge(same));
      }
      node.edges = edges.toArray(Edge[]::new);
    }
    return new PathGraph(root, ChildrenFirst.order(root, PathGraphBuilder::below));
  }

  private static List<Node> below(Node node) {
    List<Node> below = new ArrayList<>();
    for (Edge edge : node.edges) {
      if (edge.below != null) {
        below.add(edge.below);
      }
    }
    return below;
  }

  private Node node(Merge merge) {
    Node known = nodes.get(merge);
    if (known != null) {
      return known;
    }
    budget.spend();
    Node made = new Node();
    nodes.put(merge, made);
    open.add(merge);
    return made;
  }

  private Map<String, List<Found>> collect(Merge merge) {
    Map<String, List<Found>> found = new LinkedHashMap<>();
    Set<Spread> spread = new HashSet<>(4);
    ArrayDeque<Open> stack = new ArrayDeque<>(4);
    for (int i = merge.size() - 1; i >= 0; i--) {
      TypeSet possible = sets.get(merge.types(i));
      if (!possible.isEmpty()) {
        stack.push(new Open(selections.get(merge.set(i)), possible, merge.condition(i)));
      }
    }
    while (!stack.isEmpty()) {
      Open next = stack.pop();
      budget.spend(next.set.items.length + 1L);
      for (Item item : next.set.items) {
        int condition = conditions.and(next.condition, item.condition());
        if (condition == Conditions.FALSE) {
          continue;
        }
        if (item instanceof FieldItem field) {
          found
              .computeIfAbsent(field.key(), key -> new ArrayList<>(1))
              .add(new Found(field, next.types, condition));
        } else if (item instanceof FragmentItem fragment) {
          TypeSet narrowed =
              fragment.types() == null ? next.types : sets.meet(next.types, fragment.types());
          if (!narrowed.isEmpty() && isNew(fragment, narrowed, condition, spread)) {
            stack.push(new Open(fragment.body(), narrowed, condition));
          }
        }
      }
    }
    return found;
  }

  private static boolean isNew(
      FragmentItem fragment, TypeSet narrowed, int condition, Set<Spread> spread) {
    if (!fragment.isSpread()) {
      return true;
    }
    int body = fragment.body().id;
    return !spread.contains(new Spread(body, narrowed.id, Conditions.TRUE))
        && spread.add(new Spread(body, narrowed.id, condition));
  }

  private Edge edge(List<Found> same) {
    int[] all = new int[same.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = same.get(i).condition;
    }
    int shared = conditions.common(all);
    int[] residuals = conditions.without(all, shared);
    Edge edge = new Edge();
    edge.when = conditions.when(shared, residuals);
    alias(edge, same);
    Found first = same.get(0);
    for (Found found : same) {
      describe(edge, found);
    }
    edge.uses = uses(same);
    edge.key = first.item.key();
    edge.selected = selected(same);
    if (first.item.below() != null) {
      edge.below = node(below(same, residuals));
    }
    return edge;
  }

  // exclusive types may share a key between what describes the schema and what does not
  private void describe(Edge edge, Found found) {
    SchemaField field = field(found);
    boolean isMeta = field.isMeta() || types.isMeta(found.types.members[0]);
    edge.isCounted |= !isMeta;
    edge.isMeta |= isMeta;
    edge.isMetaList |= isMeta && field.listLevels() > 0;
  }

  private void alias(Edge edge, List<Found> same) {
    int[] aliased = new int[same.size()];
    int count = 0;
    for (Found found : same) {
      if (found.item.field().getAlias() != null) {
        aliased[count++] = found.condition;
      }
    }
    edge.hasAlias = count > 0;
    if (edge.hasAlias) {
      edge.whenAliased = conditions.when(Conditions.TRUE, Arrays.copyOf(aliased, count));
    }
  }

  private SchemaField field(Found found) {
    String name = found.item.field().getName();
    int type = found.types.members[0];
    SchemaField field = types.field(type, name);
    if (field == null) {
      throw new InvalidDocumentException(
          "type " + types.object(type).getName() + " has no field " + name);
    }
    return field;
  }

  private Selected[] selected(List<Found> same) {
    Selected[] selected = new Selected[same.size()];
    for (int i = 0; i < selected.length; i++) {
      Found found = same.get(i);
      int[] literals = conditions.literals(found.condition);
      When when = literals.length == 0 ? When.ALWAYS : When.oneOf(literals);
      selected[i] = new Selected(found.item.field(), types, found.types, when);
    }
    return selected;
  }

  private static Use[] uses(List<Found> same) {
    if (same.size() == 1) {
      return new Use[] {new Use(same.get(0).item.field().getName(), same.get(0).types)};
    }
    Set<Use> uses = new LinkedHashSet<>();
    for (Found found : same) {
      uses.add(new Use(found.item.field().getName(), found.types));
    }
    return uses.toArray(Use[]::new);
  }

  private Merge below(List<Found> same, int[] residuals) {
    List<int[]> parts = new ArrayList<>(residuals.length);
    for (int i = 0; i < residuals.length; i++) {
      Found found = same.get(i);
      Written below = found.item.below();
      if (below == null) {
        throw new InvalidDocumentException(
            "selections of " + found.item.key() + " do not agree whether it has fields");
      }
      TypeSet narrowed = sets.below(found.types, found.item.field().getName());
      parts.add(new int[] {below.id, narrowed.id, residuals[i]});
    }
    return Merge.of(parts, conditions);
  }
}
