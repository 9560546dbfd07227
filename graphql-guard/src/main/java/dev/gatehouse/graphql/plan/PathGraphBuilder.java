package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.plan.PathGraph.Edge;
import dev.gatehouse.graphql.plan.PathGraph.Node;
import dev.gatehouse.graphql.plan.PathGraph.Use;
import dev.gatehouse.graphql.plan.Selections.FieldItem;
import dev.gatehouse.graphql.plan.Selections.FragmentItem;
import dev.gatehouse.graphql.plan.Selections.Item;
import dev.gatehouse.graphql.plan.Selections.Written;
import graphql.language.Field;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

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
  private final ArrayDeque<Unread> open = new ArrayDeque<>();

  // nothing is in them between uses
  private final ArrayDeque<Open> stack = new ArrayDeque<>();
  private Set<Spread> spread = new HashSet<>();

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

  private record Unread(Node node, Merge merge) {}

  private record Open(Written set, TypeSet types, int condition) {}

  private record Spread(int body, int types, int condition) {}

  /** One selection of a response key. */
  private record Found(FieldItem item, TypeSet types, int condition) {}

  PathGraph build(TypeSet rootTypes, int rootSet) {
    Node root = node(Merge.of(rootSet, rootTypes.id, Conditions.TRUE));
    while (!open.isEmpty()) {
      Unread next = open.remove();
      Collection<List<Found>> found = collect(next.merge).values();
      Edge[] edges = new Edge[found.size()];
      int count = 0;
      for (List<Found> same : found) {
        edges[count++] = same.size() == 1 ? edge(same.get(0)) : edge(same);
      }
      next.node.edges = edges;
    }
    return new PathGraph(root, ChildrenFirst.order(root, PathGraphBuilder::below));
  }

  private static void below(Node node, Consumer<Node> visit) {
    for (int i = node.edges.length - 1; i >= 0; i--) {
      Node below = node.edges[i].below;
      if (below != null) {
        visit.accept(below);
      }
    }
  }

  private Node node(Merge merge) {
    Node known = nodes.get(merge);
    if (known != null) {
      return known;
    }
    budget.spend();
    Node made = new Node();
    nodes.put(merge, made);
    open.add(new Unread(made, merge));
    return made;
  }

  private Map<String, List<Found>> collect(Merge merge) {
    Map<String, List<Found>> found = new LinkedHashMap<>();
    if (!spread.isEmpty()) {
      // not cleared: one that has grown would be slow to clear each time
      spread = new HashSet<>();
    }
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
          add(found, new Found(field, next.types, condition));
        } else if (item instanceof FragmentItem fragment) {
          TypeSet narrowed =
              fragment.types() == null ? next.types : sets.meet(next.types, fragment.types());
          if (!narrowed.isEmpty() && isNew(fragment, narrowed, condition)) {
            stack.push(new Open(fragment.body(), narrowed, condition));
          }
        }
      }
    }
    return found;
  }

  // most keys are selected once
  private static void add(Map<String, List<Found>> all, Found found) {
    List<Found> before = all.putIfAbsent(found.item.key(), List.of(found));
    if (before == null) {
      return;
    }
    if (before.size() == 1) {
      List<Found> more = new ArrayList<>(before);
      more.add(found);
      all.put(found.item.key(), more);
    } else {
      before.add(found);
    }
  }

  private boolean isNew(FragmentItem fragment, TypeSet narrowed, int condition) {
    if (!fragment.isSpread()) {
      return true;
    }
    int body = fragment.body().id;
    return !spread.contains(new Spread(body, narrowed.id, Conditions.TRUE))
        && spread.add(new Spread(body, narrowed.id, condition));
  }

  private Edge edge(Found found) {
    Edge edge = new Edge();
    Field field = found.item.field();
    edge.when = conditions.when(found.condition);
    edge.hasAlias = field.getAlias() != null;
    edge.whenAliased = edge.hasAlias ? edge.when : When.ALWAYS;
    describe(edge, found);
    edge.uses = new Use[] {new Use(field.getName(), found.types)};
    edge.key = found.item.key();
    edge.selected = new Selected[] {new Selected(field, types, found.types, edge.when)};
    if (found.item.below() != null) {
      TypeSet below = sets.below(found.types, field.getName());
      edge.below = node(Merge.of(found.item.below().id, below.id, Conditions.TRUE));
    }
    return edge;
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
    edge.isPlainList |= !isMeta && field.listLevels() > 0;
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
      selected[i] =
          new Selected(found.item.field(), types, found.types, conditions.when(found.condition));
    }
    return selected;
  }

  private static Use[] uses(List<Found> same) {
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
