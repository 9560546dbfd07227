package dev.gatehouse.webhook.scheme;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How a signature's or a key's bytes are written as text.
 *
 * <p>Decoding is strict: one text for each value. Upper-case hex (but for {@link #HEX_ANY_CASE}),
 * missing or surplus padding, white space and stray trailing bits are not decoded, so that one
 * signature has one spelling.
 */
public enum Encoding {
  /** Two lower-case digits a byte. */
  HEX {
    @Override
    public int length(String text, int from, int to) {
      return (to - from) % 2 == 0 ? (to - from) / 2 : -1;
    }

    @Override
    public boolean decode(String text, int from, int to, byte[] into) {
      return decodeHex(text, from, length(text, from, to), into, HEX_DIGITS);
    }

    @Override
    public String encode(byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
  },
  /** Two digits a byte, each in either case; for providers who say that the case means nothing. */
  HEX_ANY_CASE {
    @Override
    public int length(String text, int from, int to) {
      return HEX.length(text, from, to);
    }

    @Override
    public boolean decode(String text, int from, int to, byte[] into) {
      return decodeHex(text, from, length(text, from, to), into, ANY_HEX_DIGITS);
    }

    @Override
    public String encode(byte[] bytes) {
      return HEX.encode(bytes);
    }
  },
  /** Base64 with padding (RFC 4648, section 4). */
  BASE64 {
    @Override
    public int length(String text, int from, int to) {
      return (to - from) % 4 == 0 ? lengthOfBase64(unpadded(text, from, to) - from) : -1;
    }

    @Override
    public boolean decode(String text, int from, int to, byte[] into) {
      return decodeBase64(text, from, unpadded(text, from, to), into, SEXTETS);
    }

    @Override
    public String encode(byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    }
  },
  /** Base64 for URLs, without padding (RFC 4648, section 5). */
  BASE64URL {
    @Override
    public int length(String text, int from, int to) {
      return lengthOfBase64(to - from);
    }

    @Override
    public boolean decode(String text, int from, int to, byte[] into) {
      return decodeBase64(text, from, to, into, URL_SEXTETS);
    }

    @Override
    public String encode(byte[] bytes) {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
  },
  /** The text itself, as UTF-8. */
  TEXT {
    @Override
    public int length(String text, int from, int to) {
      return utf8(text, from, to).length;
    }

    @Override
    public boolean decode(String text, int from, int to, byte[] into) {
      byte[] bytes = utf8(text, from, to);
      System.arraycopy(bytes, 0, into, 0, bytes.length);
      return true;
    }

    @Override
    public String encode(byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  };

  private static final String LETTERS_AND_DIGITS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  private static final int[] SEXTETS = digits(LETTERS_AND_DIGITS + "+/");
  private static final int[] URL_SEXTETS = digits(LETTERS_AND_DIGITS + "-_");
  private static final int[] HEX_DIGITS = digits("0123456789abcdef");
  private static final int[] ANY_HEX_DIGITS = anyHexDigits();

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
  public final byte @Nullable [] decode(String text, int from, int to) {
    int length = length(text, from, to);
    if (length < 0) {
      return null;
    }
    byte[] bytes = new byte[length];
    return decode(text, from, to, bytes) ? bytes : null;
  }

  /** How many bytes a part of a text stands for, if it is well written; -1 if it cannot be. */
  public abstract int length(String text, int from, int to);

  /**
   * The same into an array, for a part of which {@link #length} knows the length.
   *
   * @param into takes that many bytes at its beginning; of no meaning if the answer is no
   * @return whether the part is exactly how they would be written
   */
  public abstract boolean decode(String text, int from, int to, byte[] into);

  /** The text for these bytes. */
  public abstract String encode(byte[] bytes);

  private static byte[] utf8(String text, int from, int to) {
    return text.substring(from, to).getBytes(StandardCharsets.UTF_8);
  }

  private static int unpadded(String text, int from, int to) {
    int end = to;
    while (end > from && end > to - 2 && text.charAt(end - 1) == '=') {
      end--;
    }
    return end;
  }

  private static int lengthOfBase64(int digits) {
    return digits % 4 == 1 ? -1 : (int) (digits * 3L / 4);
  }

  private static int[] anyHexDigits() {
    int[] digits = digits("0123456789abcdef");
    System.arraycopy(digits, 'a', digits, 'A', 6);
    return digits;
  }

  private static boolean decodeHex(String text, int from, int length, byte[] into, int[] digits) {
    // Negative once a character was no digit: asked once, and not for each.
    int flaw = 0;
    for (int i = 0; i < length; i++) {
      int both = digit(text, from + 2 * i, digits) << 4 | digit(text, from + 2 * i + 1, digits);
      flaw |= both;
      into[i] = (byte) both;
    }
    return length >= 0 && flaw >= 0;
  }

  // The JDK's decoder ignores the bits that a last, incomplete group leaves over, which would give
  // one signature several spellings; and it copies the text first.
  private static boolean decodeBase64(String text, int from, int to, byte[] into, int[] sextets) {
    int whole = to - (to - from) % 4;
    int at = 0;
    int flaw = 0;
    for (int i = from; i < whole; i += 4) {
      int group =
          digit(text, i, sextets) << 18
              | digit(text, i + 1, sextets) << 12
              | digit(text, i + 2, sextets) << 6
              | digit(text, i + 3, sextets);
      flaw |= group;
      into[at] = (byte) (group >> 16);
      into[at + 1] = (byte) (group >> 8);
      into[at + 2] = (byte) group;
      at += 3;
    }
    int rest = 0;
    for (int i = whole; i < to; i++) {
      rest |= digit(text, i, sextets) << (18 - 6 * (i - whole));
    }
    int length = lengthOfBase64(to - from);
    int surplus = rest;
    for (int shift = 16; at < length; shift -= 8) {
      into[at++] = (byte) (rest >> shift);
      surplus &= (1 << shift) - 1;
    }
    return length >= 0 && (flaw | rest) >= 0 && surplus == 0;
  }

  // The value of the digit there; negative if it is none. Without a branch, which the digits of a
  // signature would mislead.
  private static int digit(String text, int index, int[] digits) {
    char c = text.charAt(index);
    return digits[c & 0xFF] | (0xFF - c) >> 31;
  }

  private static int[] digits(String inOrder) {
    int[] digits = new int[256];
    Arrays.fill(digits, -1);
    for (int i = 0; i < inOrder.length(); i++) {
      digits[inOrder.charAt(i)] = i;
    }
    return digits;
  }
}
