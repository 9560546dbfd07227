package dev.gatehouse.webhook.rfc9421;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Base64 with padding (RFC 4648, section 4), of which each value has one text. */
final class StrictBase64 {
  private StrictBase64() {}

  /** The bytes, or null if the text is not exactly how they would be written. */
  static byte @Nullable [] decode(String text) {
    if (text.length() % 4 != 0) {
      return null;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      // The decoder lets stray bits of the last group pass: one signature would have spellings.
      return Base64.getEncoder().encodeToString(bytes).equals(text) ? bytes : null;
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }
}
