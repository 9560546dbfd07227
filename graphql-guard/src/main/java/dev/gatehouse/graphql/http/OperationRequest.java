package dev.gatehouse.graphql.http;

import dev.gatehouse.core.BoundedJson;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for, well-formed and no more than that: its document is not parsed yet.
 *
 * <p>Members of a request that GraphQL over HTTP does not have are not read; {@code initialValue}
 * is one of them.
 *
 * @param query the document; null where it is named by its hash alone
 * @param hash the SHA-256 of the document in lower-case hex, if the client named it
 * @param operationName which operation; null where the document has only one
 * @param variables not coerced yet
 * @param extensions what the client sent along
 */
public record OperationRequest(
    @Nullable String query,
    @Nullable String hash,
    @Nullable String operationName,
    Map<String, @Nullable Object> variables,
    Map<String, @Nullable Object> extensions) {
  // deeper than any limit on inputs, and far from any stack's end
  static final BoundedJson JSON = BoundedJson.ofDepth(250);

  private static final String APQ = "persistedQuery";
  private static final String SHA256 = "sha256:";

  /** Reads a request's members; empty if one has another type than it must, or nothing is asked. */
  static Optional<OperationRequest> of(Map<String, @Nullable Object> members) {
    Object query = members.get("query");
    Object documentId = members.get("documentId");
    Object name = members.get("operationName");
    Optional<Map<String, @Nullable Object>> variables = object(members.get("variables"));
    Optional<Map<String, @Nullable Object>> extensions = object(members.get("extensions"));
    if (!isTextOrNull(query)
        || !isTextOrNull(documentId)
        || !isTextOrNull(name)
        || variables.isEmpty()
        || extensions.isEmpty()) {
      return Optional.empty();
    }
    Object named = extensions.get().get(APQ);
    if (named != null && documentId != null) {
      return Optional.empty();
    }
    String hash = named == null ? ofDocumentId((String) documentId) : ofPersistedQuery(named);
    boolean unreadable = (named != null || documentId != null) && hash == null;
    if (unreadable || (query == null && hash == null)) {
      return Optional.empty();
    }
    return Optional.of(
        new OperationRequest(
            (String) query, hash, (String) name, variables.get(), without(extensions.get())));
  }

  private static boolean isTextOrNull(@Nullable Object value) {
    return value == null || value instanceof String;
  }

  @SuppressWarnings("unchecked") // maps of the reader have texts as names
  private static Optional<Map<String, @Nullable Object>> object(@Nullable Object value) {
    if (value == null) {
      return Optional.of(Map.of());
    }
    return value instanceof Map
        ? Optional.of((Map<String, @Nullable Object>) value)
        : Optional.empty();
  }

  private static @Nullable String ofDocumentId(@Nullable String id) {
    if (id == null) {
      return null;
    }
    String hash = id.startsWith(SHA256) ? id.substring(SHA256.length()) : id;
    return Sha256.isHex(hash) ? hash : null;
  }

  private static @Nullable String ofPersistedQuery(Object named) {
    return named instanceof Map<?, ?> map
            && Integer.valueOf(1).equals(map.get("version"))
            && map.get("sha256Hash") instanceof String hash
            && Sha256.isHex(hash)
        ? hash
        : null;
  }

  // it is settled here: what lies behind must not settle it once more, and differently
  private static Map<String, @Nullable Object> without(Map<String, @Nullable Object> extensions) {
    if (!extensions.containsKey(APQ)) {
      return extensions;
    }
    Map<String, @Nullable Object> rest = new HashMap<>(extensions);
    rest.remove(APQ);
    return rest;
  }
}
