package dev.gatehouse.graphql.http;

import dev.gatehouse.core.Principal;
import dev.gatehouse.graphql.ErrorCode;
import dev.gatehouse.graphql.GuardError;
import graphql.ExecutionInput;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the text of a request comes from: the client, the manifest, or what was registered. */
final class DocumentSource {
  private final @Nullable TrustedDocuments trusted;
  private final @Nullable PersistedQueries persisted;

  DocumentSource(@Nullable TrustedDocuments trusted, @Nullable PersistedQueries persisted) {
    this.trusted = trusted;
    this.persisted = persisted;
  }

  /** The text, or why there is none. */
  sealed interface Found {
    /** The document to run. */
    record Text(String document) implements Found {}

    /** It does not run. */
    record Refused(GuardError why) implements Found {}
  }

  Found find(OperationRequest request, Optional<Principal> caller) {
    String query = request.query();
    String hash = request.hash();
    // whoever names the marker of graphql-java's own persisted queries names no document
    if (ExecutionInput.PERSISTED_QUERY_MARKER.equals(query)) {
      return notAllowed("the document is not GraphQL");
    }
    if (query != null && hash != null && !Sha256.of(query).equals(hash)) {
      return notAllowed("the hash is not the document's");
    }
    TrustedDocuments.Mode mode = trusted == null ? TrustedDocuments.Mode.OFF : trusted.mode(caller);
    return query == null ? byHash(hash == null ? "" : hash, mode, caller) : byText(query, mode);
  }

  /** Keeps what a request that was found here registers; once it has run. */
  void ran(OperationRequest request, Optional<Principal> caller) {
    String query = request.query();
    String hash = request.hash();
    if (persisted != null && query != null && hash != null && caller.isPresent()) {
      persisted.keep(caller.get(), hash, query);
    }
  }

  private Found byHash(String hash, TrustedDocuments.Mode mode, Optional<Principal> caller) {
    if (trusted != null && mode != TrustedDocuments.Mode.OFF) {
      String known = trusted.byHash(hash);
      if (known != null) {
        return new Found.Text(known);
      }
    }
    if (mode == TrustedDocuments.Mode.ONLY_KNOWN) {
      return notAllowed("only known documents run here");
    }
    String kept = persisted == null || caller.isEmpty() ? null : persisted.find(caller.get(), hash);
    return kept != null
        ? new Found.Text(kept)
        : new Found.Refused(
            // Apollo's clients know this message, and send the text next
            GuardError.of(ErrorCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound"));
  }

  private Found byText(String query, TrustedDocuments.Mode mode) {
    if (mode == TrustedDocuments.Mode.ONLY_KNOWN && (trusted == null || !trusted.knows(query))) {
      return notAllowed("only known documents run here");
    }
    return new Found.Text(query);
  }

  private static Found notAllowed(String message) {
    return new Found.Refused(GuardError.of(ErrorCode.OPERATION_NOT_ALLOWED, message));
  }
}
