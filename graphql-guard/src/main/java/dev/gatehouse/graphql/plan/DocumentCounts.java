package dev.gatehouse.graphql.plan;

import graphql.language.Document;
import graphql.language.OperationDefinition;

/**
 * What is counted in one walk over a document, however often its fragments are spread: it tells
 * whether a document may be worked out before that is tried.
 */
public final class DocumentCounts {
  final DocumentShape shape;
  private final long directives;

  private DocumentCounts(DocumentShape shape, long directives) {
    this.shape = shape;
    this.directives = directives;
  }

  static DocumentCounts of(Document document, OperationDefinition operation) {
    return new DocumentCounts(DocumentShape.of(document), DirectiveCount.of(document, operation));
  }

  /** Directives that the operation applies, those of a fragment again at each spread. */
  public long directives() {
    return directives;
  }

  /** Lexical tokens of the whole document. */
  public long tokens() {
    return shape.tokens();
  }
}
