package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.plan.Selections.FieldItem;
import dev.gatehouse.graphql.plan.Selections.FragmentItem;
import dev.gatehouse.graphql.plan.Selections.Item;
import dev.gatehouse.graphql.plan.Selections.Written;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects merged selection sets by response key, as execution does, with the conditions kept. */
final class FieldGroups {
  private final Selections selections;
  private final Conditions conditions;
  private final Budget budget;

  FieldGroups(Selections selections, Conditions conditions, Budget budget) {
    this.selections = selections;
    this.conditions = conditions;
    this.budget = budget;
  }

  /** The selections of one response key on one type. */
  static final class Group {
    private final List<FieldItem> items = new ArrayList<>(1);
    private int[] conditions = {0};

    FieldItem first() {
      return items.get(0);
    }

    String name() {
      return first().field().getName();
    }

    List<FieldItem> items() {
      return items;
    }

    int[] conditions() {
      return conditions.length == items.size()
          ? conditions
          : Arrays.copyOf(conditions, items.size());
    }

    void add(FieldItem item, int condition) {
      if (conditions.length == items.size()) {
        conditions = Arrays.copyOf(conditions, 2 * conditions.length);
      }
      conditions[items.size()] = condition;
      items.add(item);
    }
  }

  private record Open(Written set, int condition) {}

  // nothing is in them between uses
  private final ArrayDeque<Open> open = new ArrayDeque<>();
  private Set<Long> spread = new HashSet<>();

  /** What an object of one type takes of the merged sets. */
  Map<String, Group> onType(int type, Merge merge) {
    Map<String, Group> groups = new LinkedHashMap<>();
    if (!spread.isEmpty()) {
      // not cleared: one that has grown would be slow to clear each time
      spread = new HashSet<>();
    }
    for (int i = merge.size() - 1; i >= 0; i--) {
      open.push(new Open(selections.get(merge.set(i)), merge.condition(i)));
    }
    while (!open.isEmpty()) {
      Open next = open.pop();
      budget.spend(next.set.items.length + 1L);
      for (Item item : next.set.items) {
        int condition = conditions.and(next.condition, item.condition());
        if (condition == Conditions.FALSE) {
          continue;
        }
        if (item instanceof FieldItem field) {
          groups.computeIfAbsent(field.key(), key -> new Group()).add(field, condition);
        } else if (item instanceof FragmentItem fragment
            && lets(fragment, type)
            && isNew(fragment, condition)) {
          open.push(new Open(fragment.body(), condition));
        }
      }
    }
    return groups;
  }

  private static boolean lets(FragmentItem fragment, int type) {
    return fragment.types() == null || fragment.types().has(type);
  }

  // a body that is already there under no condition, or under this one, adds nothing
  private boolean isNew(FragmentItem fragment, int condition) {
    if (!fragment.isSpread()) {
      return true;
    }
    long body = (long) fragment.body().id << 32;
    return !spread.contains(body | Conditions.TRUE) && spread.add(body | condition);
  }

  /** The type conditions that divide the possible types of merged sets. */
  List<TypeSet> typeConditions(TypeSet types, Merge merge) {
    if (types.members.length == 1) {
      return List.of();
    }
    Set<TypeSet> found = new LinkedHashSet<>();
    Set<Integer> seen = new HashSet<>();
    ArrayDeque<Written> open = new ArrayDeque<>();
    for (int i = 0; i < merge.size(); i++) {
      open.add(selections.get(merge.set(i)));
    }
    while (!open.isEmpty()) {
      Written next = open.poll();
      if (!seen.add(next.id)) {
        continue;
      }
      budget.spend(next.items.length + 1L);
      for (Item item : next.items) {
        if (item instanceof FragmentItem fragment) {
          open.add(fragment.body());
          if (fragment.types() != null) {
            found.add(fragment.types());
          }
        }
      }
    }
    return List.copyOf(found);
  }
}
