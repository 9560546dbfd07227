package dev.gatehouse.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a few scalars out of a verified JSON body without building a tree.
 *
 * <p>The body is UTF-8, whole, and unambiguous: a member that comes twice on the way to a value
 * that was asked for, nesting deeper than 200, and anything after the document make it unreadable,
 * because the next reader might see another value.
 */
final class JsonScalars {
  private static final int MAX_DEPTH = 200;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();
  // Names are looked up in Jackson's table, which is bounded and salted: only so it reads bytes.
  private static final JsonFactory JSON_IN_BYTES =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .build();
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;

  private final List<String[]> wanted = new ArrayList<>();
  private final List<String> pointers;
  private final Map<String, String> found = new HashMap<>();
  private boolean locating;
  private int from;
  private int to;

  private JsonScalars(List<String> pointers) {
    this.pointers = pointers;
    for (String pointer : pointers) {
      wanted.add(segments(pointer));
    }
  }

  /**
   * The scalars at these pointers (RFC 6901), as text; those that are absent or no scalars are left
   * out. Empty if the body cannot be read.
   */
  static Optional<Map<String, String>> read(byte[] body, List<String> pointers) {
    JsonScalars reader = new JsonScalars(pointers);
    try (JsonParser parser = parser(body)) {
      if (parser.nextToken() == null) {
        return Optional.empty();
      }
      reader.value(parser, 0, reader.all());
      return parser.nextToken() == null ? Optional.of(reader.found) : Optional.empty();
    } catch (IOException | IllegalStateException unreadable) { // the latter: names that collide
      return Optional.empty();
    }
  }

  /**
   * The body without the scalar at this pointer, or the body itself if it is absent or cannot be
   * read.
   */
  static byte[] without(byte[] body, String pointer) {
    JsonScalars reader = new JsonScalars(List.of(pointer));
    reader.locating = true;
    try {
      char[] text = utf8(body);
      try (JsonParser parser = JSON.createParser(text)) {
        parser.nextToken();
        reader.value(parser, 0, reader.all());
      }
      String left = new String(text, 0, reader.from);
      return (left + new String(text, reader.to, text.length - reader.to))
          .getBytes(StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      return body;
    }
  }

  // Of ASCII without NUL Jackson can guess nothing but UTF-8, and there is nothing to decode: the
  // same as text takes three times as long.
  private static JsonParser parser(byte[] body) throws IOException {
    return isAscii(body) ? JSON_IN_BYTES.createParser(body) : JSON.createParser(utf8(body));
  }

  /** Whether each byte is from 1 to 127. */
  static boolean isAscii(byte[] body) {
    int at = 0;
    for (; at <= body.length - Long.BYTES; at += Long.BYTES) {
      long eight = (long) EIGHT.get(body, at);
      // a byte is 0 or above 127 exactly if taking one from it, or it itself, has the high bit
      if ((((eight - ONES) | eight) & HIGHS) != 0) {
        return false;
      }
    }
    for (; at < body.length; at++) {
      if (body[at] <= 0) {
        return false;
      }
    }
    return true;
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
    } else if (token == JsonToken.START_OBJECT) {
      object(parser, depth, onPath);
    } else if (token == JsonToken.START_ARRAY) {
      array(parser, depth, onPath);
    } else if (token != JsonToken.VALUE_NULL) {
      scalar(parser, depth, onPath);
    }
  }

  private void object(JsonParser parser, int depth, List<Integer> onPath) throws IOException {
    Set<String> seen = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      List<Integer> next = step(onPath, depth, name);
      if (!next.isEmpty() && !seen.add(name)) {
        throw new IOException("a member comes twice");
      }
      parser.nextToken();
      value(parser, depth + 1, next);
    }
  }

  private void array(JsonParser parser, int depth, List<Integer> onPath) throws IOException {
    for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
      value(parser, depth + 1, step(onPath, depth, Integer.toString(index)));
    }
  }

  private List<Integer> step(List<Integer> onPath, int depth, String name) {
    List<Integer> next = List.of();
    for (int at : onPath) {
      String[] segments = wanted.get(at);
      if (depth < segments.length && segments[depth].equals(name)) {
        next = next.isEmpty() ? new ArrayList<>(2) : next;
        next.add(at);
      }
    }
    return next;
  }

  private void scalar(JsonParser parser, int depth, List<Integer> onPath) throws IOException {
    for (int at : onPath) {
      if (wanted.get(at).length == depth) {
        found.put(pointers.get(at), wellFormed(parser.getText()));
        locate(parser);
      }
    }
  }

  private void locate(JsonParser parser) throws IOException {
    if (!locating) {
      return;
    }
    from = (int) parser.currentTokenLocation().getCharOffset();
    // A number's end is known to the parser only when it has read what follows.
    to =
        parser.currentToken().isNumeric()
            ? from + parser.getText().length()
            : (int) parser.currentLocation().getCharOffset();
  }

  // "\\ud800" is JSON but no text: written as UTF-8 it and "?" are one, and so would two ids be.
  private static String wellFormed(String text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return encodable(text);
      }
    }
    return text;
  }

  private static String encodable(String text) throws IOException {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IOException("half a character");
    }
    return text;
  }
}
