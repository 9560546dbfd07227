package dev.gatehouse.graphql;

import graphql.ExecutionInput;
import graphql.execution.preparsed.PreparsedDocumentEntry;
import graphql.execution.preparsed.PreparsedDocumentProvider;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The documents of another provider, with what must be asked before they are executed and cannot be
 * answered at once; and with refusals of a document alone given to that provider as errors, which
 * is what it expects.
 */
final class GuardedDocuments implements PreparsedDocumentProvider {
  private final PreparsedDocumentProvider documents;
  private final Admission admission;
  private final boolean chargesAhead;

  GuardedDocuments(PreparsedDocumentProvider documents, Admission admission, boolean chargesAhead) {
    this.documents = documents;
    this.admission = admission;
    this.chargesAhead = chargesAhead;
  }

  @Override
  public CompletableFuture<PreparsedDocumentEntry> getDocumentAsync(
      ExecutionInput input, Function<ExecutionInput, PreparsedDocumentEntry> parse) {
    return documents
        .getDocumentAsync(input, each -> parsed(each, parse))
        .thenCompose(entry -> asked(input, entry));
  }

  private static PreparsedDocumentEntry parsed(
      ExecutionInput input, Function<ExecutionInput, PreparsedDocumentEntry> parse) {
    try {
      return parse.apply(input);
    } catch (Refusal e) {
      return new PreparsedDocumentEntry(e.getUnderlyingErrors());
    }
  }

  private CompletableFuture<PreparsedDocumentEntry> asked(
      ExecutionInput input, PreparsedDocumentEntry entry) {
    if (entry.hasErrors() || entry.getDocument() == null) {
      return CompletableFuture.completedFuture(entry);
    }
    return admission.ahead(input, entry.getDocument(), chargesAhead).thenApply(done -> entry);
  }
}
