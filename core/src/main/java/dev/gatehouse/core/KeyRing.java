package dev.gatehouse.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Several keys at once, each with its validity window, replaced as a whole by {@link #reload}.
 *
 * <p>Readers see either the old keys or the new ones, never a mixture; a reload that fails changes
 * nothing and throws. Asking it neither blocks nor reads anything.
 *
 * @param <K> the decoded key, ready for use
 */
public final class KeyRing<K> {
  /** Turns a secret's text into a key. */
  @FunctionalInterface
  public interface Decoder<K> {
    /**
     * The key of that secret.
     *
     * @param secret the secret
     * @param index its position in the ring, from 0
     * @throws IllegalArgumentException if it is not in the right form; the message names the
     *     secret's id
     */
    K decode(Secret secret, int index);
  }

  /**
   * One key.
   *
   * @param index its position, from 0
   * @param id its secret's id
   * @param key the decoded key
   * @param notBefore from when it is valid, or null
   * @param notAfter until when it is valid, or null
   */
  public record Entry<K>(
      int index, String id, K key, @Nullable Instant notBefore, @Nullable Instant notAfter) {
    /** Whether the key has no validity window. */
    public boolean isAlwaysValid() {
      return notBefore == null && notAfter == null;
    }

    /** Whether the key may be used at that moment. */
    public boolean isValidAt(Instant now) {
      return (notBefore == null || !now.isBefore(notBefore))
          && (notAfter == null || now.isBefore(notAfter));
    }
  }

  private final SecretSource source;
  private final Decoder<K> decoder;
  private final AtomicReference<List<Entry<K>>> entries;

  private KeyRing(SecretSource source, Decoder<K> decoder) {
    this.source = source;
    this.decoder = decoder;
    this.entries = new AtomicReference<>(read());
  }

  /**
   * Loads a ring.
   *
   * @throws IllegalArgumentException if there is no secret, two have one id, or one is refused
   */
  public static <K> KeyRing<K> load(SecretSource source, Decoder<K> decoder) {
    return new KeyRing<>(source, decoder);
  }

  /** The keys of this moment, unmodifiable. */
  public List<Entry<K>> entries() {
    return entries.get();
  }

  /**
   * Reads all secrets again and replaces the keys at once.
   *
   * @throws IllegalArgumentException if one is refused; the keys stay as they were
   */
  public synchronized void reload() {
    // One at a time: a slow reload that read before a rotation must not undo a later one.
    entries.set(read());
  }

  private List<Entry<K>> read() {
    List<Secret> secrets = source.load();
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("no secret: give at least one");
    }
    List<Entry<K>> read = new ArrayList<>(secrets.size());
    for (Secret secret : secrets) {
      if (read.stream().anyMatch(e -> e.id().equals(secret.id()))) {
        throw new IllegalArgumentException(
            "two secrets are named '" + secret.id() + "': give each an id of its own");
      }
      int index = read.size();
      read.add(
          new Entry<>(
              index,
              secret.id(),
              decoder.decode(secret, index),
              secret.notBefore().orElse(null),
              secret.notAfter().orElse(null)));
    }
    return List.copyOf(read);
  }
}
