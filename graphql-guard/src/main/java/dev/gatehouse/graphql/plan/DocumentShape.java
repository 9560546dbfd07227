package dev.gatehouse.graphql.plan;

import graphql.language.Argument;
import graphql.language.ArrayValue;
import graphql.language.Directive;
import graphql.language.Document;
import graphql.language.Field;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.InlineFragment;
import graphql.language.ListType;
import graphql.language.Node;
import graphql.language.ObjectField;
import graphql.language.ObjectValue;
import graphql.language.OperationDefinition;
import graphql.language.SelectionSet;
import graphql.language.VariableDefinition;
import graphql.language.VariableReference;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a document was written with, found from the document itself: a text that comes with a
 * request need not be the one that was parsed.
 *
 * <p>The number of tokens is exact where the document keeps its source locations. Without them the
 * keyword of an anonymous query, which may be left out, is taken to be there.
 *
 * @param tokens lexical tokens
 * @param inputDepth how deep lists and objects nest in a literal
 * @param listLength the elements of the longest list literal
 * @param enclosed how many lists and objects there are around a variable, at most; of those that
 *     stand in any
 */
record DocumentShape(long tokens, int inputDepth, int listLength, Map<String, Integer> enclosed) {
  static DocumentShape of(Document document) {
    Walk walk = new Walk();
    walk.open.push(document);
    while (!walk.open.isEmpty()) {
      Node<?> next = walk.open.pop();
      walk.tokens += own(next);
      if (next instanceof ArrayValue || next instanceof ObjectValue) {
        walk.nested(next);
      } else {
        Children.each(next, walk.push);
      }
    }
    return new DocumentShape(walk.tokens, walk.deepest, walk.longest, Map.copyOf(walk.enclosed));
  }

  private static final class Walk {
    private final ArrayDeque<Node<?>> open = new ArrayDeque<>();
    private final Consumer<Node<?>> push = open::push;
    private long tokens;
    private int deepest;
    private int longest;
    private final Map<String, Integer> enclosed = new HashMap<>();

    private record Nested(Node<?> node, int depth) {}

    private void nested(Node<?> root) {
      ArrayDeque<Nested> inside = new ArrayDeque<>();
      tokens -= own(root);
      inside.push(new Nested(root, 0));
      while (!inside.isEmpty()) {
        Nested next = inside.pop();
        tokens += own(next.node);
        boolean nests = next.node instanceof ArrayValue || next.node instanceof ObjectValue;
        int depth = nests ? next.depth + 1 : next.depth;
        deepest = Math.max(deepest, depth);
        if (next.node instanceof ArrayValue list) {
          longest = Math.max(longest, list.getValues().size());
        } else if (next.node instanceof VariableReference variable) {
          enclosed.merge(variable.getName(), depth, Math::max);
        }
        Children.each(next.node, child -> inside.push(new Nested(child, depth)));
      }
    }
  }

  private static int own(Node<?> node) {
    if (node instanceof Field field) {
      return 1 + (field.getAlias() == null ? 0 : 2) + (field.getArguments().isEmpty() ? 0 : 2);
    }
    if (node instanceof Directive directive) {
      return 2 + (directive.getArguments().isEmpty() ? 0 : 2);
    }
    if (node instanceof OperationDefinition operation) {
      return operation(operation);
    }
    if (node instanceof VariableDefinition variable) {
      return 3 + (variable.getDefaultValue() == null ? 0 : 1);
    }
    if (node instanceof FragmentDefinition) {
      return 3;
    }
    if (node instanceof InlineFragment inline) {
      return inline.getTypeCondition() == null ? 1 : 2;
    }
    return simple(node);
  }

  private static int simple(Node<?> node) {
    if (node instanceof Document) {
      return 0;
    }
    boolean two =
        node instanceof SelectionSet
            || node instanceof Argument
            || node instanceof FragmentSpread
            || node instanceof VariableReference
            || node instanceof ObjectField
            || node instanceof ListType
            || node instanceof ArrayValue
            || node instanceof ObjectValue;
    // else a type's name, its exclamation mark, or a value
    return two ? 2 : 1;
  }

  private static int operation(OperationDefinition operation) {
    boolean isShort =
        operation.getName() == null
            && operation.getSourceLocation() != null
            && operation
                .getSourceLocation()
                .equals(operation.getSelectionSet().getSourceLocation());
    if (isShort) {
      return 0;
    }
    return 1
        + (operation.getName() == null ? 0 : 1)
        + (operation.getVariableDefinitions().isEmpty() ? 0 : 2);
  }
}
