package dev.gatehouse.webhook.rfc9421;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Structured fields (RFC 9651, which takes in RFC 8941), read strictly and written canonically: for
 * every value there is one text, and what was read and written again is that text.
 *
 * <p>It is stricter than the RFC in two points. A dictionary's key or a parameter that comes twice
 * is refused, where the RFC lets the last one win: what two readers may read differently must not
 * be signed. Byte sequences are base64 in canonical form only.
 *
 * <p>Lengths and numbers of entries are bounded by {@link Limits}; depth is bounded by the format:
 * nothing nests deeper than the parameters of an inner list's item.
 */
public final class StructuredField {
  private StructuredField() {}

  /** The three kinds of field. */
  public enum Kind {
    /** Members with keys. */
    DICTIONARY,
    /** Members in order. */
    LIST,
    /** One value. */
    ITEM
  }

  /**
   * How much is read.
   *
   * @param characters of the whole field
   * @param members of a dictionary or a list
   * @param items of an inner list
   * @param parameters of one item or inner list
   */
  public record Limits(int characters, int members, int items, int parameters) {
    /** What no honest header reaches: 16,384 characters, 64 members, 64 items, 16 parameters. */
    public static final Limits DEFAULT = new Limits(16_384, 64, 64, 16);
  }

  /** What reading gave. */
  public sealed interface Parsed<T> {}

  /** The field was well formed. */
  public record Read<T>(T value) implements Parsed<T> {}

  /**
   * The field was not well formed.
   *
   * @param at the position of the flaw, in characters from 0
   * @param flaw what is wrong there; repeats nothing of the field
   * @param twice whether the flaw is a key or parameter that comes twice
   */
  public record Malformed<T>(int at, String flaw, boolean twice) implements Parsed<T> {}

  /** A member of a dictionary or a list: an {@link Item} or an {@link InnerList}. */
  public sealed interface Member {
    /** The parameters, in their order. */
    Map<String, Bare> parameters();

    /** The canonical text. */
    String serialize();
  }

  /** A value with parameters. */
  public record Item(Bare value, Map<String, Bare> parameters) implements Member {
    /** Keeps the parameters' order. */
    public Item {
      parameters = ordered(parameters);
    }

    @Override
    public String serialize() {
      return value.serialize() + serializeParameters(parameters);
    }
  }

  /** Items in parentheses, with parameters. */
  public record InnerList(List<Item> items, Map<String, Bare> parameters) implements Member {
    /** Copies, and keeps the parameters' order. */
    public InnerList {
      items = List.copyOf(items);
      parameters = ordered(parameters);
    }

    @Override
    public String serialize() {
      StringJoiner joined = new StringJoiner(" ", "(", ")");
      items.forEach(item -> joined.add(item.serialize()));
      return joined + serializeParameters(parameters);
    }
  }

  /** A value without parameters. */
  public sealed interface Bare {
    /** The canonical text. */
    String serialize();
  }

  /** An integer of at most 15 digits. */
  public record Int(long value) implements Bare {
    @Override
    public String serialize() {
      return Long.toString(value);
    }
  }

  /** A decimal of at most 12 digits before and 3 after the point. */
  public record Decimal(BigDecimal value) implements Bare {
    @Override
    public String serialize() {
      BigDecimal shortest = value.stripTrailingZeros();
      return (shortest.scale() < 1 ? shortest.setScale(1) : shortest).toPlainString();
    }
  }

  /** A string of printable ASCII. */
  public record Text(String value) implements Bare {
    @Override
    public String serialize() {
      return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
  }

  /** A token. */
  public record Token(String value) implements Bare {
    @Override
    public String serialize() {
      return value;
    }
  }

  /** A byte sequence, as its base64. */
  public record Bytes(String base64) implements Bare {
    /** A sequence of these bytes. */
    public static Bytes of(byte[] bytes) {
      return new Bytes(Base64.getEncoder().encodeToString(bytes));
    }

    /** The bytes. */
    public byte[] decode() {
      return Base64.getDecoder().decode(base64);
    }

    @Override
    public String serialize() {
      return ":" + base64 + ":";
    }
  }

  /** A boolean. */
  public record Bool(boolean value) implements Bare {
    @Override
    public String serialize() {
      return value ? "?1" : "?0";
    }
  }

  /** A date, in seconds since the epoch. */
  public record Date(long seconds) implements Bare {
    @Override
    public String serialize() {
      return "@" + seconds;
    }
  }

  /** A text of any characters. */
  public record DisplayText(String value) implements Bare {
    @Override
    public String serialize() {
      StringBuilder text = new StringBuilder("%\"");
      for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
        boolean plain = b >= ' ' && b <= '~' && b != '%' && b != '"';
        if (plain) {
          text.append((char) b);
        } else {
          text.append('%').append(Character.forDigit(b >> 4 & 15, 16));
          text.append(Character.forDigit(b & 15, 16));
        }
      }
      return text.append('"').toString();
    }
  }

  /** Reads a dictionary. */
  public static Parsed<Map<String, Member>> dictionary(String text, Limits limits) {
    return StructuredFieldParser.read(text, limits, StructuredFieldParser::dictionary);
  }

  /** Reads a list. */
  public static Parsed<List<Member>> list(String text, Limits limits) {
    return StructuredFieldParser.read(text, limits, StructuredFieldParser::list);
  }

  /** Reads an item. */
  public static Parsed<Item> item(String text, Limits limits) {
    return StructuredFieldParser.read(text, limits, StructuredFieldParser::item);
  }

  /** Reads a field of that kind and writes it canonically. */
  public static Parsed<String> canonical(Kind kind, String text, Limits limits) {
    return StructuredFieldParser.read(
        text,
        limits,
        parser ->
            switch (kind) {
              case DICTIONARY -> serialize(parser.dictionary());
              case LIST -> serialize(parser.list());
              case ITEM -> parser.item().serialize();
            });
  }

  /** A dictionary's canonical text; a member that is true has no value. */
  public static String serialize(Map<String, Member> dictionary) {
    StringJoiner joined = new StringJoiner(", ");
    dictionary.forEach(
        (key, member) -> {
          boolean isTrue = member instanceof Item item && item.value().equals(new Bool(true));
          joined.add(
              key + (isTrue ? serializeParameters(member.parameters()) : "=" + member.serialize()));
        });
    return joined.toString();
  }

  /** A list's canonical text. */
  public static String serialize(List<Member> list) {
    StringJoiner joined = new StringJoiner(", ");
    list.forEach(member -> joined.add(member.serialize()));
    return joined.toString();
  }

  private static String serializeParameters(Map<String, Bare> parameters) {
    StringBuilder text = new StringBuilder();
    parameters.forEach(
        (key, value) -> {
          text.append(';').append(key);
          if (!value.equals(new Bool(true))) {
            text.append('=').append(value.serialize());
          }
        });
    return text.toString();
  }

  private static Map<String, Bare> ordered(Map<String, Bare> parameters) {
    return java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }
}
