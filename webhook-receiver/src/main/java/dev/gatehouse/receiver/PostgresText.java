package dev.gatehouse.receiver;

import org.jspecify.annotations.Nullable;

/**
 * Texts as PostgreSQL takes them: it has no NUL, and half a surrogate pair is no UTF-8. A sender
 * may sign either, and one such delivery must not keep the others of its batch out.
 */
final class PostgresText {
  private static final char REPLACEMENT = '\uFFFD';

  private PostgresText() {}

  static Incoming storable(Incoming d) {
    if (isClean(d.tenant())
        && isClean(d.senderId())
        && isClean(d.eventType())
        && isClean(d.contentType())
        && isClean(d.orderKey())) {
      return d;
    }
    return new Incoming(
        d.claimKey(),
        d.fingerprint(),
        d.source(),
        cleanOrNull(d.tenant()),
        d.scheme(),
        d.keyId(),
        cleanOrNull(d.senderId()),
        cleanOrNull(d.eventType()),
        d.method(),
        cleanOrNull(d.contentType()),
        d.headers(),
        d.body(),
        d.receivedAt(),
        d.signedAt(),
        d.verdict(),
        d.dedupeUntil(),
        d.deliver(),
        cleanOrNull(d.orderKey()));
  }

  private static @Nullable String cleanOrNull(@Nullable String text) {
    return text == null ? null : clean(text);
  }

  private static String clean(String text) {
    StringBuilder clean = new StringBuilder(text);
    for (int i = 0; i < clean.length(); i++) {
      if (isRefused(text, i)) {
        clean.setCharAt(i, REPLACEMENT);
      }
    }
    return clean.toString();
  }

  private static boolean isClean(@Nullable String text) {
    if (text == null) {
      return true;
    }
    for (int i = 0; i < text.length(); i++) {
      if (isRefused(text, i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isRefused(String text, int at) {
    char c = text.charAt(at);
    if (c == 0) {
      return true;
    }
    if (Character.isHighSurrogate(c)) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    return Character.isLowSurrogate(c)
        && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
  }
}
