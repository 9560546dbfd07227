package dev.gatehouse.graphql.plan;

import dev.gatehouse.graphql.cost.DirectivePrice;
import dev.gatehouse.graphql.cost.FieldPrice;
import dev.gatehouse.graphql.cost.FieldPricing;
import dev.gatehouse.graphql.cost.ListSize;
import dev.gatehouse.graphql.plan.CostGraph.Entry;
import dev.gatehouse.graphql.plan.CostGraph.Node;
import dev.gatehouse.graphql.plan.CostGraph.Region;
import dev.gatehouse.graphql.plan.CostGraph.Size;
import dev.gatehouse.graphql.plan.FieldGroups.Group;
import dev.gatehouse.graphql.plan.Selections.FieldItem;
import graphql.language.Field;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds the cost graph of one operation, breadth first, each node once. */
final class CostGraphBuilder {
  private final SchemaTypes types;
  private final TypeSets sets;
  private final Conditions conditions;
  private final FieldGroups groups;
  private final DirectivePrice directives;
  private final Budget budget;
  private final Map<Key, Node> nodes = new HashMap<>();
  private final ArrayDeque<Open> open = new ArrayDeque<>();
  private final Map<PriceKey, FieldPrice> prices = new HashMap<>();
  private final Map<SliceKey, Integer> slices = new HashMap<>();
  private final List<FieldPrice> sliceList = new ArrayList<>();
  private final Map<SliceKey, FieldPrice> oneRequired = new LinkedHashMap<>();
  private boolean hasNegativeLiteral;

  CostGraphBuilder(
      SchemaTypes types, TypeSets sets, Conditions conditions, FieldGroups groups, Budget budget) {
    this.types = types;
    this.sets = sets;
    this.conditions = conditions;
    this.groups = groups;
    this.budget = budget;
    this.directives = types.directives;
  }

  private record Key(int types, Merge merge, @Nullable ParentSize size) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && types == key.types
          && merge.equals(key.merge)
          && Objects.equals(size, key.size);
    }

    @Override
    public int hashCode() {
      return 31 * (31 * types + merge.hashCode()) + Objects.hashCode(size);
    }
  }

  private record Open(Node node, TypeSet types, Merge merge, @Nullable ParentSize size) {}

  /** The size that a field gives to some of the fields below it. */
  private record ParentSize(Set<String> fields, Size size) {}

  /** A price is that of one selection on one type. */
  private record PriceKey(Field selection, SchemaField field) {
    @Override
    @SuppressWarnings("ReferenceEquality") // the same text elsewhere is another selection
    public boolean equals(Object other) {
      return other instanceof PriceKey key && selection == key.selection && field == key.field;
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(selection) + System.identityHashCode(field);
    }
  }

  /** What decides how long a field's list becomes: mostly one variable for all its selections. */
  private record SliceKey(FieldPricing field, Object by) {
    static SliceKey of(Entry entry) {
      return new SliceKey(entry.field.pricing(), entry.price.slicedBy());
    }
  }

  CostGraph build(TypeSet rootTypes, int rootSet) {
    Node root = node(rootTypes, Merge.of(rootSet, 0, Conditions.TRUE), null);
    while (!open.isEmpty()) {
      Open next = open.poll();
      next.node.regions = regions(next).toArray(Region[]::new);
    }
    List<Node> dynamic = CostFolding.fold(root);
    return new CostGraph(root, dynamic, sliceList, hasNegativeLiteral, oneRequired.values());
  }

  private Node node(TypeSet possible, Merge merge, @Nullable ParentSize size) {
    Key key = new Key(possible.id, merge, size);
    Node known = nodes.get(key);
    if (known != null) {
      return known;
    }
    budget.spend();
    Node made = new Node();
    nodes.put(key, made);
    open.add(new Open(made, possible, merge, size));
    return made;
  }

  private List<Region> regions(Open place) {
    List<Region> regions = new ArrayList<>();
    List<TypeSet> dividing = groups.typeConditions(place.types, place.merge);
    for (int[] same : TypeRegions.of(place.types, dividing, budget)) {
      Map<String, Group> fields = groups.onType(same[0], place.merge);
      for (int[] region : TypeRegions.byFields(same, fields.values(), types, budget)) {
        regions.add(region(region, fields.values(), place.size));
      }
    }
    return regions;
  }

  private Region region(int[] members, Collection<Group> fields, @Nullable ParentSize size) {
    Region region = new Region();
    region.typeCost = Double.NEGATIVE_INFINITY;
    for (int type : members) {
      region.typeCost = Math.max(region.typeCost, types.weight(type));
    }
    List<Entry> entries = new ArrayList<>(fields.size());
    for (Group group : fields) {
      SchemaField field = types.field(members[0], group.name());
      if (field == null) {
        throw new InvalidDocumentException(
            "type " + types.object(members[0]).getName() + " has no field " + group.name());
      }
      // the schema's own description has a bound of its own, and a type's name costs nothing
      if (!field.isMeta() && !field.isTypename()) {
        entries.add(entry(field, group, size));
      }
    }
    region.entries = entries.toArray(Entry[]::new);
    return region;
  }

  private Entry entry(SchemaField field, Group group, @Nullable ParentSize size) {
    Field selection = group.first().field();
    FieldPrice price =
        field.pricing().isUniform()
            ? field.pricing().price(selection)
            : prices.computeIfAbsent(
                new PriceKey(selection, field), key -> field.pricing().price(selection));
    Entry entry = new Entry(field, price);
    entry.isCallConstant = price.isCallConstant();
    entry.callCost = entry.isCallConstant ? price.call(Map.of()) : 0;
    int[] all = group.conditions();
    int shared = conditions.common(all);
    int[] residuals = conditions.without(all, shared);
    entry.when = conditions.when(shared, residuals);
    entry.directives = directives(group, all);
    size(entry, size);
    checks(entry);
    if (field.below() != null) {
      entry.below = below(field, group, residuals, givenBelow(entry));
    }
    return entry;
  }

  private CostGraph.@Nullable Discounts directives(Group group, int[] all) {
    boolean priced = false;
    for (FieldItem item : group.items()) {
      priced |= !item.field().getDirectives().isEmpty() && directives.isPriced(item.field());
    }
    if (!priced) {
      return null;
    }
    Field[] selections = group.items().stream().map(FieldItem::field).toArray(Field[]::new);
    When[] when = new When[all.length];
    for (int i = 0; i < all.length; i++) {
      when[i] = When.oneOf(conditions.literals(all[i]));
    }
    return new CostGraph.Discounts(directives, selections, when);
  }

  private void size(Entry entry, @Nullable ParentSize parent) {
    if (entry.field.listLevels() == 0) {
      return;
    }
    double unsized = types.weights.defaultListSize();
    for (int level = 1; level < entry.field.listLevels(); level++) {
      entry.innerSize = CostGraph.times(entry.innerSize, unsized);
    }
    if (parent != null && parent.fields.contains(entry.field.name())) {
      entry.fromParent = parent.size;
    }
    boolean isOwn = entry.price.listSize().map(size -> size.sizedFields().isEmpty()).orElse(false);
    Size own = isOwn ? sliced(entry, unsized) : Size.of(unsized);
    entry.size = own.isConstant() && Double.isNaN(own.constant()) ? Size.of(unsized) : own;
  }

  private @Nullable ParentSize givenBelow(Entry entry) {
    ListSize size = entry.price.listSize().orElse(null);
    if (size == null || size.sizedFields().isEmpty()) {
      return null;
    }
    Size given = sliced(entry, FieldPrice.UNSLICED);
    boolean none = given.isConstant() && Double.isNaN(given.constant());
    return none ? null : new ParentSize(Set.copyOf(size.sizedFields()), given);
  }

  private Size sliced(Entry entry, double otherwise) {
    if (entry.price.isSliceConstant()) {
      return Size.of(entry.price.slice(Map.of()));
    }
    Integer known = slices.putIfAbsent(SliceKey.of(entry), sliceList.size());
    if (known == null) {
      known = sliceList.size();
      sliceList.add(entry.price);
    }
    return Size.of(known, otherwise);
  }

  private void checks(Entry entry) {
    FieldPrice price = entry.price;
    if (price.listSize().isEmpty()) {
      return;
    }
    if (!price.isSliceConstant()) {
      entry.hasChecks = true;
      sliced(entry, FieldPrice.UNSLICED);
      oneRequired.putIfAbsent(SliceKey.of(entry), price);
      return;
    }
    boolean negative = price.slice(Map.of()) < 0;
    hasNegativeLiteral |= negative;
    boolean notOne = price.slicesGiven(Map.of()) != 1;
    if (notOne) {
      oneRequired.putIfAbsent(SliceKey.of(entry), price);
    }
    entry.hasChecks = negative || notOne;
  }

  private Node below(SchemaField field, Group group, int[] residuals, @Nullable ParentSize size) {
    if (residuals.length == 1 && group.first().below() != null) {
      return node(
          sets.of(Objects.requireNonNull(field.below())),
          Merge.of(group.first().below().id, 0, residuals[0]),
          size);
    }
    List<int[]> parts = new ArrayList<>(residuals.length);
    for (int i = 0; i < residuals.length; i++) {
      FieldItem item = group.items().get(i);
      if (item.below() == null) {
        throw new InvalidDocumentException(field.coordinate() + " lacks a selection of fields");
      }
      parts.add(new int[] {item.below().id, 0, residuals[i]});
    }
    return node(sets.of(Objects.requireNonNull(field.below())), Merge.of(parts, conditions), size);
  }
}
