package dev.gatehouse.graphql.http;

import dev.gatehouse.core.Principal;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Automatic persisted queries: documents that clients registered by their SHA-256, so that they
 * need not send them again.
 *
 * <p>Known callers alone may register one, and find only what was registered for their own tenant.
 * A text is kept under a hash only if it is its hash, and once it has run: one that is not valid,
 * or not within its caller's limits, takes no room. What is kept is bounded. Where there is no room
 * left, the tenant that takes the most of it loses what it used least recently, so that no tenant
 * takes another's share.
 */
public final class PersistedQueries {
  private static final int OVERHEAD = 100;

  private final long maxCharacters;
  private final int longest;
  private final Map<String, Share> shares = new HashMap<>();
  private long taken;

  /** What is kept for one tenant, from what was used least recently on. */
  private static final class Share {
    private final Map<String, String> texts = new LinkedHashMap<>(16, 0.75f, true);
    private long taken;

    long taken() {
      return taken;
    }
  }

  private PersistedQueries(long maxCharacters) {
    this.maxCharacters = maxCharacters;
    this.longest = (int) Math.min(Integer.MAX_VALUE - OVERHEAD, maxCharacters / 16);
  }

  /** Keeps so many characters of documents in memory; no single one takes more than a sixteenth. */
  public static PersistedQueries inMemory(long maxCharacters) {
    if (maxCharacters < 1_000) {
      throw new IllegalArgumentException(
          "persisted queries need room for 1,000 characters or more");
    }
    return new PersistedQueries(maxCharacters);
  }

  synchronized @Nullable String find(Principal caller, String hash) {
    Share share = shares.get(tenant(caller));
    return share == null ? null : share.texts.get(hash);
  }

  /** Keeps a text whose hash was checked. */
  synchronized void keep(Principal caller, String hash, String text) {
    if (text.length() > longest) {
      return;
    }
    Share share = shares.computeIfAbsent(tenant(caller), first -> new Share());
    if (share.texts.putIfAbsent(hash, text) == null) {
      take(share, text.length() + OVERHEAD);
    }
    while (taken > maxCharacters) {
      dropOne();
    }
  }

  // there are no more tenants to look at than there are documents
  private void dropOne() {
    Map.Entry<String, Share> largest =
        Collections.max(
            shares.entrySet(), Map.Entry.comparingByValue(Comparator.comparingLong(Share::taken)));
    Share share = largest.getValue();
    Iterator<String> texts = share.texts.values().iterator();
    take(share, -(texts.next().length() + OVERHEAD));
    texts.remove();
    if (!texts.hasNext()) {
      shares.remove(largest.getKey());
    }
  }

  private void take(Share share, int characters) {
    share.taken += characters;
    taken += characters;
  }

  // no tenant's name is empty
  private static String tenant(Principal caller) {
    return caller.tenant().map(tenant -> tenant.value()).orElse("");
  }
}
