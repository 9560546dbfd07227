package dev.gatehouse.graphql.http;

import dev.gatehouse.core.BoundedJson;
import dev.gatehouse.core.Principal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The documents that were known when clients were built: a manifest of texts by their SHA-256.
 *
 * <p>A known document is one to the letter: a space more is another. It has the same limits and the
 * same price as any other.
 *
 * <pre>{@code
 * TrustedDocuments.read(Path.of("persisted-documents.json"))
 *     .modes(principal -> isInternal(principal) ? Mode.ALLOW_KNOWN : Mode.ONLY_KNOWN)
 * }</pre>
 */
public final class TrustedDocuments {
  private static final long MAX_MANIFEST_BYTES = 64L << 20;
  private static final BoundedJson JSON = BoundedJson.ofDepth(8);

  /** What a client may send. */
  public enum Mode {
    /** Texts alone: the manifest is not looked at. */
    OFF,
    /** Texts, and hashes of known documents. */
    ALLOW_KNOWN,
    /** Known documents alone, by hash or by text. */
    ONLY_KNOWN
  }

  private final Map<String, String> documents;
  private final Function<Optional<Principal>, Mode> modes;

  private TrustedDocuments(
      Map<String, String> documents, Function<Optional<Principal>, Mode> modes) {
    this.documents = documents;
    this.modes = modes;
  }

  /** Of these texts, and no others. */
  public static TrustedDocuments of(List<String> texts) {
    Map<String, String> documents = new HashMap<>();
    texts.forEach(text -> documents.put(Sha256.of(text), text));
    return new TrustedDocuments(Map.copyOf(documents), caller -> Mode.ONLY_KNOWN);
  }

  /**
   * Of a manifest: an object of texts by their hash, or one of the format {@code
   * apollo-persisted-query-manifest}. Blocks; for the start.
   *
   * @throws IllegalArgumentException if it cannot be read, or a hash is not its text's
   */
  public static TrustedDocuments read(Path manifest) {
    byte[] bytes;
    try {
      if (Files.size(manifest) > MAX_MANIFEST_BYTES) {
        throw new IllegalArgumentException("the manifest " + manifest + " is larger than 64 MiB");
      }
      bytes = Files.readAllBytes(manifest);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the manifest " + manifest + " cannot be read: check that it exists", e);
    }
    Map<String, ?> members =
        JSON.object(bytes)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the manifest " + manifest + " is no JSON object"));
    Map<String, String> documents = new HashMap<>();
    members(members)
        .forEach((hash, text) -> documents.put(bare(hash), checked(manifest, hash, text)));
    return new TrustedDocuments(Map.copyOf(documents), caller -> Mode.ONLY_KNOWN);
  }

  private static Map<String, ?> members(Map<String, ?> manifest) {
    if (!(manifest.get("operations") instanceof List<?> operations)) {
      return manifest;
    }
    Map<String, @Nullable Object> byHash = new HashMap<>();
    for (Object each : operations) {
      Map<?, ?> operation = each instanceof Map<?, ?> map ? map : Map.of();
      byHash.put(String.valueOf(operation.get("id")), operation.get("body"));
    }
    return byHash;
  }

  private static String checked(Path manifest, String hash, @Nullable Object text) {
    if (!(text instanceof String document) || !Sha256.of(document).equals(bare(hash))) {
      throw new IllegalArgumentException(
          "the manifest " + manifest + " has a document whose hash is not its SHA-256");
    }
    return document;
  }

  private static String bare(String hash) {
    return hash.startsWith("sha256:") ? hash.substring("sha256:".length()) : hash;
  }

  /** The same documents, with what each client may send; without it, known documents alone. */
  public TrustedDocuments modes(Function<Optional<Principal>, Mode> value) {
    return new TrustedDocuments(documents, value);
  }

  Mode mode(Optional<Principal> caller) {
    return modes.apply(caller);
  }

  @Nullable String byHash(String hash) {
    return documents.get(hash);
  }

  boolean knows(String text) {
    return documents.containsKey(Sha256.of(text));
  }
}
