package dev.gatehouse.graphql.plan;

import graphql.language.Argument;
import graphql.language.BooleanValue;
import graphql.language.Directive;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.Selection;
import graphql.language.SelectionSet;
import graphql.language.TypeName;
import graphql.language.Value;
import graphql.language.VariableReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The selection sets that an operation reaches, by number: each written once in the document stands
 * here once, however often fragments spread it.
 */
final class Selections {
  private final TypeSets sets;
  private final SchemaTypes types;
  private final Conditions conditions;
  private final Map<String, FragmentDefinition> fragments = new HashMap<>();
  private final IdentityHashMap<SelectionSet, Written> known = new IdentityHashMap<>();
  private final List<Written> all = new ArrayList<>();
  private final ArrayDeque<Written> open = new ArrayDeque<>();

  Selections(Document document, SchemaTypes types, TypeSets sets, Conditions conditions) {
    this.types = types;
    this.sets = sets;
    this.conditions = conditions;
    for (FragmentDefinition fragment : document.getDefinitionsOfType(FragmentDefinition.class)) {
      fragments.putIfAbsent(fragment.getName(), fragment);
    }
  }

  /** One selection set as it is written. */
  static final class Written {
    final int id;
    private final SelectionSet source;
    Item[] items = {};

    Written(int id, SelectionSet source) {
      this.id = id;
      this.source = source;
    }
  }

  /** One selection of a set. */
  sealed interface Item {
    /** The literals of its own {@code @skip} and {@code @include}. */
    int[] condition();
  }

  /**
   * A field.
   *
   * @param below its selection set; null for a leaf
   */
  record FieldItem(Field field, String key, int[] condition, @Nullable Written below)
      implements Item {}

  /**
   * A fragment, inline or spread.
   *
   * @param types what its type condition lets through; null where it has none
   * @param isSpread whether other spreads may lead to the same body
   */
  record FragmentItem(int[] condition, @Nullable TypeSet types, Written body, boolean isSpread)
      implements Item {}

  /** Reads a selection set and everything that it leads to. */
  Written read(SelectionSet root) {
    Written first = written(root);
    while (!open.isEmpty()) {
      Written next = open.pop();
      List<Item> items = new ArrayList<>(next.source.getSelections().size());
      for (Selection<?> selection : next.source.getSelections()) {
        Item item = item(selection);
        if (item != null) {
          items.add(item);
        }
      }
      next.items = items.toArray(Item[]::new);
    }
    return first;
  }

  Written get(int id) {
    return all.get(id);
  }

  private Written written(SelectionSet source) {
    Written found = known.get(source);
    if (found != null) {
      return found;
    }
    Written made = new Written(all.size(), source);
    known.put(source, made);
    all.add(made);
    open.push(made);
    return made;
  }

  private @Nullable Item item(Selection<?> selection) {
    if (selection instanceof Field field) {
      int[] condition = condition(field.getDirectives());
      return condition == null
          ? null
          : new FieldItem(
              field,
              field.getResultKey(),
              condition,
              field.getSelectionSet() == null ? null : written(field.getSelectionSet()));
    }
    if (selection instanceof InlineFragment inline) {
      int[] condition = condition(inline.getDirectives());
      return condition == null
          ? null
          : new FragmentItem(
              condition, set(inline.getTypeCondition()), written(inline.getSelectionSet()), false);
    }
    return spread((FragmentSpread) selection);
  }

  private @Nullable Item spread(FragmentSpread spread) {
    FragmentDefinition fragment = fragments.get(spread.getName());
    if (fragment == null) {
      throw new InvalidDocumentException("there is no fragment " + spread.getName());
    }
    int[] condition = condition(spread.getDirectives());
    return condition == null
        ? null
        : new FragmentItem(
            condition, set(fragment.getTypeCondition()), written(fragment.getSelectionSet()), true);
  }

  private @Nullable TypeSet set(@Nullable TypeName condition) {
    if (condition == null) {
      return null;
    }
    BitSet possible = types.possible(condition.getName());
    if (possible == null) {
      throw new InvalidDocumentException("there is no type " + condition.getName());
    }
    return sets.of(possible);
  }

  // null where a literal decides that the node is skipped
  private int @Nullable [] condition(List<Directive> directives) {
    int condition = Conditions.TRUE;
    for (Directive directive : directives) {
      boolean skip = directive.getName().equals("skip");
      if (!skip && !directive.getName().equals("include")) {
        continue;
      }
      Argument when = directive.getArgument("if");
      Value<?> value = when == null ? null : when.getValue();
      if (value instanceof VariableReference variable) {
        int literal = conditions.literal(variable.getName(), skip);
        condition = conditions.and(condition, new int[] {literal});
      } else if (!(value instanceof BooleanValue flag)) {
        throw new InvalidDocumentException("@" + directive.getName() + " has no boolean");
      } else if (flag.isValue() == skip) {
        return null;
      }
      if (condition == Conditions.FALSE) {
        return null;
      }
    }
    return conditions.literals(condition);
  }
}
