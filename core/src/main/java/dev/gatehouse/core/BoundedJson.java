package dev.gatehouse.core;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON that a stranger wrote, whole or not at all: what two readers could understand
 * differently, or what would cost more than it is worth, is no JSON here.
 *
 * <p>Refused are a member that comes twice, bytes that are not UTF-8, a byte order mark, half a
 * surrogate pair, nesting beyond the bound, numbers that are longer than 100 characters or that no
 * double can hold, and anything after the value. Nothing recurses. Values are maps and lists in
 * their order, texts, booleans, null, whole numbers of the smallest type that holds them, and
 * {@link Double} where it holds the decimal exactly as written, else {@link BigDecimal}.
 *
 * <p>How many bytes are read is for the caller to bound, before there are any to read.
 */
public final class BoundedJson {
  private static final int MAX_NUMBER = 100;
  private static final int MAX_SCALE = 400;

  private final int maxDepth;
  private final JsonFactory factory;

  private BoundedJson(int maxDepth) {
    this.maxDepth = maxDepth;
    this.factory =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(maxDepth)
                    .maxNumberLength(MAX_NUMBER)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();
  }

  /**
   * A reader.
   *
   * @param maxDepth how deep lists and objects may nest; a text or a number alone has depth 0
   */
  public static BoundedJson ofDepth(int maxDepth) {
    return new BoundedJson(maxDepth);
  }

  /** Ends the reading of what is refused. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    Refused() {
      super("refused");
    }
  }

  /** A list or an object that is being read. */
  private static final class Open {
    final @Nullable Map<String, @Nullable Object> map;
    final @Nullable List<@Nullable Object> list;
    @Nullable String name;

    private Open(
        @Nullable Map<String, @Nullable Object> map, @Nullable List<@Nullable Object> list) {
      this.map = map;
      this.list = list;
    }

    static Open object() {
      return new Open(new LinkedHashMap<>(), null);
    }

    static Open list() {
      return new Open(null, new ArrayList<>());
    }

    Object value() {
      return map == null ? java.util.Objects.requireNonNull(list) : map;
    }

    void name(String text) throws Refused {
      if (map == null || map.containsKey(text)) {
        throw new Refused();
      }
      name = text;
    }

    void add(@Nullable Object value) {
      if (list != null) {
        list.add(value);
      } else if (map != null && name != null) {
        map.put(name, value);
      }
    }
  }

  /** The object; empty if the bytes are anything but exactly one JSON object. */
  @SuppressWarnings("unchecked") // the maps of this reader have texts as names
  public Optional<Map<String, @Nullable Object>> object(byte[] utf8) {
    return value(utf8).filter(Map.class::isInstance).map(m -> (Map<String, @Nullable Object>) m);
  }

  /** The object or list; empty if the bytes are anything but exactly one of these. */
  public Optional<Object> value(byte[] utf8) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      return Optional.of(read(text));
    } catch (CharacterCodingException notUtf8) {
      return Optional.empty();
    } catch (IOException unreadable) {
      // its message may quote what was read
      return Optional.empty();
    }
  }

  private Object read(String text) throws IOException {
    try (JsonParser parser = factory.createParser(text)) {
      ArrayDeque<Open> open = new ArrayDeque<>();
      Object root = null;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (root != null) {
          throw new Refused();
        }
        root = take(parser, token, open);
      }
      if (root == null) {
        throw new Refused();
      }
      return root;
    }
  }

  /** The whole value, if this token was its last. */
  private @Nullable Object take(JsonParser parser, JsonToken token, ArrayDeque<Open> open)
      throws IOException {
    Open here = open.peek();
    switch (token) {
      case START_OBJECT, START_ARRAY -> {
        if (open.size() == maxDepth) {
          throw new Refused();
        }
        open.push(token == JsonToken.START_OBJECT ? Open.object() : Open.list());
        return null;
      }
      case END_OBJECT, END_ARRAY -> {
        Object closed = open.pop().value();
        Open parent = open.peek();
        if (parent == null) {
          return closed;
        }
        parent.add(closed);
        return null;
      }
      case FIELD_NAME -> {
        if (here == null) {
          throw new Refused();
        }
        here.name(whole(parser.currentName()));
        return null;
      }
      default -> {
        if (here == null) {
          throw new Refused();
        }
        here.add(leaf(parser, token));
        return null;
      }
    }
  }

  private static @Nullable Object leaf(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> whole(parser.getText());
      case VALUE_NUMBER_INT -> parser.getNumberValue();
      case VALUE_NUMBER_FLOAT -> decimal(parser.getText());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw new Refused();
    };
  }

  // 1e-999999999 is a few bytes here and a gigabyte of zeros where somebody prints it
  private static Object decimal(String text) throws Refused {
    double nearest;
    BigDecimal exact;
    try {
      nearest = Double.parseDouble(text);
      exact = new BigDecimal(text);
    } catch (NumberFormatException beyondAnyScale) {
      throw new Refused();
    }
    if (Double.isInfinite(nearest) || Math.abs((long) exact.scale()) > MAX_SCALE) {
      throw new Refused();
    }
    return exact.compareTo(BigDecimal.valueOf(nearest)) == 0 ? (Object) nearest : (Object) exact;
  }

  private static String whole(String text) throws Refused {
    boolean hasSurrogates = text.chars().anyMatch(c -> Character.isSurrogate((char) c));
    if (hasSurrogates && !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new Refused();
    }
    return text;
  }
}
