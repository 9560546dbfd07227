package dev.gatehouse.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gatehouse.core.Problems;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a line of JSON as a tree, strictly: a key that stands twice and bytes that are not UTF-8
 * are each an {@link UnreadableException}.
 *
 * <p>Not for several threads at a time.
 */
final class JsonLine {
  /** Thrown for a line that cannot be read; its message repeats no value of the line. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message) {
      super(message, null, false, false);
    }
  }

  private final ObjectMapper json = Json.mapper();
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private final CharBuffer scratch = CharBuffer.allocate(1 << 12);

  /** The object that the line is. */
  Map<?, ?> object(byte[] line, int length) throws UnreadableException {
    if (!isText(line, length)) {
      throw new UnreadableException("the line is not UTF-8 text");
    }
    if (tree(line, length) instanceof Map<?, ?> object) {
      return object;
    }
    throw new UnreadableException("the line is not a JSON object");
  }

  /** The case's id, if it can be made out of a line that is not a good one otherwise. */
  @Nullable String idOf(byte[] line, int length) {
    if (length == 0 || line[0] == 0 || (length > 1 && line[1] == 0)) {
      return null;
    }
    try (JsonParser parser = json.getFactory().createParser(line, 0, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = parser.currentName().equals("case");
        JsonToken value = parser.nextToken();
        if (found) {
          return value == JsonToken.VALUE_STRING ? parser.getText() : null;
        }
        parser.skipChildren();
      }
      return null;
    } catch (IOException unreadable) {
      return null;
    }
  }

  // A zero byte would make Jackson take the line for UTF-16 or UTF-32, and JSON knows none.
  private boolean isText(byte[] line, int length) {
    int at = 0;
    while (at < length && line[at] > 0) {
      at++;
    }
    if (at == length) {
      return true;
    }
    ByteBuffer rest = ByteBuffer.wrap(line, at, length - at);
    utf8.reset();
    while (true) {
      scratch.clear();
      CoderResult result = utf8.decode(rest, scratch, true);
      if (result.isError()) {
        return false;
      }
      for (int i = 0; i < scratch.position(); i++) {
        if (scratch.get(i) == 0) {
          return false;
        }
      }
      if (result.isUnderflow()) {
        return true;
      }
    }
  }

  private @Nullable Object tree(byte[] line, int length) throws UnreadableException {
    try {
      return json.readValue(line, 0, length, Object.class);
    } catch (StreamConstraintsException e) {
      throw new UnreadableException("a text, a number or a nesting in the line is too long");
    } catch (JsonProcessingException e) {
      // Jackson's own messages quote the line, and the line holds secrets.
      String what =
          e.getOriginalMessage().startsWith("Duplicate field")
              ? "a key stands twice in one object"
              : "the line is not JSON";
      String where = e.getLocation() == null ? "" : ", at column " + e.getLocation().getColumnNr();
      throw new UnreadableException(what + where);
    } catch (IOException e) {
      throw new UnreadableException("the line is not JSON");
    }
  }

  /** At most ten problems, in one line. */
  static String join(Problems problems) {
    return problems.all().stream()
        .map(Problems.Problem::toString)
        .limit(10)
        .collect(Collectors.joining("; "));
  }
}
