package dev.gatehouse.graphql.plan;

import graphql.language.Argument;
import graphql.language.Directive;
import graphql.language.Document;
import graphql.language.FragmentDefinition;
import graphql.language.FragmentSpread;
import graphql.language.Node;
import graphql.language.OperationDefinition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Counts the directives that an operation applies, those of a fragment again at each spread. */
final class DirectiveCount {
  private final Map<String, FragmentDefinition> fragments = new HashMap<>();
  private final Map<String, Part> parts = new HashMap<>();

  private DirectiveCount(Document document) {
    for (FragmentDefinition fragment : document.getDefinitionsOfType(FragmentDefinition.class)) {
      fragments.putIfAbsent(fragment.getName(), fragment);
    }
  }

  /** An operation or a fragment: what it applies itself, and what it spreads. */
  private static final class Part extends ChildrenFirst.Ordered {
    final List<Part> spreads = new ArrayList<>();
    long directives;
  }

  static long of(Document document, OperationDefinition operation) {
    DirectiveCount count = new DirectiveCount(document);
    Part root = new Part();
    count.read(operation, root);
    for (Part part : ChildrenFirst.order(root, DirectiveCount::below)) {
      for (Part spread : part.spreads) {
        part.directives = PathGraph.plus(part.directives, spread.directives);
      }
    }
    return root.directives;
  }

  private static void below(Part part, Consumer<Part> visit) {
    for (int i = part.spreads.size() - 1; i >= 0; i--) {
      visit.accept(part.spreads.get(i));
    }
  }

  private record Open(Node<?> definition, Part part) {}

  private void read(Node<?> root, Part into) {
    ArrayDeque<Open> definitions = new ArrayDeque<>();
    definitions.push(new Open(root, into));
    ArrayDeque<Node<?>> nodes = new ArrayDeque<>();
    Consumer<Node<?>> push = nodes::push;
    while (!definitions.isEmpty()) {
      Open next = definitions.pop();
      nodes.push(next.definition);
      while (!nodes.isEmpty()) {
        Node<?> node = nodes.pop();
        if (node instanceof Directive) {
          next.part.directives++;
        } else if (node instanceof FragmentSpread spread) {
          spread(spread, next.part, definitions);
        }
        if (!(node instanceof Argument)) {
          Children.each(node, push);
        }
      }
    }
  }

  private void spread(FragmentSpread spread, Part from, ArrayDeque<Open> definitions) {
    FragmentDefinition fragment = fragments.get(spread.getName());
    if (fragment == null) {
      throw new InvalidDocumentException("there is no fragment " + spread.getName());
    }
    Part known = parts.get(spread.getName());
    if (known == null) {
      known = new Part();
      parts.put(spread.getName(), known);
      definitions.push(new Open(fragment, known));
    }
    from.spreads.add(known);
  }
}
