package dev.gatehouse.webhook.scheme;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How a signature's or a key's bytes are written as text.
 *
 * <p>Decoding is strict: one text for each value. Upper-case hex, missing or surplus padding, white
 * space and stray trailing bits are not decoded, so that one signature has one spelling.
 */
public enum Encoding {
  /** Two lower-case digits a byte. */
  HEX {
    @Override
    public byte @Nullable [] decode(String text, int from, int to) {
      return decodeHex(text, from, to);
    }

    @Override
    public String encode(byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
  },
  /** Base64 with padding (RFC 4648, section 4). */
  BASE64 {
    @Override
    public byte @Nullable [] decode(String text, int from, int to) {
      if ((to - from) % 4 != 0) {
        return null;
      }
      int end = to;
      while (end > from && end > to - 2 && text.charAt(end - 1) == '=') {
        end--;
      }
      return decodeBase64(text, from, end, SEXTETS);
    }

    @Override
    public String encode(byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    }
  },
  /** Base64 for URLs, without padding (RFC 4648, section 5). */
  BASE64URL {
    @Override
    public byte @Nullable [] decode(String text, int from, int to) {
      return decodeBase64(text, from, to, URL_SEXTETS);
    }

    @Override
    public String encode(byte[] bytes) {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
  },
  /** The text itself, as UTF-8. */
  TEXT {
    @Override
    public byte @Nullable [] decode(String text, int from, int to) {
      return text.substring(from, to).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String encode(byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  };

  private static final byte[] SEXTETS = sextets('+', '/');
  private static final byte[] URL_SEXTETS = sextets('-', '_');

  /** The bytes, or null if the text is not exactly how they would be written. */
  public final byte @Nullable [] decode(String text) {
    return decode(text, 0, text.length());
  }

  /**
   * The bytes of a part of a text, or null if it is not exactly how they would be written.
   *
   * @param from where the part begins
   * @param to where it ends, exclusive
   */
  public abstract byte @Nullable [] decode(String text, int from, int to);

  /** The text for these bytes. */
  public abstract String encode(byte[] bytes);

  private static byte @Nullable [] decodeHex(String text, int from, int to) {
    int length = to - from;
    if (length % 2 != 0) {
      return null;
    }
    byte[] bytes = new byte[length / 2];
    for (int i = 0; i < bytes.length; i++) {
      int high = hexDigit(text.charAt(from + 2 * i));
      int low = hexDigit(text.charAt(from + 2 * i + 1));
      if ((high | low) < 0) {
        return null;
      }
      bytes[i] = (byte) (high << 4 | low);
    }
    return bytes;
  }

  private static int hexDigit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }

  // The JDK's decoder ignores the bits that a last, incomplete group leaves over, which would give
  // one signature several spellings; and it copies the text first.
  private static byte @Nullable [] decodeBase64(String text, int from, int to, byte[] sextets) {
    if ((to - from) % 4 == 1) {
      return null;
    }
    byte[] bytes = new byte[(int) ((to - from) * 3L / 4)];
    int whole = to - (to - from) % 4;
    int at = 0;
    // Negative once a character was none of the alphabet: asked once, and not for each group.
    int flaw = 0;
    for (int i = from; i < whole; i += 4) {
      int group =
          sextet(text.charAt(i), sextets) << 18
              | sextet(text.charAt(i + 1), sextets) << 12
              | sextet(text.charAt(i + 2), sextets) << 6
              | sextet(text.charAt(i + 3), sextets);
      flaw |= group;
      bytes[at] = (byte) (group >> 16);
      bytes[at + 1] = (byte) (group >> 8);
      bytes[at + 2] = (byte) group;
      at += 3;
    }
    int rest = 0;
    for (int i = whole; i < to; i++) {
      rest |= sextet(text.charAt(i), sextets) << (18 - 6 * (i - whole));
    }
    int surplus = rest;
    for (int shift = 16; at < bytes.length; shift -= 8) {
      bytes[at++] = (byte) (rest >> shift);
      surplus &= (1 << shift) - 1;
    }
    return (flaw | rest) >= 0 && surplus == 0 ? bytes : null;
  }

  private static int sextet(char c, byte[] sextets) {
    return c < sextets.length ? sextets[c] : -1;
  }

  private static byte[] sextets(char number62, char number63) {
    String alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + number62 + number63;
    byte[] sextets = new byte[128];
    Arrays.fill(sextets, (byte) -1);
    for (int i = 0; i < alphabet.length(); i++) {
      sextets[alphabet.charAt(i)] = (byte) i;
    }
    return sextets;
  }
}
