package dev.gatehouse.webhook.scheme;

import java.nio.charset.StandardCharsets;
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
    public byte @Nullable [] decode(String text) {
      return decodeHex(text);
    }

    @Override
    public String encode(byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
  },
  /** Base64 with padding (RFC 4648, section 4). */
  BASE64 {
    @Override
    public byte @Nullable [] decode(String text) {
      return text.length() % 4 == 0 ? decodeBase64(text, Base64.getDecoder()) : null;
    }

    @Override
    public String encode(byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    }
  },
  /** Base64 for URLs, without padding (RFC 4648, section 5). */
  BASE64URL {
    @Override
    public byte @Nullable [] decode(String text) {
      return text.indexOf('=') < 0 ? decodeBase64(text, Base64.getUrlDecoder()) : null;
    }

    @Override
    public String encode(byte[] bytes) {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
  },
  /** The text itself, as UTF-8. */
  TEXT {
    @Override
    public byte @Nullable [] decode(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String encode(byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  };

  /** The bytes, or null if the text is not exactly how they would be written. */
  public abstract byte @Nullable [] decode(String text);

  /** The text for these bytes. */
  public abstract String encode(byte[] bytes);

  private static byte @Nullable [] decodeHex(String text) {
    int length = text.length();
    if (length % 2 != 0) {
      return null;
    }
    byte[] bytes = new byte[length / 2];
    for (int i = 0; i < bytes.length; i++) {
      int high = hexDigit(text.charAt(2 * i));
      int low = hexDigit(text.charAt(2 * i + 1));
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

  private static byte @Nullable [] decodeBase64(String text, Base64.Decoder decoder) {
    try {
      byte[] bytes = decoder.decode(text);
      return hasStrayBits(text, bytes.length % 3) ? null : bytes;
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }

  // The last character before the padding carries 4 or 2 bits that belong to no byte. The JDK
  // ignores them, which would give one signature several spellings.
  private static boolean hasStrayBits(String text, int bytesInLastGroup) {
    if (bytesInLastGroup == 0) {
      return false;
    }
    int last = text.length() - 1;
    while (text.charAt(last) == '=') {
      last--;
    }
    int mask = bytesInLastGroup == 1 ? 0x0F : 0x03;
    return (sextet(text.charAt(last)) & mask) != 0;
  }

  private static int sextet(char c) {
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
      return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
      return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : 63;
  }
}
