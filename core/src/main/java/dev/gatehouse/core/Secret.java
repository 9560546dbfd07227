package dev.gatehouse.core;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A secret (or a configured public key) that cannot be printed by accident, with the time in which
 * it is valid.
 *
 * <p>Its text comes out only through {@link #revealText} and {@link #revealBytes}: a search for
 * {@code reveal} finds every place that touches one. {@link #toString} never shows it, and there is
 * no {@code equals} on its content; {@link #matches} compares in constant time.
 *
 * <p>What cannot be a secret is refused when it is made: empty or blank text, an unresolved {@code
 * ${…}}, a known placeholder, nothing but zero bytes.
 */
public final class Secret {
  private static final List<String> PLACEHOLDERS = List.of("changeme", "secret", "password");

  private final String id;
  private final byte[] bytes;
  private final @Nullable Instant notBefore;
  private final @Nullable Instant notAfter;

  private Secret(String id, byte[] bytes, @Nullable Instant notBefore, @Nullable Instant notAfter) {
    this.id = id;
    this.bytes = bytes;
    this.notBefore = notBefore;
    this.notAfter = notAfter;
  }

  /**
   * A secret without limits of time.
   *
   * @param id a name for it that may be printed, such as {@code 2026-11}
   * @param text the secret
   * @throws IllegalArgumentException if the text cannot be a secret; the message names the id and
   *     the remedy, never the text
   */
  public static Secret of(String id, String text) {
    refusal(text)
        .ifPresent(
            why -> {
              throw new IllegalArgumentException("secret '" + id + "' " + why);
            });
    return new Secret(id, text.getBytes(StandardCharsets.UTF_8), null, null);
  }

  /** Why this text cannot be a secret, as the end of a sentence; empty if it can. */
  public static Optional<String> refusal(String text) {
    if (text.isBlank()) {
      return Optional.of("is empty: give the value that the sender shows");
    }
    if (text.startsWith("\ufeff")) {
      return Optional.of("holds a byte order mark at its beginning: save it as UTF-8 without one");
    }
    if (text.contains("${")) {
      return Optional.of("holds an unresolved ${…}: the variable or file it names is not set");
    }
    String folded = text.strip().toLowerCase(Locale.ROOT);
    if (PLACEHOLDERS.contains(folded) || folded.matches("your[-_].*")) {
      return Optional.of("is a placeholder: put the real value in its place");
    }
    if (text.chars().allMatch(c -> c == 0)) {
      return Optional.of("is all zero bytes: the value was not filled in");
    }
    return Optional.empty();
  }

  /** The same secret, valid from {@code notBefore} (inclusive) to {@code notAfter} (exclusive). */
  public Secret validBetween(@Nullable Instant from, @Nullable Instant until) {
    if (from != null && until != null && !from.isBefore(until)) {
      throw new IllegalArgumentException(
          "secret '" + id + "' ends before it begins: notBefore must be earlier than notAfter");
    }
    return new Secret(id, bytes, from, until);
  }

  /** The same secret under another name. */
  public Secret named(String newId) {
    return new Secret(newId, bytes, notBefore, notAfter);
  }

  /** The name of this secret, which may be printed. */
  public String id() {
    return id;
  }

  /** From when it is valid, if limited. */
  public Optional<Instant> notBefore() {
    return Optional.ofNullable(notBefore);
  }

  /** Until when it is valid, if limited; that moment itself is over. */
  public Optional<Instant> notAfter() {
    return Optional.ofNullable(notAfter);
  }

  /** The secret's text. Whoever calls it answers for where the text goes. */
  public String revealText() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A copy of the secret's UTF-8 bytes. Whoever calls it answers for where they go. */
  public byte[] revealBytes() {
    return bytes.clone();
  }

  /** Whether the candidate is this secret, in time that depends on the candidate's length only. */
  public boolean matches(byte[] candidate) {
    return MessageDigest.isEqual(candidate, bytes);
  }

  @Override
  public String toString() {
    return "Secret[" + id + ", redacted]";
  }
}
