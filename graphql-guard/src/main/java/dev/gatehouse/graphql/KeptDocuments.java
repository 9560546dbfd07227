package dev.gatehouse.graphql;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import graphql.ExecutionInput;
import graphql.GraphQLContext;
import graphql.execution.preparsed.PreparsedDocumentEntry;
import graphql.execution.preparsed.PreparsedDocumentProvider;
import graphql.schema.GraphQLSchema;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps documents that are valid, by their whole text and for the very schema that they were
 * validated against, so that neither they nor their plans are worked out again.
 *
 * <p>Nothing is kept that depends on a caller: limits are judged with each request. A document with
 * errors is not kept, so whoever sends nonsense pushes nothing out.
 */
final class KeptDocuments implements PreparsedDocumentProvider {
  private static final int MAX_SCHEMAS = 8;
  private static final int LARGEST_SHARE = 8;

  /** In a request's context: the schema that it came to, and the one that it was validated for. */
  private enum Key {
    ASKED,
    VALIDATED
  }

  private final long maxCharacters;
  private final LoadingCache<GraphQLSchema, Cache<String, PreparsedDocumentEntry>> bySchema;

  KeptDocuments(long maxCharacters) {
    this.maxCharacters = maxCharacters;
    this.bySchema =
        Caffeine.newBuilder().weakKeys().maximumSize(MAX_SCHEMAS).build(schema -> documents());
  }

  private Cache<String, PreparsedDocumentEntry> documents() {
    return Caffeine.newBuilder()
        .maximumWeight(maxCharacters)
        .weigher((String text, PreparsedDocumentEntry entry) -> text.length() + 1)
        .executor(Runnable::run)
        .build();
  }

  /** Notes which schema a request came to. */
  static void asked(GraphQLContext context, GraphQLSchema schema) {
    // whoever uses one context for several requests
    context.delete(Key.VALIDATED);
    context.put(Key.ASKED, schema);
  }

  /**
   * Notes which schema its document is validated against, which instrumentation may have changed.
   */
  static void validated(GraphQLContext context, GraphQLSchema schema) {
    context.put(Key.VALIDATED, schema);
  }

  /** Whether a document that was kept is about to run on another schema than it is valid for. */
  static boolean isOfAnother(GraphQLContext context, GraphQLSchema schema) {
    GraphQLSchema validated = context.get(Key.VALIDATED);
    return validated != null && validated != schema;
  }

  @Override
  public CompletableFuture<PreparsedDocumentEntry> getDocumentAsync(
      ExecutionInput input, Function<ExecutionInput, PreparsedDocumentEntry> parse) {
    return CompletableFuture.completedFuture(document(input, parse));
  }

  private PreparsedDocumentEntry document(
      ExecutionInput input, Function<ExecutionInput, PreparsedDocumentEntry> parse) {
    GraphQLContext context = input.getGraphQLContext();
    @Nullable GraphQLSchema schema = context.get(Key.ASKED);
    if (schema == null || input.getQuery().length() > maxCharacters / LARGEST_SHARE) {
      return parse.apply(input);
    }
    Cache<String, PreparsedDocumentEntry> documents = bySchema.get(schema);
    PreparsedDocumentEntry kept = documents.getIfPresent(input.getQuery());
    if (kept != null) {
      validated(context, schema);
      return kept;
    }
    PreparsedDocumentEntry parsed = parse.apply(input);
    boolean valid = !parsed.hasErrors() && parsed.getDocument() != null;
    if (valid && context.get(Key.VALIDATED) == schema) {
      documents.put(input.getQuery(), parsed);
    }
    return parsed;
  }
}
