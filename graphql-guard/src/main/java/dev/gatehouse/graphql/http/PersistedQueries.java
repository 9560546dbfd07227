package dev.gatehouse.graphql.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.core.Principal;
import org.jspecify.annotations.Nullable;

/**
 * Automatic persisted queries: documents that clients registered by their SHA-256, so that they
 * need not send them again.
 *
 * <p>Known callers alone may register one, and find only what was registered for their own tenant.
 * A text is kept under a hash only if it is its hash; what is kept is bounded.
 */
public final class PersistedQueries {
  private final Cache<Key, String> documents;
  private final int longest;

  private record Key(String tenant, String hash) {}

  private PersistedQueries(long maxCharacters) {
    this.longest = (int) Math.min(Integer.MAX_VALUE, maxCharacters / 16);
    this.documents =
        Caffeine.newBuilder()
            .maximumWeight(maxCharacters)
            .weigher((Key key, String text) -> text.length() + 100)
            .executor(Runnable::run)
            .build();
  }

  /** Keeps so many characters of documents in memory; no single one takes more than a sixteenth. */
  public static PersistedQueries inMemory(long maxCharacters) {
    if (maxCharacters < 1_000) {
      throw new IllegalArgumentException(
          "persisted queries need room for 1,000 characters or more");
    }
    return new PersistedQueries(maxCharacters);
  }

  @Nullable String find(Principal caller, String hash) {
    return documents.getIfPresent(key(caller, hash));
  }

  /** Keeps a text whose hash was checked. */
  void keep(Principal caller, String hash, String text) {
    if (text.length() <= longest) {
      documents.put(key(caller, hash), text);
    }
  }

  // no tenant's name is empty
  private static Key key(Principal caller, String hash) {
    return new Key(caller.tenant().map(tenant -> tenant.value()).orElse(""), hash);
  }
}
