package dev.gatehouse.graphql.plan;

import graphql.language.Argument;
import graphql.language.ArrayValue;
import graphql.language.Directive;
import graphql.language.Field;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.Node;
import graphql.language.ObjectValue;
import graphql.language.SelectionSet;
import graphql.language.Value;
import java.util.List;
import java.util.function.Consumer;

/**
 * The children of a document's nodes; as {@link Node#getChildren}, which copies them into a new
 * list each time, but for the kinds of which a document has many.
 */
final class Children {
  private Children() {}

  static void each(Node<?> node, Consumer<Node<?>> visit) {
    if (node instanceof Field field) {
      all(field.getArguments(), visit);
      all(field.getDirectives(), visit);
      if (field.getSelectionSet() != null) {
        visit.accept(field.getSelectionSet());
      }
    } else if (node instanceof SelectionSet set) {
      all(set.getSelections(), visit);
    } else if (node instanceof Argument argument) {
      visit.accept(argument.getValue());
    } else if (node instanceof FragmentSpread spread) {
      all(spread.getDirectives(), visit);
    } else if (node instanceof Directive directive) {
      all(directive.getArguments(), visit);
    } else if (node instanceof InlineFragment inline) {
      inline(inline, visit);
    } else if (node instanceof Value<?> value) {
      value(value, visit);
    } else {
      node.getChildren().forEach(visit::accept);
    }
  }

  private static void inline(InlineFragment inline, Consumer<Node<?>> visit) {
    if (inline.getTypeCondition() != null) {
      visit.accept(inline.getTypeCondition());
    }
    all(inline.getDirectives(), visit);
    visit.accept(inline.getSelectionSet());
  }

  private static void value(Value<?> value, Consumer<Node<?>> visit) {
    if (value instanceof ArrayValue list) {
      all(list.getValues(), visit);
    } else if (value instanceof ObjectValue object) {
      all(object.getObjectFields(), visit);
    }
  }

  @SuppressWarnings("rawtypes") // as the nodes declare them
  private static void all(List<? extends Node> nodes, Consumer<Node<?>> visit) {
    for (int i = 0; i < nodes.size(); i++) {
      visit.accept(nodes.get(i));
    }
  }
}
