package dev.gatehouse.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * JSON as plain maps, lists, texts, booleans and numbers ({@link Long}, {@link BigInteger}, {@link
 * BigDecimal}), read so that nobody can read it otherwise: a key that stands twice is an error, for
 * a mask would remove one of the two and a client might read the other. A number is written as the
 * one that was read, digit for digit.
 */
final class StrictTree {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER = 64;
  // Beyond what any double has; 1e999999999 would be a gigabyte to whoever writes it out.
  private static final int MAX_SCALE = 1_000;
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER)
                  .build())
          .build();

  private StrictTree() {}

  /**
   * Reads one document.
   *
   * @throws IOException if it is not JSON, nested deeper than 64, or ambiguous
   */
  static @Nullable Object read(byte[] json) throws IOException {
    try (JsonParser parser = FACTORY.createParser(json)) {
      parser.nextToken();
      Object tree = value(parser);
      if (parser.nextToken() != null) {
        throw new IOException("more than one JSON value");
      }
      return tree;
    }
  }

  // Recursion is bounded by the parser, which refuses what is nested deeper than it may be.
  private static @Nullable Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw new IOException("no JSON value");
    }
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> whole(parser.getNumberValue());
      case VALUE_NUMBER_FLOAT -> decimal(parser.getDecimalValue());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new IOException("not a JSON value");
    };
  }

  private static Object whole(Number number) {
    return number instanceof BigInteger ? number : Long.valueOf(number.longValue());
  }

  private static Object decimal(BigDecimal number) throws IOException {
    if (!isBounded(number)) {
      throw new IOException("a number beyond all that a double holds");
    }
    return number;
  }

  // One that no double holds could be compared with nothing.
  private static boolean isBounded(BigDecimal number) {
    return number.precision() <= MAX_NUMBER
        && Math.abs((long) number.scale()) <= MAX_SCALE
        && Double.isFinite(number.doubleValue());
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value(parser));
    }
    return members;
  }

  private static List<@Nullable Object> array(JsonParser parser) throws IOException {
    List<@Nullable Object> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value(parser));
    }
    return items;
  }

  /**
   * Writes what {@link #read} gives, and other whole numbers, floats and doubles.
   *
   * @throws IllegalArgumentException if there is something else in it, or a number that {@link
   *     #read} would not take: of more than 64 digits or a scale beyond 1,000, or too large for a
   *     double
   */
  static byte[] write(@Nullable Object tree) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = FACTORY.createGenerator(bytes)) {
      write(tree, generator);
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot be written to", e);
    }
    return bytes.toByteArray();
  }

  private static void write(@Nullable Object tree, JsonGenerator out) throws IOException {
    if (tree instanceof JsonObject object) {
      write(object.getMap(), out);
    } else if (tree instanceof Map<?, ?> map) {
      out.writeStartObject();
      for (Map.Entry<?, ?> member : map.entrySet()) {
        out.writeFieldName(String.valueOf(member.getKey()));
        write(member.getValue(), out);
      }
      out.writeEndObject();
    } else if (tree instanceof Iterable<?> list) {
      out.writeStartArray();
      for (Object item : list) {
        write(item, out);
      }
      out.writeEndArray();
    } else {
      scalar(tree, out);
    }
  }

  private static void scalar(@Nullable Object value, JsonGenerator out) throws IOException {
    if (value == null) {
      out.writeNull();
    } else if (value instanceof String text) {
      out.writeString(text);
    } else if (value instanceof Boolean flag) {
      out.writeBoolean(flag);
    } else if (value instanceof BigInteger whole) {
      exact(new BigDecimal(whole), out);
    } else if (value instanceof BigDecimal decimal) {
      exact(decimal, out);
    } else if (value instanceof Double real) {
      requireFinite(real);
      out.writeNumber(real);
    } else if (value instanceof Float real) {
      requireFinite(real);
      out.writeNumber(real);
    } else if (isWhole(value)) {
      out.writeNumber(((Number) value).longValue());
    } else {
      throw new IllegalArgumentException("not a JSON value: " + value.getClass().getName());
    }
  }

  // Any other number may be a fraction, or larger than a long.
  private static boolean isWhole(Object value) {
    return value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte
        || value instanceof AtomicInteger
        || value instanceof AtomicLong;
  }

  private static void exact(BigDecimal value, JsonGenerator out) throws IOException {
    if (!isBounded(value)) {
      throw new IllegalArgumentException(
          "a number has at most "
              + MAX_NUMBER
              + " digits and a scale of at most "
              + MAX_SCALE
              + ", and is no larger than a double: round it");
    }
    out.writeNumber(value);
  }

  private static void requireFinite(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("JSON has no infinity and no NaN");
    }
  }
}
