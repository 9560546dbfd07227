package dev.gatehouse.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.gatehouse.webhook.scheme.Pair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a few fields out of a JSON body that is <em>not verified yet</em>, because its signature,
 * or what is signed, stands there: in one pass, without a tree, and only what was asked for.
 *
 * <p>The body is UTF-8 and whole. A member that comes twice on the way to a field, nesting deeper
 * than {@value #MAX_DEPTH}, more than {@value #MAX_ITEMS} items under a wildcard, half a character
 * and anything after the document make it unreadable. A field that is an object or an array is told
 * from one that is absent: otherwise it could take an absent field's place in what is signed.
 */
final class JsonFields {
  static final int MAX_DEPTH = 64;
  static final int MAX_ITEMS = 100;
  private static final int MAX_FLAT = 1_000;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();

  /** What a field is. */
  enum Type {
    STRING,
    NUMBER,
    BOOLEAN,
    NULL,
    STRUCTURE
  }

  /** A field: its type, and its text as it was written; empty for null and structures. */
  record Field(Type type, String text) {
    boolean isScalar() {
      return type != Type.NULL && type != Type.STRUCTURE;
    }
  }

  private final List<String> pointers;
  private final List<String[]> wanted = new ArrayList<>();
  private final Map<String, Field> found = new HashMap<>();
  private final Map<String, Integer> items = new HashMap<>();
  private int item;

  private JsonFields(Collection<String> pointers) {
    this.pointers = List.copyOf(pointers);
    for (String pointer : this.pointers) {
      wanted.add(segments(pointer));
    }
  }

  /**
   * The fields at these pointers (RFC 6901); {@code *} stands for every item of an array, once in a
   * pointer. Empty if the body cannot be read.
   */
  static Optional<JsonFields> read(byte[] body, Collection<String> pointers) {
    JsonFields reader = new JsonFields(pointers);
    try (JsonParser parser = JSON.createParser(utf8(body))) {
      if (parser.nextToken() == null) {
        return Optional.empty();
      }
      reader.value(parser, 0, reader.all());
      return parser.nextToken() == null ? Optional.of(reader) : Optional.empty();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /** The members of a flat object, null left out; empty if the body is anything else. */
  static Optional<List<Pair>> flat(byte[] body) {
    try (JsonParser parser = JSON.createParser(utf8(body))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      List<Pair> members = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = wellFormed(parser.currentName());
        JsonToken token = parser.nextToken();
        if (token.isStructStart() || members.size() == MAX_FLAT) {
          return Optional.empty();
        }
        if (token != JsonToken.VALUE_NULL) {
          members.add(new Pair(name, wellFormed(parser.getText())));
        }
      }
      return parser.nextToken() == null ? Optional.of(members) : Optional.empty();
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /**
   * The field at a pointer that was asked for; null if it is absent.
   *
   * @param at which item, where the pointer has a wildcard
   */
  @Nullable Field field(String pointer, int at) {
    return found.get(concrete(pointer, at));
  }

  /** How many items an array under a wildcard has; -1 if there is no such array. */
  int items(String array) {
    return items.getOrDefault(array, -1);
  }

  private static String concrete(String pointer, int at) {
    int star = (pointer + "/").indexOf("/*/");
    return star < 0 ? pointer : pointer.substring(0, star) + "/" + at + pointer.substring(star + 2);
  }

  // Jackson would guess UTF-16 and UTF-32 from the first bytes; JSON between systems is UTF-8 (RFC
  // 8259, section 8.1), and malformed UTF-8 must not be repaired into something else.
  private static char[] utf8(byte[] body) throws CharacterCodingException {
    CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
    char[] text = new char[decoded.remaining()];
    decoded.get(text);
    return text;
  }

  private static String[] segments(String pointer) {
    String[] segments = pointer.substring(1).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      segments[i] = segments[i].replace("~1", "/").replace("~0", "~");
    }
    return segments;
  }

  private List<Integer> all() {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      all.add(i);
    }
    return all;
  }

  private void value(JsonParser parser, int depth, List<Integer> onPath) throws IOException {
    JsonToken token = parser.currentToken();
    if (onPath.isEmpty()) {
      parser.skipChildren();
      return;
    }
    keep(parser, token, depth, onPath);
    if (token == JsonToken.START_OBJECT) {
      object(parser, depth, onPath);
    } else if (token == JsonToken.START_ARRAY) {
      array(parser, depth, onPath);
    }
  }

  private void keep(JsonParser parser, JsonToken token, int depth, List<Integer> onPath)
      throws IOException {
    for (int at : onPath) {
      if (wanted.get(at).length == depth) {
        found.put(concrete(pointers.get(at), item), field(parser, token));
      }
    }
  }

  private static Field field(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_STRING -> new Field(Type.STRING, wellFormed(parser.getText()));
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Field(Type.NUMBER, parser.getText());
      case VALUE_TRUE, VALUE_FALSE -> new Field(Type.BOOLEAN, parser.getText());
      case VALUE_NULL -> new Field(Type.NULL, "");
      default -> new Field(Type.STRUCTURE, "");
    };
  }

  private void object(JsonParser parser, int depth, List<Integer> onPath) throws IOException {
    Set<String> seen = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      List<Integer> next = step(onPath, depth, name, false);
      if (!next.isEmpty() && !seen.add(name)) {
        throw new IOException("a member comes twice");
      }
      parser.nextToken();
      value(parser, depth + 1, next);
    }
  }

  private void array(JsonParser parser, int depth, List<Integer> onPath) throws IOException {
    String array = arrayUnderWildcard(depth, onPath);
    int index = 0;
    for (; parser.nextToken() != JsonToken.END_ARRAY; index++) {
      if (array != null) {
        if (index == MAX_ITEMS) {
          throw new IOException("too many items");
        }
        item = index;
      }
      value(parser, depth + 1, step(onPath, depth, Integer.toString(index), true));
    }
    if (array != null) {
      items.put(array, index);
    }
  }

  private @Nullable String arrayUnderWildcard(int depth, List<Integer> onPath) {
    for (int at : onPath) {
      String[] segments = wanted.get(at);
      if (depth < segments.length && segments[depth].equals("*")) {
        String pointer = pointers.get(at);
        return pointer.substring(0, (pointer + "/").indexOf("/*/"));
      }
    }
    return null;
  }

  private List<Integer> step(List<Integer> onPath, int depth, String name, boolean inArray) {
    List<Integer> next = List.of();
    for (int at : onPath) {
      String[] segments = wanted.get(at);
      boolean fits =
          depth < segments.length
              && (segments[depth].equals("*") ? inArray : segments[depth].equals(name));
      if (fits) {
        next = next.isEmpty() ? new ArrayList<>(2) : next;
        next.add(at);
      }
    }
    return next;
  }

  // "\\ud800" is JSON but no text: written as UTF-8 it and "?" are one.
  private static String wellFormed(String text) throws IOException {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IOException("half a character");
    }
    return text;
  }
}
