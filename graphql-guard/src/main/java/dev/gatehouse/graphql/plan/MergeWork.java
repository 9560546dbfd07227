package dev.gatehouse.graphql.plan;

import graphql.introspection.Introspection;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.OperationDefinition;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.schema.GraphQLFieldDefinition;
import graphql.schema.GraphQLFieldsContainer;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLSchema;
import graphql.schema.GraphQLType;
import graphql.schema.GraphQLTypeUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How much work it is to check that overlapping fields can be merged, found by merging them in the
 * same order as the rule does, without its comparisons and without recursion, until a budget ends.
 */
final class MergeWork {
  private final GraphQLSchema schema;
  private final Document document;
  private final Budget budget;
  private final Map<String, FragmentDefinition> fragments = new HashMap<>();
  private final Set<Set<FieldOn>> shapes = new HashSet<>();
  private final Set<Set<FieldOn>> parents = new HashSet<>();

  MergeWork(GraphQLSchema schema, Document document, Budget budget) {
    this.schema = schema;
    this.document = document;
    this.budget = budget;
    for (FragmentDefinition fragment : document.getDefinitionsOfType(FragmentDefinition.class)) {
      fragments.put(fragment.getName(), fragment);
    }
  }

  /** A selection on the type that it is written for, if that is known. */
  private record FieldOn(Field field, @Nullable GraphQLType parent) {
    @Override
    @SuppressWarnings("ReferenceEquality") // the same text elsewhere is another selection
    public boolean equals(Object other) {
      return other instanceof FieldOn on && field == on.field && parent == on.parent;
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(field) + System.identityHashCode(parent);
    }
  }

  private record Open(SelectionSet set, @Nullable GraphQLType parent) {}

  void run() {
    for (OperationDefinition operation : document.getDefinitionsOfType(OperationDefinition.class)) {
      Map<String, Set<FieldOn>> first = new LinkedHashMap<>();
      collect(first, operation.getSelectionSet(), root(operation));
      shapes(first.values());
      parents(first.values());
    }
  }

  private @Nullable GraphQLType root(OperationDefinition operation) {
    return switch (operation.getOperation()) {
      case QUERY -> schema.getQueryType();
      case MUTATION -> schema.getMutationType();
      case SUBSCRIPTION -> schema.getSubscriptionType();
    };
  }

  // all fields of a response key together, whatever their parents
  private void shapes(Collection<Set<FieldOn>> first) {
    ArrayDeque<Set<FieldOn>> open = new ArrayDeque<>(first);
    while (!open.isEmpty()) {
      Set<FieldOn> same = open.pop();
      budget.spend(same.size());
      if (shapes.add(same)) {
        open.addAll(below(same).values());
      }
    }
  }

  // once for each object type among the parents, each time with all that are no objects
  private void parents(Collection<Set<FieldOn>> first) {
    ArrayDeque<Set<FieldOn>> open = new ArrayDeque<>(first);
    while (!open.isEmpty()) {
      for (Set<FieldOn> group : groups(open.pop())) {
        budget.spend(group.size());
        if (parents.add(group)) {
          open.addAll(below(group).values());
        }
      }
    }
  }

  private Collection<Set<FieldOn>> groups(Set<FieldOn> same) {
    List<FieldOn> others = new ArrayList<>();
    Map<GraphQLType, Set<FieldOn>> groups = new LinkedHashMap<>();
    for (FieldOn field : same) {
      if (field.parent instanceof GraphQLObjectType object) {
        groups.computeIfAbsent(object, key -> new LinkedHashSet<>()).add(field);
      } else {
        others.add(field);
      }
    }
    if (groups.isEmpty()) {
      return List.of(new LinkedHashSet<>(others));
    }
    budget.spend((long) groups.size() * others.size());
    groups.values().forEach(group -> group.addAll(others));
    return groups.values();
  }

  private Map<String, Set<FieldOn>> below(Set<FieldOn> same) {
    Map<String, Set<FieldOn>> below = new LinkedHashMap<>();
    for (FieldOn on : same) {
      if (on.field.getSelectionSet() != null) {
        collect(below, on.field.getSelectionSet(), returned(on));
      }
    }
    return below;
  }

  private void collect(
      Map<String, Set<FieldOn>> into, SelectionSet set, @Nullable GraphQLType parent) {
    Set<String> visited = new HashSet<>();
    ArrayDeque<Open> open = new ArrayDeque<>();
    open.push(new Open(set, parent));
    while (!open.isEmpty()) {
      Open next = open.pop();
      budget.spend(next.set.getSelections().size() + 1L);
      for (Selection<?> selection : next.set.getSelections()) {
        if (selection instanceof Field field) {
          into.computeIfAbsent(field.getResultKey(), key -> new LinkedHashSet<>())
              .add(new FieldOn(field, next.parent));
        } else if (selection instanceof InlineFragment inline) {
          GraphQLType type =
              inline.getTypeCondition() == null
                  ? next.parent
                  : schema.getType(inline.getTypeCondition().getName());
          open.push(new Open(inline.getSelectionSet(), type));
        } else if (selection instanceof FragmentSpread spread && visited.add(spread.getName())) {
          spread(spread, open);
        }
      }
    }
  }

  private void spread(FragmentSpread spread, ArrayDeque<Open> open) {
    FragmentDefinition fragment = fragments.get(spread.getName());
    if (fragment != null) {
      GraphQLType type = schema.getType(fragment.getTypeCondition().getName());
      open.push(new Open(fragment.getSelectionSet(), type));
    }
  }

  private @Nullable GraphQLType returned(FieldOn on) {
    String name = on.field.getName();
    if (name.equals(Introspection.SchemaMetaFieldDef.getName())) {
      return schema.getType(Introspection.__Schema.getName());
    }
    if (name.equals(Introspection.TypeMetaFieldDef.getName())) {
      return schema.getType(Introspection.__Type.getName());
    }
    if (!(on.parent instanceof GraphQLFieldsContainer container)) {
      return null;
    }
    GraphQLFieldDefinition definition = container.getFieldDefinition(name);
    if (definition == null) {
      return null;
    }
    return GraphQLTypeUtil.unwrapAll(definition.getType());
  }
}
