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
 */
record DocumentShape(long tokens, int inputDepth, int listLength) {
  private record Open(Node<?> node, int depth) {}

  static DocumentShape of(Document document) {
    long tokens = 0;
    int deepest = 0;
    int longest = 0;
    ArrayDeque<Open> open = new ArrayDeque<>();
    open.push(new Open(document, 0));
    while (!open.isEmpty()) {
      Open next = open.pop();
      tokens += own(next.node);
      boolean nests = next.node instanceof ArrayValue || next.node instanceof ObjectValue;
      int depth = nests ? next.depth + 1 : next.depth;
      deepest = Math.max(deepest, depth);
      if (next.node instanceof ArrayValue list) {
        longest = Math.max(longest, list.getValues().size());
      }
      for (Node<?> child : next.node.getChildren()) {
        open.push(new Open(child, depth));
      }
    }
    return new DocumentShape(tokens, deepest, longest);
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
